"""What the schema of the JSON reports is put together from."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.judge.tables.columns import ALL_TABLES
from auditor.report.pages.vocabulary import TYPES, Schema

COUNT: Schema = {"type": "integer", "minimum": 0}


def cell_of(table: str, name: str) -> Schema:
    """Return the schema of one column of a table."""
    column = ALL_TABLES[table][name]
    words = [*column.listed_words(), *([None] if column.optional else [])]
    kind: Schema = {"enum": words} if column.words else TYPES[column.dtype]
    return {**kind, "description": column.meaning}


def rows_of(name: str, description: str) -> Schema:
    """Return the schema of a list of what ``$defs`` has under a name."""
    items = {"$ref": f"#/$defs/{name}"}
    return {"type": "array", "items": items, "description": description}


def document(schema: str, properties: Mapping[str, Schema]) -> Schema:
    """Return the schema of one of the documents."""
    return object_of(
        {
            "schema": {"const": schema, "description": "name and version of this document"},
            "version": {"type": "string", "description": "of bareos-audit"},
            **properties,
        }
    )


def object_of(properties: Mapping[str, Schema]) -> Schema:
    """Return the schema of an object that has all of these members, and may have more."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": dict(properties),
        "additionalProperties": True,
    }
