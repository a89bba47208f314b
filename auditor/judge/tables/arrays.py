"""The columns of a table as numpy arrays, for conditions and DataFrames."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from auditor.judge.tables.table import Table

Mask = npt.NDArray[np.bool_]

_DTYPES = {"Int64": np.int64, "Float64": np.float64, "bool": np.bool_, "time": np.int64}


class CodedTexts:
    """A column of texts for conditions: each different one is compared once, whatever the rows."""

    __array_ufunc__ = None  # numpy leaves comparisons with arrays to this class
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, words: Sequence[str], codes: npt.NDArray[np.uint16]) -> None:
        self._words = words
        self._codes = codes

    def __len__(self) -> int:
        return len(self._codes)

    def texts(self) -> npt.NDArray[np.object_]:
        """Return the texts, shape (rows,), dtype object."""
        return np.fromiter(self._words, np.object_, len(self._words))[self._codes]

    def _compared(self, operation: Callable[[Any, Any], Any], other: object) -> Mask:
        if not isinstance(other, str):
            whole: Mask = operation(
                self.texts(), other.texts() if isinstance(other, CodedTexts) else other
            )
            return whole
        found = np.fromiter((operation(word, other) for word in self._words), np.bool_)
        return found[self._codes]

    def __eq__(self, other: object) -> Mask:  # type: ignore[override]
        return self._compared(operator.eq, other)

    def __ne__(self, other: object) -> Mask:  # type: ignore[override]
        return self._compared(operator.ne, other)

    def __lt__(self, other: object) -> Mask:
        return self._compared(operator.lt, other)

    def __le__(self, other: object) -> Mask:
        return self._compared(operator.le, other)

    def __gt__(self, other: object) -> Mask:
        return self._compared(operator.gt, other)

    def __ge__(self, other: object) -> Mask:
        return self._compared(operator.ge, other)


class Cells(NamedTuple):
    """One column, or what a condition made of some."""

    values: Any
    """Array of shape (rows,), dtype object for texts and lists, int64 (times too: ns UTC), float64
    or bool; what stands where the value is not known means nothing. Texts may be ``CodedTexts``."""
    known: Mask | None
    """Shape (rows,), False where the value is missing; None: no value is."""


def compared(table: Table, name: str) -> Cells:
    """Return a column for a condition: as ``cells`` does, but texts of which many are equal as
    ``CodedTexts``."""
    stored = table.stored[name].values
    if table.columns[name].dtype != "str" or stored.codes is None:
        return cells(table, name)
    return Cells(CodedTexts(stored.words, _view(stored.codes, np.uint16)), None)


def cells(table: Table, name: str) -> Cells:
    """Return a column, read-only; it is made once a table, however many conditions ask for it."""
    found = table.arrays.get(name)
    if found is None:
        found = table.arrays[name] = _cells(table, name)
    assert isinstance(found, Cells)
    return found


def _cells(table: Table, name: str) -> Cells:
    column, dtype = table.stored[name], _DTYPES.get(table.columns[name].dtype)
    if dtype is None:
        values = np.fromiter(column.plain(), np.object_, len(table))
    else:
        values = _view(column.values, dtype)
    known = None if column.known is None else _view(column.known, np.bool_)
    for made in (values, known):
        if made is not None:
            made.flags.writeable = False
    return Cells(values, known)


def _view(buffer: Any, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Return the array over a buffer's own memory; numpy takes no empty one."""
    return np.frombuffer(buffer, dtype) if len(buffer) else np.empty(0, dtype)
