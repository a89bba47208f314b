"""Two audits beside each other, for a person, a program and a spreadsheet."""

from __future__ import annotations

import csv
import json

import jsonschema
import pytest
from audits import ROOT, recorded

from auditor.comparison import Compared, Comparison, State, compare
from auditor.report import Format, reporter
from auditor.report.interface import RenderOptions
from auditor.result import Basis

BOTH = compare(recorded("heartbeat"), recorded("trouble"))


def one(state: State, number: int = 1, **others: object) -> Compared:
    given = {
        "id": f"a-rule-{number}",
        "state": state,
        "rule": "a-rule",
        "severity": "high",
        "message": f"message {number}",
        "reason": "",
        "sources": (),
        "remedy": "mend it",
        **others,
    }
    return Compared(**given)  # type: ignore[arg-type]


def shown(*findings: Compared, old: Basis = Basis(), new: Basis = Basis()) -> str:  # noqa: B008
    return reporter(Format.TABLE, RenderOptions(width=80)).comparison(
        Comparison(old, new, findings)
    )


def test_the_counts_come_first() -> None:
    text = shown(one(State.OPENED), one(State.CLOSED), one(State.CLOSED), one(State.UNCHANGED))
    assert text.startswith("1 opened, 2 closed, 1 unchanged\n")


def test_both_dates_are_told() -> None:
    made = Basis(made=1_800_000_000_000_000_000)
    assert "from an unknown date to 2027-01-15 08:00:00 UTC\n" in shown(new=made)


def test_what_is_opened_has_its_places_and_what_to_do() -> None:
    sources = tuple(f"/etc/bareos/{name}.conf:{name}" for name in range(1, 6))
    text = shown(one(State.OPENED, sources=sources, reason="it was low before"))
    assert "high    message 1 [it was low before] (a-rule-1)\n" in text
    assert (
        "  see   1.conf:1\n        2.conf:2\n        3.conf:3\n        … and 2 more files" in text
    )
    assert "  do    mend it\n" in text


def test_what_is_over_or_stays_is_one_paragraph() -> None:
    text = shown(one(State.CLOSED, sources=("a:1",)), one(State.UNCHANGED, sources=("a:1",)))
    assert "see" not in text
    assert "mend it" not in text


def test_of_thousands_some_are_shown() -> None:
    text = shown(*(one(State.CLOSED, number) for number in range(500)))
    assert "and 300 more findings; JSON and CSV have each" in " ".join(text.split())
    assert "a-rule-199)" in text
    assert "a-rule-200)" not in text


@pytest.mark.parametrize("comparison", [BOTH, Comparison(Basis(), Basis(), ())])
def test_the_json_document_is_as_the_schema_says(comparison: Comparison) -> None:
    document = json.loads(reporter(Format.JSON).comparison(comparison))
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text())
    jsonschema.validate(document, {**schema, "oneOf": [{"$ref": "#/$defs/compare"}]})
    assert sum(document["summary"].values()) == len(document["findings"])


def test_every_format_has_the_same_findings() -> None:
    rows = list(csv.DictReader(reporter(Format.CSV).comparison(BOTH).splitlines()))
    document = json.loads(reporter(Format.JSON).comparison(BOTH))
    assert [row["id"] for row in rows] == [one["id"] for one in document["findings"]]
    text = " ".join(reporter(Format.TABLE).comparison(BOTH).split())
    assert all(row["id"] in text for row in rows)
    assert rows


def test_nothing_that_is_hostile_is_shown_as_it_is() -> None:
    evil = one(State.OPENED, message="a\x1b[31m\u202eb", sources=("\x1b:1",), remedy="\x07")
    assert all(c.isprintable() or c == "\n" for c in shown(evil))
