"""Every report of every recording against what is kept of it: the table as text, and of the other
formats a digest. After a wanted change: UPDATE_SNAPSHOTS=1 pytest tests/report"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
from contextlib import chdir
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pages import without_pictures
from paths import CAPTURES, ROOT

import auditor
from auditor import __version__
from auditor.report import Format, RenderOptions, TableName, reporter

KEPT = Path(__file__).parent / "snapshots" / "every"
FOUND = {
    str(path.relative_to(CAPTURES).with_suffix("")).replace("/", "."): path
    for path in sorted(CAPTURES.rglob("*.pcap*"))
}


@cache
def audit_of(name: str) -> auditor.Audit:
    """Return the audit of a recording, against the configuration of its network."""
    path = FOUND[name].relative_to(ROOT)
    config = next(above / "config" for above in path.parents if (ROOT / above / "config").is_dir())
    with chdir(ROOT):
        return auditor.audit(path, config=config, resolve=False)


@cache
def report(name: str, chosen: Format) -> str:
    options = RenderOptions(width=100, table=TableName.FINDINGS)
    text = reporter(chosen, options).audit(audit_of(name))
    return text.replace(__version__, "VERSION")


def digest(name: str, chosen: Format) -> str:
    text = report(name, chosen)
    text = without_pictures(text) if chosen is Format.HTML else text
    return f"{chosen}: sha256 {hashlib.sha256(text.encode()).hexdigest()}\n"


@pytest.mark.parametrize("name", FOUND)
def test_all_its_reports_are_as_they_were(name: str) -> None:
    digests = [digest(name, one) for one in Format if one is not Format.TABLE]
    text = report(name, Format.TABLE) + "\n" + "".join(digests)
    path = KEPT / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_nothing_is_kept_of_what_is_no_recording() -> None:
    assert {path.stem for path in KEPT.iterdir()} == {*FOUND}


@pytest.mark.parametrize("name", FOUND)
def test_all_its_reports_agree_on_counts(name: str) -> None:
    document = json.loads(report(name, Format.JSON))
    found = sorted((row["id"], row["verdict"]) for row in document["findings"])
    rows = csv.DictReader(io.StringIO(report(name, Format.CSV)))
    assert sorted((row["id"], row["verdict"]) for row in rows) == found
    lines = [json.loads(line) for line in report(name, Format.JSONL).splitlines()]
    assert sorted((r["id"], r["verdict"]) for r in lines if r["table"] == "findings") == found
    (run,) = json.loads(report(name, Format.SARIF))["runs"]
    kinds = {"fail": "fail", "review": "unknown", "informational": "note"}
    prints = [(next(iter(r["partialFingerprints"].values())), r["kind"]) for r in run["results"]]
    assert sorted((one, kinds[kind]) for one, kind in prints) == found
    failed = {row["rule"] for row in document["findings"] if row["verdict"] == "fail"}
    root = ElementTree.fromstring(report(name, Format.JUNIT))
    rules = [case for suite in root if suite.attrib["name"] == "rules" for case in suite]
    assert {case.attrib["name"] for case in rules if case.find("failure") is not None} == failed
    total = sum(document["summary"]["by_severity"][one] for one in ("high", "medium", "low"))
    assert len(set(found)) == len(found)
    same = auditor.compare(audit_of(name), audit_of(name))
    assert [one.state for one in same.findings] == ["unchanged"] * total
    for chosen in (Format.TABLE, Format.MARKDOWN, Format.HTML):
        words = " ".join(re.sub(r"<[^>]*>", " ", report(name, chosen)).split())
        told = re.search(r"\bfail (?:\(\w+\): )?(\d+) findings?", words)
        assert (int(told[1]) if told else 0) == total, chosen
