"""What the machine code of an entry point depends on, as one digest.

Numba finds what a function uses through the names of its globals, and so does this module. The
digest covers the source of every module that defines a kernel within reach, the constants that
these kernels name, the interpreter, the compiler and the processor; and nothing else, so that an
edit of any other file leaves the machine code valid.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, FunctionType

import numpy as np

from auditor.kernels.registry import KERNELS

#: Changes when what is stored, or how it is called, changes.
_FORMAT = b"bareos-audit native 5"
#: What udev loads drivers by: maker, family, model, and a number for each feature.
_MODALIAS = "/sys/devices/system/cpu/modalias"


def digest(function: FunctionType) -> str | None:
    """Return the digest of an entry point, in hexadecimal; None: a source cannot be read."""
    kernels, constants = _reach(function)
    try:
        parts = [_environment(), *map(_source, sorted({kernel.__module__ for kernel in kernels}))]
    except OSError:  # typed in, or in an archive
        return None
    parts += [constant.encode() for constant in sorted(constants)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _reach(function: FunctionType) -> tuple[list[FunctionType], set[str]]:
    """Return the function with all kernels that it calls, directly or not, and their constants."""
    known = {id(kernel) for kernel in KERNELS}
    kernels = [function]
    constants = set()
    for kernel in kernels:  # which grows meanwhile
        for name, value in _globals(kernel):
            if isinstance(value, FunctionType):
                if id(value) in known and value not in kernels:
                    kernels.append(value)
            else:
                constants.add(f"{kernel.__module__}.{name} = {_spell(value)}")
    return kernels, constants


def _globals(function: FunctionType) -> Iterator[tuple[str, object]]:
    """Yield the globals that a function names. A few too many: attributes look the same."""
    codes = [function.__code__]
    for code in codes:  # which grows meanwhile
        codes += [const for const in code.co_consts if isinstance(const, CodeType)]
        for name in code.co_names:
            if name in function.__globals__:
                yield name, function.__globals__[name]


def _spell(value: object) -> str:
    """Return a constant as text that is the same in every process, and changes with its value.

    Raises TypeError for what kernels cannot use, or use with a value that may change unseen.
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(_spell, value))})"
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    if value is np:
        return "numpy"
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__} {getattr(value, '_fields', '')}"
    if value is None or isinstance(value, int | float | str | bytes | np.generic | np.dtype):
        return repr(value)
    raise TypeError(f"kernels cannot use a global of type {type(value).__name__}")


@cache
def _source(module: str) -> bytes:
    return Path(getattr(sys.modules[module], "__file__", "")).read_bytes()


@cache
def _environment() -> bytes:
    """Return the interpreter, the compiler and the processor. Cheaply: numba is not imported, nor
    importlib.metadata, which alone takes a tenth of a second."""
    import llvmlite

    found = find_spec("numba")
    assert found is not None
    assert found.submodule_search_locations
    numba = Path(found.submodule_search_locations[0], "_version.py").read_bytes()
    checked = os.environ.get("NUMBA_BOUNDSCHECK", "")  # what numba asks whether to check indexes
    versions = (sys.version, llvmlite.__version__, np.__version__, f"bounds {checked}")
    words = (_FORMAT, numba, *(word.encode() for word in (*versions, _processor())))
    return b"\0".join(words)


def _processor() -> str:
    """Return the make of the processor and what it can do: as Linux tells it of x86, for LLVM is
    not loaded so fast; as LLVM tells it of any other."""
    with suppress(OSError):
        known = Path(_MODALIAS).read_text(encoding="utf-8")
        if known.startswith("cpu:type:x86,"):
            return known
    import llvmlite.binding as llvm

    return f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
