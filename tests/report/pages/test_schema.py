"""Every JSON report keeps docs/report.schema.json, and that file is the one that the code makes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from audits import FINDING, FLOW, RECORDINGS, ROOT, expected, made, recorded
from jsonschema import Draft202012Validator, ValidationError
from paths import CAPTURES

import auditor
from auditor.judge.rules.rule import load_rules
from auditor.report import Format, reporter
from auditor.report.pages.schema import report_schema
from auditor.site.middleboxes import middleboxes

WRITTEN = json.loads((ROOT / "docs/report.schema.json").read_text(encoding="utf-8"))


def validate(text: str) -> Any:
    document = json.loads(text)
    Draft202012Validator(WRITTEN).validate(document)
    return document


def test_the_file_is_up_to_date() -> None:
    assert report_schema() == WRITTEN, (
        "python -m auditor.report.pages.schema > docs/report.schema.json"
    )


def test_it_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(WRITTEN)


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}).items()
        for value in schema.values():
            yield from properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from properties(value)


def test_every_property_is_described() -> None:
    found = list(properties(WRITTEN))
    assert len(found) > 100
    assert [name for name, of in found if not of.get("description")] == []


@pytest.mark.parametrize("configured", [True, False])
@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recording_keeps_it(name: str, configured: bool) -> None:
    document = validate(reporter(Format.JSON).audit(recorded(name, configured=configured)))
    assert document["schema"] == "bareos-audit/1"
    assert len(document["flows"]) > 5


def test_what_was_found_in_a_configuration_keeps_it() -> None:
    text = reporter(Format.JSON).check(auditor.check(CAPTURES / "trouble/config", resolve=False))
    assert validate(text)["schema"] == "bareos-check/1"


def test_middleboxes_keep_it() -> None:
    text = reporter(Format.JSON).idle_limits([*middleboxes().values()])
    assert validate(text)["schema"] == "bareos-idle-limits/1"


def test_an_audit_of_nothing_keeps_it() -> None:
    assert validate(reporter(Format.JSON).audit(made(captures=())))["flows"] == []


@pytest.mark.parametrize("name", ["trouble", "lan"])
def test_expectations_keep_it(name: str) -> None:
    document = validate(reporter(Format.JSON).expectations(expected(name)))
    assert document["schema"] == "bareos-expect/1"
    assert document["expectations"]
    assert "exercised" not in document["expectations"][0]


def test_the_catalogue_keeps_it() -> None:
    document = validate(reporter(Format.JSON).rules(load_rules()))
    assert document["schema"] == "bareos-rules/1"
    assert len(document["rules"]) == len(load_rules())


@pytest.mark.parametrize(
    ("column", "value"), [("outcome", "lost"), ("connection", "13"), ("transport", "quic")]
)
def test_a_word_that_is_none_of_the_few_breaks_it(column: str, value: str) -> None:
    document = json.loads(reporter(Format.JSON).audit(made(flows=[FLOW])))
    document["flows"][0][column] = value
    with pytest.raises(ValidationError):
        validate(json.dumps(document))


def test_the_words_of_a_column_are_those_of_the_contract() -> None:
    flow = WRITTEN["$defs"]["flow"]["properties"]
    assert flow["outcome"]["enum"] == ["established", "unanswered", "refused", "midstream"]
    assert flow["permission"]["enum"] == ["required", "allowed", "forbidden", None]
    assert flow["heartbeat"]["properties"]["fault"]["enum"][-1] is None


def test_a_missing_key_breaks_it() -> None:
    document = json.loads(reporter(Format.JSON).audit(made(flows=[FLOW], findings=[FINDING])))
    del document["findings"][0]["remedy"]
    with pytest.raises(ValidationError):
        Draft202012Validator(WRITTEN).validate(document)
