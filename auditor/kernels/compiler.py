"""Compiles one entry point with numba, and with it every kernel that it calls."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any

from auditor.kernels.registry import KERNELS

#: ``_nrt=False``: kernels allocate nothing (views and arrays from Python only), so numba need not
#: count references in the hot loop; ``forceinline``: what a kernel calls becomes part of it.
#: Together they made the decoding of packets ten times faster. The wrappers that Python would
#: call are left out: ``native`` calls the function itself.
_OPTIONS = {"nogil": True, "_nrt": False, "forceinline": True}
_BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def compile_entry(function: FunctionType, arguments: tuple[object, ...]) -> tuple[bytes, str]:
    """Return the object code of an entry point for arguments of these types, and its symbol.

    It takes seconds. Numba finds kernels through the globals of the modules that use them, so
    these hold compiled kernels while it works, and plain ones again afterwards.
    """
    import numba

    njit: Any = numba.njit
    typeof: Any = numba.typeof
    compiled = {id(plain): njit(**_OPTIONS)(plain) for plain in KERNELS}
    users = {kernel.__module__ for kernel in KERNELS} | {function.__module__}
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
