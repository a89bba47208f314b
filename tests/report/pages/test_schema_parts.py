"""The parts of the schema: what is missing is null, and objects may gain keys."""

from __future__ import annotations

import jsonschema
import pytest

from auditor.report.pages.schema_parts import cell_of, document, object_of, rows_of


@pytest.mark.parametrize(
    ("column", "fits", "not_so"),
    [
        ("connection", ["5a", None], ["13", 5]),
        ("outcome", ["established"], [None, ""]),
        ("hello", ["Hello", None], ["", 1]),
        ("syns", [0, None], ["0", 1.5]),
        ("started", ["2027-01-15T08:00:00.123456789Z", None], ["2027-01-15"]),
        ("identity_sources", [[], ["a:1"]], [None]),
    ],
)
def test_a_cell(column: str, fits: list[object], not_so: list[object]) -> None:
    schema = cell_of("flows", column)
    assert schema["description"]
    for value in fits:
        jsonschema.validate(value, schema)
    for value in not_so:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, schema)


def test_an_object_has_all_its_members_and_may_have_more() -> None:
    schema = object_of({"a": {"type": "integer"}})
    jsonschema.validate({"a": 1, "b": 2}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"b": 2}, schema)


def test_a_document_names_its_schema_and_its_rows() -> None:
    schema = {**document("x/1", {"of": rows_of("row", "all")}), "$defs": {"row": object_of({})}}
    jsonschema.validate({"schema": "x/1", "version": "0", "of": [{}]}, schema)
    for wrong in ({"schema": "x/2", "version": "0", "of": []}, {"schema": "x/1", "of": [1]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
