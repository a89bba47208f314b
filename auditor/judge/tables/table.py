"""A table of an audit as columns, and its rows as mappings.

A cell is a plain Python value: text (missing: empty), a number or a time in ns UTC (missing: None),
a bool, or a list of texts. ``arrays`` has the same columns for conditions, ``frames`` the whole
table for whoever audits from Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from auditor.judge.tables.column import Column
from auditor.judge.tables.columns import ALL_TABLES
from auditor.judge.tables.stored_column import StoredColumn
from auditor.text.markup import html_table

#: Rows that are taken in at once. One row takes several KB as a dict, so not all are held together.
_CHUNK = 1024
#: Rows that a notebook shows.
_SHOWN = 20


class Table:
    """Rows of one table, with exactly the columns of its contract."""

    def __init__(self, columns: Mapping[str, Column], rows: Iterable[Mapping[str, Any]]) -> None:
        """A row may leave out what does not apply to it, or give None for it.

        Raises ValueError for a key that is no column and for a value that its column cannot hold.
        """
        self.columns = columns
        """Column by name, in order."""
        self.stored = {name: StoredColumn(name, column) for name, column in columns.items()}
        """The cells by the column's name, which are not to be changed."""
        self.arrays: dict[str, Any] = {}
        """What the module ``arrays`` made of them, kept from one condition to the next."""
        self._length = 0
        left = iter(rows)
        while chunk := list(islice(left, _CHUNK)):
            self._take_in(chunk)

    def _take_in(self, rows: Sequence[Mapping[str, Any]]) -> None:
        unknown = set[str]().union(*rows) - self.columns.keys()
        if unknown:
            raise ValueError(f"no column is called {min(unknown)!r}")
        cells = [row.get for row in rows]
        for name, column in self.stored.items():
            column.extend([cell(name) for cell in cells])
        self._length += len(rows)

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        alike = len(self) == len(other) and list(self.columns) == list(other.columns)
        return alike and all(self.values(name) == other.values(name) for name in self.columns)

    __hash__ = None  # type: ignore[assignment]

    def _repr_html_(self) -> str:
        """Return the first rows as a notebook shows them."""
        shown = min(len(self), _SHOWN)
        rows = ([self.row(index)[name] for name in self.columns] for index in range(shown))
        caption = f"{shown:,} of {len(self):,} rows" if shown < len(self) else ""
        return html_table([*self.columns], rows, caption)

    def values(self, name: str, start: int = 0, stop: int | None = None) -> list[Any]:
        """Return a column, or its cells of some rows, as plain values."""
        return self.stored[name].plain(start, stop)

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
        return self.table.stored[name].cell(self._index)

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.columns)

    def __len__(self) -> int:
        return len(self.table.columns)


def build(name: str, rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return one of the contract's tables with these rows. Raises ValueError as ``Table`` does."""
    return Table(ALL_TABLES[name], rows)
