"""JSON Lines: the JSON reports cut into lines, so that a program reads row after row.

Each line is one object, whose ``table`` says what it is a row of. The first one is the ``summary``:
the schema (``bareos-audit-lines/1`` …), and all of the JSON report but its tables. The rows of a
table are those of the JSON report, in the same order; what is a list of texts there has one line
each, with the text under the name of ``TEXTS``. A reader skips tables that it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.report.json_document import JsonReport

#: The lists of texts, and the key of each text.
TEXTS: Mapping[str, str] = {"problems": "text", "failed": "flow"}


class JsonLinesReport(JsonReport):
    """The report for programs that read line by line."""

    def parts(self, document: Mapping[str, Any]) -> Iterator[str]:
        """Yield a document line by line, its summary first."""
        name, _, version = document["schema"].partition("/")
        tables = {key: value for key, value in document.items() if _is_table(value)}
        rest = {key: value for key, value in document.items() if key not in tables}
        yield _line({"table": "summary", **rest, "schema": f"{name}-lines/{version}"})
        for table, rows in tables.items():
            mark = f'{{"table": {json.dumps(table)}, '
            for row in rows:
                shown = row if isinstance(rows, Iterator) else json.dumps(_object(table, row))
                yield f"{mark}{shown.removeprefix('{')}\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, list | Iterator)


def _object(table: str, row: Any) -> Any:
    return {TEXTS[table]: row} if isinstance(row, str) else row


def _line(members: Mapping[str, Any]) -> str:
    return f"{json.dumps(members, allow_nan=False)}\n"
