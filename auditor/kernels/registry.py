"""Marks the plain functions that become machine code together with an entry point."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: Every kernel, in order of definition: what an entry point may call.
KERNELS: list[FunctionType] = []
#: By identity those of them that stay functions of their own.
APART: set[int] = set()


def kernel(function: F) -> F:
    """Mark a function that entry points may call and that must compile with them.

    A kernel may not allocate, and may only use what means the same in Python and in machine code:
    widen fields of records with ``int64(…)`` before arithmetic, never mix signed and unsigned,
    and never overflow. Of the globals of its module it may name kernels, constants and numpy.
    """
    assert isinstance(function, FunctionType)
    assert function.__closure__ is None  # what it uses must be found: see ``dependencies``
    KERNELS.append(function)
    return function


def rare_kernel(function: F) -> F:
    """Mark a kernel for what is rare: it does not become part of each of its callers.

    So it is compiled once, and their code stays small; a call costs some nanoseconds.
    """
    APART.add(id(kernel(function)))
    return function
