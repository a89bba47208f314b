"""One cell of a table as a plain value: what is missing is None, a time is its ISO 8601 text."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import pandas as pd

from auditor.judge.tables.columns import TOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = str | int | float | bool | list[str] | None


def records(name: str, table: pd.DataFrame) -> list[dict[str, Value]]:
    """Return the rows of a table as plain values, columns in their order.

    A missing number, time or text is None: no text is ever empty.
    """
    columns = TOLD[name]
    told = {
        column: [plain(cell) for cell in table[column].tolist()]
        for column in columns
        if column in table
    }
    return [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]


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


def plain(cell: Any) -> Value:
    """Return one cell of a table as a plain value."""
    if isinstance(cell, list):
        return [str(item) for item in cell]
    if isinstance(cell, str):
        return str(cell) or None  # an enum's member becomes its text
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, pd.Timestamp):
        return iso(cell)
    value: Value = cell
    return None if isinstance(value, float) and not isfinite(value) else value


def iso(time: pd.Timestamp) -> str:
    """Return a time as ISO 8601 in UTC with nanoseconds and ``Z``."""
    return time.tz_convert("UTC").isoformat(timespec="nanoseconds").replace("+00:00", "Z")
