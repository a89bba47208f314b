"""The page: complete in itself, in the reader's order, and inert whatever a name is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from itertools import pairwise
from typing import Any

import pytest
from audits import FINDING, FLOW, made, recorded
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import HOSTILE, Element, hostile, page_of, parsed, rows_of
from paths import CAPTURES

import auditor
from auditor.judge.tables.columns import TABLES
from auditor.report import Format, reporter

#: Attributes that run a script or fetch something.
ACTIVE = re.compile(r"on\w+|src|srcset|action|formaction|style|http-equiv|ping|background|poster")


def elements(page: Element) -> list[Element]:
    return page.find()


def test_it_loads_nothing_and_runs_only_its_own_script() -> None:
    text = reporter(Format.HTML).audit(recorded("trouble"))
    page = parsed(text)
    (meta,) = page.find("meta", http_equiv="Content-Security-Policy")
    policy = dict(part.split(" ", 1) for part in meta.attributes["content"].split("; "))
    assert policy["default-src"] == "'none'"
    for kind in ("style", "script"):
        (body,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert policy[f"{kind}-src"] == f"'sha256-{digest}'"
    assert "http://" not in text.replace("http://www.w3.org/", "")
    # Only what a reader follows leads elsewhere: to Bareos' manual.
    assert "https://" not in re.sub(r'<a href="https://docs\.bareos\.org/[^"]*"', "<a", text)
    assert [one.attributes["href"] for one in page.find("link")] == ["data:,"]


def test_others_recognise_it_by_its_generator() -> None:
    (meta,) = page_of(recorded("trouble")).find("meta", name="generator")
    assert meta.attributes["content"] == f"bareos-audit {auditor.__version__}"


def test_the_reader_gets_it_in_this_order() -> None:
    page = page_of(recorded("trouble"))
    assert page.find("h1")[0].text.startswith("fail 3 findings (1 high, 2 medium)")
    headings = [one.text for one in page.find("h2")]
    assert headings == [
        "What to know of it",
        "Overview",
        "Topology",
        "Findings",
        "Good to know",
        "Operating modes",
        "Heartbeats",
        "Coverage",
        "Connections",
        "Waived, or known from a baseline",
        "The configuration itself",
        "How it was recorded",
    ]


def test_headings_go_down_step_by_step() -> None:
    levels = [int(one.tag[1]) for one in elements(page_of(recorded("trouble"))) if one.tag in
              {"h1", "h2", "h3", "h4"}]  # fmt: skip
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("evil", HOSTILE)
def test_a_hostile_name_is_inert(evil: str) -> None:
    text = hostile(evil)
    page, plain = parsed(text), parsed(hostile("plain"))
    assert {one.tag for one in elements(page)} <= {one.tag for one in elements(plain)}
    assert len(page.find("script")) == len(plain.find("script"))
    for one in elements(page):
        active = {name for name in one.attributes if ACTIVE.fullmatch(name)}
        assert not active or (one.tag, active) == ("meta", {"http-equiv"})
    assert not set(text) & set("\x1b\x9b\u202e\u2066\u200f\x07")
    assert len(text) < 400_000


@pytest.mark.parametrize("evil", HOSTILE)
def test_what_the_script_shows_has_no_mark_either(evil: str) -> None:
    page = page_of(made(flows=[{**FLOW, "identity_name": evil, "identity_type": "R_CONSOLE"}]))
    (row,) = rows_of(page, "connections")
    assert not set("".join(row)) & set("\x1b\x9b\u202e\u2066\u200f\x07")
    if evil.isprintable() and len(evil) < 100:
        assert f"R_CONSOLE {evil}" in row


def test_the_same_audit_gives_the_same_page() -> None:
    report = reporter(Format.HTML)
    assert report.audit(recorded("trouble")) == report.audit(recorded("trouble"))


def test_a_check_is_a_page_too() -> None:
    check = auditor.check(CAPTURES / "trouble" / "config", resolve=False)
    page = parsed(reporter(Format.HTML).check(check))
    assert page.find("h1")[0].text.startswith(check.verdict)
    assert "the configuration of" in page.find("dl")[0].text
    assert len(page.find("g", of_class="arrow")) == 13


def test_nothing_seen_makes_a_page() -> None:
    page = page_of(made(captures=()))
    assert page.find("h1")[0].text.startswith("could not look")
    assert {one.attributes["aria-label"].rpartition(": ")[2] for one in
            page.find("g", of_class="arrow")} == {"not exercised, none seen"}  # fmt: skip


def test_many_flows_are_data_and_few_are_markup() -> None:
    page = page_of(made(flows=[{**FLOW, "id": f"f{number}"} for number in range(3000)]))
    assert len(rows_of(page, "connections")) == 3000
    assert len(page.find("div", data_grid="connections")[0].find("tr")) == 26
    assert "The first 25 of 3,000" in page.text


@pytest.mark.parametrize("name", ["trouble", "heartbeat", "modes"])
def test_it_counts_as_the_json_report_does(name: str) -> None:
    audit = recorded(name)
    document = json.loads(reporter(Format.JSON).audit(audit))
    page = page_of(audit)
    numbers = [row[0] for row in rows_of(page, "connections")]
    assert len(numbers) == len(document["flows"])
    by_connection = document["summary"]["by_connection"]
    assert {number: numbers.count(number) for number in by_connection} == by_connection
    coverage = document["summary"]["coverage"]
    expected = rows_of(page, "expectations")
    assert len(expected) == coverage["expectations"]
    assert [row[1] for row in expected].count("exercised") == coverage["exercised"]
    states = [row[1] for row in rows_of(page, "connections")]
    assert states.count("pass") == coverage["proven"]
    fails = sum(n for word, n in document["summary"]["by_severity"].items() if word != "info")
    told = page.find("h1")[0].text
    assert f"{fails} finding" in told if fails else document["summary"]["verdict"] in told


#: Any text of any table, within what an audit may hold there.
FREE = {
    table: [name for name, column in TABLES[table].items() if column.dtype in ("str", "list")
            and not column.words and name not in ("rule", "rules")]
    for table in ("flows", "findings", "expectations", "captures")
}  # fmt: skip


@given(st.data())
@settings(max_examples=10)
def test_any_text_anywhere_makes_a_page_that_is_whole(data: st.DataObject) -> None:
    texts = st.text(max_size=12) | st.sampled_from(HOSTILE[:-2])

    def row(table: str, known: dict[str, Any]) -> dict[str, Any]:
        chosen = data.draw(st.sets(st.sampled_from(FREE[table]), max_size=6))
        lists = {name for name in chosen if TABLES[table][name].dtype == "list"}
        drawn = {name: data.draw(texts) for name in sorted(chosen)}
        return {**known, **{k: [v] if k in lists else v for k, v in drawn.items()}}

    audit = made(
        flows=[row("flows", {**FLOW}), row("flows", {**FLOW, "id": "f2", "connection": ""})],
        findings=[row("findings", {**FINDING}), row("findings", {**FINDING, "verdict": "note"})],
        captures=[row("captures", {"name": "a"})],
        expectations=[row("expectations", {"id": "x", "connection": "5a"})],
    )
    text = reporter(Format.HTML).audit(audit)
    page = parsed(text)
    assert len(page.find("g", of_class="arrow")) == 13
    assert {one.attributes.get("type") for one in page.find("script")} == {None, "application/json"}
    assert len(page.find("script", type="")) == 0
    assert not set(text) & set("\x1b\x9b\u202e\u2066\x07")
