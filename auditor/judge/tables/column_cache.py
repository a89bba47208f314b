"""The columns of one table, each taken out of its DataFrame once, however many rules ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd


class Cells:
    """A table as arrays for conditions, and as rows of plain values for words."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table
        self._arrays: dict[str, Any] = {}
        self._values: dict[str, list[Any]] = {}

    def __len__(self) -> int:
        return len(self._table)

    def array(self, name: str) -> Any:
        """Return a column as the array that compares fastest: numpy's, or pandas' own where a
        value may be missing."""
        if name not in self._arrays:
            column = self._table[name]
            plain = column.dtype.kind in "bO"
            self._arrays[name] = column.to_numpy() if plain else column.array
        return self._arrays[name]

    def values(self, name: str) -> list[Any]:
        """Return a column as plain values: text, numbers, Timestamps, ``NA`` and ``NaT``."""
        if name not in self._values:
            self._values[name] = self._table[name].tolist()
        return self._values[name]

    def columns(self) -> list[str]:
        """Return the names of all columns."""
        return list(self._table.columns)


class Row(Mapping[str, Any]):
    """One row of a table; only the columns that are asked for are taken out of it."""

    def __init__(self, cells: Cells, index: int) -> None:
        self._cells = cells
        self._index = index

    def __getitem__(self, name: str) -> Any:
        return self._cells.values(name)[self._index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells.columns())

    def __len__(self) -> int:
        return len(self._cells.columns())
