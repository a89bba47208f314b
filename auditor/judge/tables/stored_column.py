"""One column of a table: checked when it is filled, stored compactly, read as plain values."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isnan
from typing import Any, NamedTuple

from auditor.judge.tables.coded_values import CodedValues
from auditor.judge.tables.column import Column


class _Kind(NamedTuple):
    """How the cells of a dtype come in and are stored."""

    types: tuple[type, ...]
    storage: Callable[[], Any]
    missing: Any
    """What is stored where a value is missing."""
    masked: bool = False
    """A mask tells where one is; where there is none, ``missing`` is a value like any other."""


_NUMBERS = _Kind((int,), partial(array, "q"), 0, masked=True)
_KINDS: Mapping[str, _Kind] = {
    "str": _Kind((str,), CodedValues, ""),
    "Int64": _NUMBERS,
    "Float64": _Kind((float, int), partial(array, "d"), 0.0, masked=True),
    "bool": _Kind((bool,), bytearray, False),
    "time": _NUMBERS,
    "list": _Kind((list, tuple), CodedValues, ()),
}


class StoredColumn:
    """The cells of one column. Only the table that owns it adds any."""

    __slots__ = ("_column", "_name", "_words", "known", "values")

    def __init__(self, name: str, column: Column) -> None:
        self._name = name
        self._column = column
        self._words = frozenset(("", *column.listed_words()))
        self.values = _KINDS[column.dtype].storage()
        """``CodedValues`` of texts or tuples, ``array('q')`` of whole numbers or times (ns UTC),
        ``array('d')`` of real numbers, or a bytearray of 0 and 1."""
        self.known: bytearray | None = None
        """A byte a cell, 0 where the value is missing; None: no value is."""

    def extend(self, values: Sequence[Any]) -> None:
        """Add cells; None is a missing value. Raises ValueError for what the column cannot hold."""
        kind = _KINDS[self._column.dtype]
        for found in set(map(type, values)) - {type(None)}:
            if not issubclass(found, kind.types):
                raise ValueError(
                    f"{self._name} is {self._column.dtype} and cannot hold {found.__name__}"
                )
        plain = _plain(self._column.dtype, values)
        if self._column.words and not self._words.issuperset(plain):
            found = min(set(plain) - self._words)
            raise ValueError(f"{self._name} is never {found!r}")
        missing = None in plain
        if missing and kind.masked and self.known is None:
            self.known = bytearray(b"\1" * len(self.values))
        if self.known is not None:
            self.known.extend(value is not None for value in plain)
        if missing:
            plain = [kind.missing if value is None else value for value in plain]
        self.values.extend(plain)

    def cell(self, index: int) -> Any:
        """Return one cell as a plain value; None for a missing number or time."""
        if self.known is not None and not self.known[index]:
            return None
        value = self.values[index]
        match self._column.dtype:
            case "bool":
                return bool(value)
            case "list":
                return list(value)
        return value

    def plain(self, start: int = 0, stop: int | None = None) -> list[Any]:
        """Return all cells, or some, as plain values."""
        stop = len(self.values) if stop is None else stop
        match self._column.dtype:
            case "str":
                found: list[Any] = self.values.between(start, stop)
                return found
            case "list":
                return list(map(list, self.values.between(start, stop)))
            case "bool":
                return list(map(bool, self.values[start:stop]))
        if self.known is None:
            return list(self.values[start:stop])
        cells = zip(self.values[start:stop], self.known[start:stop], strict=True)
        return [value if known else None for value, known in cells]


def _plain(dtype: str, values: Sequence[Any]) -> Sequence[Any]:
    match dtype:
        case "str":  # the member of an enum becomes its text
            return [value if type(value) is str else str(value or "") for value in values]
        case "list":
            return [tuple(map(str, value)) if value else () for value in values]
        case "Float64":  # what is no number is missing
            return [None if value is None or isnan(value) else value for value in values]
    return values
