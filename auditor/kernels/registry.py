"""Marks the plain functions that become machine code together with an entry point."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: Every kernel, in order of definition: what an entry point may call.
KERNELS: list[FunctionType] = []


def kernel(function: F) -> F:
    """Mark a function that entry points may call and that must compile with them.

    A kernel may not allocate, and may only use what means the same in Python and in machine code:
    widen octets with ``np.int64(…)`` before arithmetic, never mix signed and unsigned, and never
    overflow.
    """
    assert isinstance(function, FunctionType)
    KERNELS.append(function)
    return function
