"""The columns of a table as numpy arrays, for conditions and DataFrames."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from auditor.judge.tables.table import Table

Mask = npt.NDArray[np.bool_]

_DTYPES = {"Int64": np.int64, "Float64": np.float64, "bool": np.bool_, "time": np.int64}


class Cells(NamedTuple):
    """One column, or what a condition made of some."""

    values: Any
    """Array of shape (rows,), dtype object for texts and lists, int64 (times too: ns UTC), float64
    or bool; what stands where the value is not known means nothing."""
    known: Mask | None
    """Shape (rows,), False where the value is missing; None: no value is."""


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
        values = np.fromiter(column.values, np.object_, len(table))
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
