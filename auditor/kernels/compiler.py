"""Compiles one entry point with numba, and with it every kernel that it calls."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib import import_module
from threading import Thread
from types import FunctionType
from typing import Any

from auditor.kernels.registry import APART, KERNELS

#: ``_nrt=False``: kernels allocate nothing (views and arrays from Python only), so numba need not
#: count references in the hot loop; ``forceinline``: what a kernel calls becomes part of it.
#: Together they made the decoding of packets ten times faster. The wrappers that Python would
#: call are left out: ``native`` calls the function itself.
_OPTIONS = {"nogil": True, "_nrt": False, "forceinline": True}
_APART = {**_OPTIONS, "forceinline": False}
_BARE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
#: unshare(2): the calling thread's working directory becomes its own.
_CLONE_FS = 0x200


def compile_entry(function: FunctionType, arguments: tuple[object, ...]) -> tuple[bytes, str]:
    """Return the object code of an entry point for arguments of these types, and its symbol.

    It takes seconds. Numba finds kernels through the globals of the modules that use them, so
    these hold compiled kernels while it works, and plain ones again afterwards.
    """
    njit, typeof = _numba()
    compiled = {
        id(plain): njit(**_APART if id(plain) in APART else _OPTIONS)(plain) for plain in KERNELS
    }
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


def _numba() -> tuple[Any, Any]:
    """Return ``numba.njit`` and ``numba.typeof``, which nobody's folder has a say in.

    When it is imported, and at every compilation, numba obeys ``.numba_config.yaml`` of the
    working directory: for which processor it compiles, and which files it writes. That may be
    a folder of somebody else, and what comes of it is kept and run later, so it is imported in
    ``/`` and then looks for no such file.
    """
    if "numba" not in sys.modules:
        importing = Thread(target=_import_elsewhere, daemon=True)
        importing.start()
        importing.join()
    numba: Any = import_module("numba")
    if "numba.core.config" in sys.modules:
        sys.modules["numba.core.config"].__dict__["_config_fname"] = ""
    return numba.njit, numba.typeof


def _import_elsewhere() -> None:
    """Import numba in the working directory ``/``: in this thread's own where that can be had."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    alone = unshare is not None and unshare(_CLONE_FS) == 0
    before = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.chdir("/")
        import_module("numba")
    finally:
        if not alone:  # the others want to be where they were
            os.fchdir(before)
        os.close(before)
