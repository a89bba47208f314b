"""Entry points: the functions of arrays and whole numbers that Python calls as machine code."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def entry(function: F) -> F:
    """Make a function of arrays and whole numbers callable as machine code, without the GIL.

    It returns one whole number or a tuple of them, as its annotation says.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return function
    from auditor.kernels.native import Native

    assert isinstance(function, FunctionType)
    compiled: Any = Native(function)
    return compiled  # type: ignore[no-any-return]
