"""Large tables of zeros at the price of what is written to them."""

from __future__ import annotations

from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def zeroed(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray[Any, Any]:
    """Return an array of zeros, of memory that exists once it is written to.

    ``numpy.zeros`` asks malloc, which hands out again what a table before had and has to clear all
    of it: 4 ms for the tables that a small capture hardly touches.
    """
    kind = np.dtype(dtype)
    octets = int(np.prod(shape, dtype="i8")) * kind.itemsize
    if not octets:
        return np.zeros(shape, kind)
    return np.ndarray(shape, kind, buffer=mmap(-1, octets, flags=MAP_PRIVATE | MAP_ANONYMOUS))
