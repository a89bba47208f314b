"""Whatever stands in a cell that others write, no format makes anything of it but text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest
from audits import CAPTURE, FINDING, FLOW, made
from forge import inline
from markdown_it import MarkdownIt
from pages import HOSTILE, parsed

from auditor.comparison import compare
from auditor.judge.tables.columns import TABLES
from auditor.report import Format, RenderOptions, TableName, reporter
from auditor.result import Audit, Basis

EVIL = [
    *HOSTILE,
    "=cmd|' /C calc'!A0",
    "\t@SUM(1)",
    "\r\n+1\n| - |\n\n# x",
    "</title></svg><script>alert(1)</script>",
    "x' onmouseover='alert(1)' y=\"",
    "![x](https://evil.example/x.png) <img src=x>",
    "\u2028\u200e\u061c\u2067\U000e0041",
    "9" * 5000,
]
#: What a terminal, an editor or a page would obey: controls, and marks that reorder text.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: Cells that lead from one row to another, or to a rule.
KEYS = {"id", "rule", "rules", "flow", "flows"}


def row(table: str, evil: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with ``evil`` in all texts that are none of a few words, and no key."""
    cells: dict[str, Any] = {}
    for name, column in TABLES[table].items():
        if column.words or name in KEYS:
            continue
        if column.dtype == "str":
            cells[name] = evil
        elif column.dtype == "list":
            cells[name] = [evil, f"column={evil}", f"{evil}:12", f"connection-refused: {evil}"]
    return {**known, **cells}


@cache
def audit(evil: str) -> Audit:
    finding = {**FINDING, "rules": ["connection-refused"], "flows": ["f1"]}
    waived = row("findings", evil, finding)
    fails = [{**waived, "waived": ""}, {**waived, "waived": "", "verdict": "unknown"}, waived]
    capture = row("captures", evil, {**CAPTURE, "incomplete": True, "recording": 1})
    captures = [
        {**capture, "frames_before": 0},
        {**capture, "name": f"{evil}{evil}", "frames_before": 5},
    ]
    told = made(
        flows=[row("flows", evil, {**FLOW, "first_frame": 3, "hello_frame": 7, "last_frame": 9})],
        findings=[{**one, "id": evil} for one in fails],
        captures=captures,
        expectations=[row("expectations", evil, {"connection": "4", "id": evil})],
        probes=[row("probes", evil, {"flow": "f1"})],
        problems=[evil, f"{evil}:1: {evil}"],
    )
    basis = Basis(1, evil, (evil,), evil, evil, (evil,), evil, 1, (evil,))
    return replace(told, statements=(evil,), basis=basis)


EACH = pytest.mark.parametrize("evil", EVIL, ids=lambda text: ascii(text)[:20])


@EACH
def test_no_format_lets_through_what_anything_obeys(evil: str) -> None:
    same = compare(audit(evil), audit(evil))
    for chosen in Format:
        texts = [reporter(chosen).audit(audit(evil))]
        if chosen not in {Format.SARIF, Format.JUNIT, Format.JSONL}:
            texts.append(reporter(chosen).comparison(same))
        for text in texts:
            text.encode("utf-8")
            assert OBEYED.search(text) is None, chosen


@EACH
def test_programs_read_what_was_written_and_no_cell_is_a_formula(evil: str) -> None:
    assert json.loads(reporter(Format.JSON).audit(audit(evil)))["flows"][0]["id"] == "f1"
    json.loads(reporter(Format.SARIF).audit(audit(evil)))
    ElementTree.fromstring(reporter(Format.JUNIT).audit(audit(evil)))
    for line in reporter(Format.JSONL).audit(audit(evil)).splitlines():
        assert json.loads(line)["table"]
    for table in TableName:
        text = reporter(Format.CSV, RenderOptions(table=table)).audit(audit(evil))
        rows = [*csv.reader(io.StringIO(text))]
        assert len(rows) == len(audit(evil).tables[table]) + 1 == text.count("\n")
        assert not [cell for cells in rows for cell in cells if cell[:1] in tuple("=+-@\t\r")]


@EACH
def test_a_page_has_no_element_or_attribute_of_others(evil: str) -> None:
    page = parsed(reporter(Format.HTML).audit(audit(evil)))
    elements = page.find()
    assert not {one.tag for one in elements} & {"img", "iframe", "object", "embed", "base"}
    scripts = [one for one in elements if one.tag == "script" and "type" not in one.attributes]
    assert len(scripts) == 1
    for one in elements:
        for name, value in one.attributes.items():
            assert not name.startswith("on"), name
            if name in {"href", "src", "action"} or name.endswith(":href"):
                known = ("#", "https://docs.bareos.org/")
                assert value.startswith(known) or value == "data:,", value[:80]


@EACH
def test_a_comment_has_no_link_picture_or_markup_of_others(evil: str) -> None:
    tokens = MarkdownIt().enable("table").parse(reporter(Format.MARKDOWN).audit(audit(evil)))
    for one in inline(tokens):
        assert one.type != "image"
        if one.type == "link_open":
            assert str(one.attrs["href"]).startswith("https://docs.bareos.org/")
        if one.type == "html_inline":
            assert re.fullmatch(r"</?(?:b|strong|code|sub|br|details|summary)>", one.content)
