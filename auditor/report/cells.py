"""One cell of a table as a plain value: what is missing is None, a time is its ISO 8601 text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, overload

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
            plain(table.values(name, start, stop), column.dtype) for name, column in wanted.items()
        ]
        for row in zip(*shown, strict=True):
            yield dict(zip(wanted, row, strict=True))


class PlainRows(Sequence[Mapping[str, Value]]):
    """The same rows, of which each cell is made when it is asked for: a million of them as mappings
    would take gigabytes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Value]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Value]]: ...
    def __getitem__(
        self, index: int | slice
    ) -> Mapping[str, Value] | Sequence[Mapping[str, Value]]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return _PlainRow(self._table, index % len(self))

    def __iter__(self) -> Iterator[Mapping[str, Value]]:
        return (_PlainRow(self._table, index) for index in range(len(self._table)))


class _PlainRow(Mapping[str, Value]):
    __slots__ = ("_index", "_table")

    def __init__(self, table: Table, index: int) -> None:
        self._table = table
        self._index = index

    def __getitem__(self, name: str) -> Value:
        value = self._table.stored[name].cell(self._index)
        show = _SHOWN.get(self._table.columns[name].dtype)
        return value if show is None or value is None else show(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.columns)

    def __len__(self) -> int:
        return len(self._table.columns)


def plain(values: list[Any], dtype: str) -> list[Value]:
    """Return the cells of a column with this dtype as plain values."""
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
