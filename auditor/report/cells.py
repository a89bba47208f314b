"""One cell of a table as a plain value: what is missing is None, a time is its ISO 8601 text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from math import isfinite
from typing import Any

from auditor.judge.tables.table import Table
from auditor.text.times import iso

#: Rows that are made together: each takes several KB as a dict.
_CHUNK = 512

Value = str | int | float | bool | list[str] | None


#: How the cells of a dtype that are not missing are shown; the others are shown as they are.
_SHOWN: Mapping[str, Callable[[Any], Value]] = {
    "str": lambda text: text or None,
    "Float64": lambda number: number if isfinite(number) else None,
    "time": iso,
}


def records(table: Table) -> list[dict[str, Value]]:
    """Return the rows of a table as plain values, columns in their order.

    A missing number, time or text is None: no text is ever empty.
    """
    return list(iter_records(table))


def iter_records(
    table: Table, columns: Collection[str] | None = None
) -> Iterator[dict[str, Value]]:
    """Yield the same rows, some of them made at a time, with these columns or all."""
    wanted = {name: table.columns[name] for name in columns or table.columns}
    for start in range(0, len(table), _CHUNK):
        stop = min(start + _CHUNK, len(table))
        shown = [
            _plain(table.values(name, start, stop), column.dtype) for name, column in wanted.items()
        ]
        for row in zip(*shown, strict=True):
            yield dict(zip(wanted, row, strict=True))


def _plain(values: list[Any], dtype: str) -> list[Value]:
    show = _SHOWN.get(dtype)
    if show is None:
        return values
    return [None if value is None else show(value) for value in values]


def number(row: Mapping[str, Value], column: str) -> float | None:
    """Return a numeric cell of a plain row, None where it is missing."""
    value = row[column]
    return value if isinstance(value, int | float) else None


def text(row: Mapping[str, Value], column: str) -> str:
    """Return a text cell of a plain row, empty where it is missing."""
    value = row[column]
    return value if isinstance(value, str) else ""


def texts(row: Mapping[str, Value], column: str) -> list[str]:
    """Return a list cell of a plain row."""
    value = row[column]
    return value if isinstance(value, list) else []
