"""A table of an audit as columns: arrays for conditions, plain values and rows for all others.

Outside, a cell is a plain Python value: text (missing: empty), a number or a time in ns UTC
(missing: None), a bool, or a list of texts. Inside, numbers are numpy arrays with a mask of what is
known, so that a table of many flows stays small and a condition is evaluated on all rows at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import isnan
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from auditor.judge.tables.columns import ALL_TABLES, Column

Mask = npt.NDArray[np.bool_]

#: Rows that are taken in at once. One row takes several KB as a dict, so not all are held together.
_CHUNK = 1024


class _Kind(NamedTuple):
    """How the cells of a dtype come in and are stored."""

    types: tuple[type, ...]
    stored: Any
    missing: Any
    """What stands in the array where the value is missing."""
    masked: bool
    """A value may be missing, which the mask tells; in the others what is missing is a value."""


_KINDS: Mapping[str, _Kind] = {
    "str": _Kind((str,), np.object_, "", masked=False),
    "Int64": _Kind((int,), np.int64, 0, masked=True),
    "Float64": _Kind((float, int), np.float64, 0.0, masked=True),
    "bool": _Kind((bool,), np.bool_, False, masked=False),
    "time": _Kind((int,), np.int64, 0, masked=True),
    "list": _Kind((list, tuple), np.object_, (), masked=False),
}


class Cells(NamedTuple):
    """One column as an array, shape (rows,)."""

    values: Any
    """dtype object for texts and lists, int64 (times too), float64 or bool; where the value is
    not known, it means nothing."""
    known: Mask | None
    """False where the value is missing; None: no value is."""


class Table:
    """Rows of one table, with exactly the columns of its contract."""

    def __init__(self, columns: Mapping[str, Column], rows: Iterable[Mapping[str, Any]]) -> None:
        """A row may leave out what does not apply to it, or give None for it.

        Raises ValueError for a key that is no column and for a value that its column cannot hold.
        """
        self.columns = columns
        """Column by name, in order."""
        parts = [_take_in(columns, chunk) for chunk in _chunks(rows)]
        self._cells = {name: _join([part[name] for part in parts]) for name in columns}
        self._length = len(next(iter(self._cells.values())).values)

    def __len__(self) -> int:
        return self._length

    def cells(self, name: str) -> Cells:
        """Return a column as an array, which is not to be changed."""
        return self._cells[name]

    def values(self, name: str) -> list[Any]:
        """Return a column as plain values."""
        values, known = self._cells[name]
        plain: list[Any] = values.tolist()
        if known is None:
            return plain
        return [value if there else None for value, there in zip(plain, known, strict=True)]

    def row(self, index: int) -> Row:
        """Return one row."""
        return Row(self, index)

    def rows(self) -> Iterator[Row]:
        """Yield the rows in order."""
        return (Row(self, index) for index in range(self._length))


class Row(Mapping[str, Any]):
    """One row of a table; a cell becomes a plain value when it is asked for."""

    __slots__ = ("_index", "table")

    def __init__(self, table: Table, index: int) -> None:
        self.table = table
        self._index = index

    def __getitem__(self, name: str) -> Any:
        values, known = self.table.cells(name)
        if known is not None and not known[self._index]:
            return None
        value = values[self._index]
        return value.item() if isinstance(value, np.generic) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.columns)

    def __len__(self) -> int:
        return len(self.table.columns)


def build(name: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return one of the contract's tables with these rows. Raises ValueError as ``Table`` does."""
    return Table(ALL_TABLES[name], rows)


def _chunks(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the rows chunk by chunk; where there are none, one empty chunk."""
    left = iter(rows)
    yield list(islice(left, _CHUNK))
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def _take_in(columns: Mapping[str, Column], rows: list[Mapping[str, Any]]) -> dict[str, Cells]:
    unknown = set[str]().union(*rows) - columns.keys()
    if unknown:
        raise ValueError(f"no column is called {min(unknown)!r}")
    return {
        name: _column(name, column, [row.get(name) for row in rows])
        for name, column in columns.items()
    }


def _column(name: str, column: Column, values: list[Any]) -> Cells:
    kind = _KINDS[column.dtype]
    for found in set(map(type, values)) - {type(None)}:
        if not issubclass(found, kind.types):
            raise ValueError(f"{name} is {column.dtype} and cannot hold {found.__name__}")
    if column.dtype == "str":  # the member of an enum becomes its text
        values = [value if type(value) is str else str(value or "") for value in values]
    elif column.dtype == "list":
        values = [[str(item) for item in value or ()] for value in values]
    elif column.dtype == "Float64":
        values = [None if value is None or isnan(value) else value for value in values]
    known = None
    if None in values:
        known = np.array([value is not None for value in values]) if kind.masked else None
        values = [kind.missing if value is None else value for value in values]
    return Cells(np.fromiter(values, kind.stored, len(values)), known)


def _join(parts: list[Cells]) -> Cells:
    if len(parts) == 1:
        return parts[0]
    known = None
    if any(part.known is not None for part in parts):
        known = np.concatenate(
            [np.ones(len(p.values), bool) if p.known is None else p.known for p in parts]
        )
    return Cells(np.concatenate([part.values for part in parts]), known)
