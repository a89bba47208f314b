"""Machine code of the kernels' entry points, kept on disk and called without numba.

Importing numba and loading its own cache takes 0.4 s, a third of a short run. The object code that
it makes needs neither: this module stores it under the digest of all that it depends on
(``dependencies``), links it (``linking``), and calls the function with numba's own calling
convention (an array is its owner twice, its size, its item size, its data, its shape and its
strides).
"""

from __future__ import annotations

import ctypes
import hashlib
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import FunctionType
from typing import Any

import numpy as np

from auditor.kernels.compile_apart import Beside, compile_apart
from auditor.kernels.dependencies import digest
from auditor.kernels.linking import link
from auditor.outputs import kept_files

_Arguments = tuple[Any, ...]
_LOCK = Lock()
_WAITING: list[Callable[[], object]] = []


@contextmanager
def when_compiling(tell: Callable[[], object]) -> Iterator[None]:
    """Within, call ``tell`` once before the first entry point is compiled, which takes up to a
    minute; never, where there is machine code of all that is called."""
    _WAITING.append(tell)
    try:
        yield
    finally:
        if tell in _WAITING:
            _WAITING.remove(tell)


def _tell() -> None:
    while _WAITING:
        _WAITING.pop()()


def compile_ahead(function: Callable[..., Any], *arguments: Any) -> None:
    """Begin to compile an entry point that is going to be called with arguments of these types,
    beside what is compiled meanwhile. Does nothing if there is machine code of it, or none is
    needed."""
    if isinstance(function, Native):
        function.ahead(arguments)


class Native:
    """One entry point: loaded from disk, or compiled and stored, at its first call."""

    def __init__(self, function: FunctionType) -> None:
        self._function = function
        self._results = str(function.__annotations__["return"]).count("int")
        self._call: Callable[..., int] | None = None
        self._beside: Beside | None = None
        self._types: list[object] = []
        self._tables: dict[int, tuple[Any, tuple[Any, ...]]] = {}
        self.__doc__ = function.__doc__

    def is_stored(self) -> bool:
        """Tell whether there is machine code on disk, for arguments of whatever types."""
        name, folder = _name(self._function), kept_files.cache_directory()
        return bool(name and folder and any(folder.glob(f"{name}-*.o")))

    def ahead(self, arguments: _Arguments) -> None:
        """See ``compile_ahead``."""
        if self._call is None and self._beside is None and not self.is_stored():
            _tell()
            self._beside = Beside(self._function, arguments)

    def __call__(self, *arguments: Any) -> Any:
        """Run the machine code; raises TypeError for arguments of other types than the first."""
        if self._call is None:
            with _LOCK:  # LLVM's linker is not for two threads at once
                self._types = [_type(argument) for argument in arguments]
                self._call = _load(self._function, arguments, self._types, self._beside)
        flat: list[Any] = []
        for place, argument in enumerate(arguments):
            if type(argument) is int:
                flat.append(argument)
            else:
                flat += self._flat(place, argument)
        results = (ctypes.c_int64 * self._results)()
        raised = ctypes.c_void_p()  # where numba leaves what an index out of bounds raises
        if self._call(results, ctypes.byref(raised), *flat):
            raise RuntimeError(f"{self._function.__name__} failed")
        return results[0] if self._results == 1 else tuple(results)

    def _flat(self, place: int, argument: Any) -> tuple[Any, ...]:
        """Return an argument as numba passes it. The same table comes with every call, so what
        was found out about it is kept; input is read-only and comes once."""
        known = self._tables.get(place)
        if known is not None and known[0] is argument:
            return known[1]
        if _type(argument) != self._types[place]:
            raise TypeError(f"{self._function.__name__} was compiled for other types")
        if not isinstance(argument, np.ndarray):
            return (int(argument),)
        # ``__array_interface__`` would describe every field of the records too, at each call.
        data = argument.ctypes.data
        size, width = argument.size, argument.itemsize
        found = (None, None, size, width, data, *argument.shape, *argument.strides)
        if argument.flags.writeable:
            self._tables[place] = (argument, found)
        return found


def _type(argument: Any) -> object:
    if isinstance(argument, np.ndarray):
        assert argument.flags.c_contiguous
        return argument.dtype, argument.ndim, argument.flags.writeable
    return int


def _c_types(types: Sequence[object]) -> list[Any]:
    found: list[Any] = []
    for each in types:
        if isinstance(each, tuple):
            found += [ctypes.c_void_p] * 2 + [ctypes.c_int64] * 2 + [ctypes.c_void_p]
            found += [ctypes.c_int64] * (2 * each[1])
        else:
            found.append(ctypes.c_int64)
    return found


def _load(
    function: FunctionType, arguments: _Arguments, types: Sequence[object], beside: Beside | None
) -> Callable[..., int]:
    path = _path(function, types)
    stored = kept_files.read(path) if path is not None else None
    if stored is None:
        _tell()
        begun = beside.result(arguments) if beside is not None else None
        code, symbol = begun or compile_apart(function, arguments)
        stored = struct.pack("<I", len(symbol)) + symbol.encode() + code
        if path is not None:
            kept_files.write(path, stored)
    (length,) = struct.unpack_from("<I", stored)
    symbol = stored[4 : 4 + length].decode()
    address = link(stored[4 + length :], symbol)
    prototype = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *_c_types(types))
    return prototype(address)


def _path(function: FunctionType, types: Sequence[object]) -> Path | None:
    """Return where the machine code for arguments of these types belongs; None: nowhere."""
    name, folder = _name(function), kept_files.cache_directory()
    if name is None or folder is None:
        return None
    return folder / f"{name}-{hashlib.sha256(repr(types).encode()).hexdigest()[:16]}.o"


def _name(function: FunctionType) -> str | None:
    """Return how the files of an entry point begin; None: its sources cannot be read."""
    found = digest(function)
    return found and f"{function.__name__}-{found[:16]}"
