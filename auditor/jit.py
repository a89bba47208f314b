"""The one place where plain Python functions become machine code.

Kernels are plain functions and stay so: numba is imported only when an entry point has to be
compiled, once for each version of the sources (``native`` keeps the result). With
``NUMBA_DISABLE_JIT=1`` everything runs as Python.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: Every kernel, in order of definition: what an entry point may call.
_KERNELS: list[FunctionType] = []

#: ``_nrt=False``: kernels allocate nothing (views and arrays from Python only), so numba need not
#: count references in the hot loop; ``forceinline``: what a kernel calls becomes part of it.
#: Together they made the decoding of packets ten times faster. The wrappers that Python would
#: call are left out: ``native`` calls the function itself.
_OPTIONS = {"nogil": True, "_nrt": False, "forceinline": True}
_BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: F) -> F:
    """Mark a function that entry points may call and that must compile with them.

    A kernel may not allocate, and may only use what means the same in Python and in machine code:
    widen octets with ``np.int64(…)`` before arithmetic, never mix signed and unsigned, and never
    overflow.
    """
    assert isinstance(function, FunctionType)
    _KERNELS.append(function)
    return function


def entry(function: F) -> F:
    """Make a function of arrays and whole numbers callable as machine code, without the GIL.

    It returns one whole number or a tuple of them, as its annotation says.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return function
    from auditor.native import Native

    assert isinstance(function, FunctionType)
    compiled: Any = Native(function)
    return compiled  # type: ignore[no-any-return]


def compile_entry(function: FunctionType, arguments: tuple[object, ...]) -> tuple[bytes, str]:
    """Return the object code of an entry point for arguments of these types, and its symbol.

    It takes seconds. Numba finds kernels through the globals of the modules that use them, so
    these hold compiled kernels while it works, and plain ones again afterwards.
    """
    import numba

    njit: Any = numba.njit
    typeof: Any = numba.typeof
    compiled = {id(plain): njit(**_OPTIONS)(plain) for plain in _KERNELS}
    users = {kernel.__module__ for kernel in _KERNELS} | {function.__module__}
    spaces = [vars(sys.modules[name]) for name in users]
    swapped = [
        (space, name, value)
        for space in spaces
        for name, value in space.items()
        if isinstance(value, FunctionType) and id(value) in compiled
    ]
    for space, name, value in swapped:
        space[name] = compiled[id(value)]
    try:
        dispatcher = njit(**_OPTIONS, **_BARE)(function)
        dispatcher.compile(tuple(typeof(argument) for argument in arguments))
    finally:
        for space, name, value in swapped:
            space[name] = value
    (result,) = dispatcher.overloads.values()
    code = result.library.serialize_using_object_code()[2][0]
    return code, result.fndesc.mangled_name
