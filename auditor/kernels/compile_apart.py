"""Compiles in a process of its own, which ends: for the compiler never gives its memory back.

Numba and LLVM take up to 400 MiB, of which a recording that goes on for months uses nothing. The
code itself comes back through a pipe, so it does not matter whether there is a place to keep it.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread
from types import FunctionType
from typing import Any

import numpy as np

from auditor.kernels.compiler import compile_entry

#: What the other process runs. It is isolated (``-I``): neither its working directory nor the
#: environment says what it imports, but this process, which has it import the same.
_PROGRAM = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from auditor.kernels.compile_apart import answer; answer()"
)
#: prctl(2): the kernel ends the calling process with the one that started it.
_PR_SET_PDEATHSIG = 1


def compile_apart(function: FunctionType, arguments: tuple[object, ...]) -> tuple[bytes, str]:
    """Return what ``compile_entry`` returns, made by another process of the same user and rights.

    What is no function of this package is compiled here; and so is everything where no process can
    be started, or it fails: an error is then the compiler's own.
    """
    return _asked(function, _shapes(arguments)) or compile_entry(function, arguments)


class Beside:
    """One that goes on while the caller does something else: a thread waits for it."""

    def __init__(self, function: FunctionType, arguments: tuple[object, ...]) -> None:
        self._shapes = _shapes(arguments)
        self._found: tuple[bytes, str] | None = None
        self._thread = Thread(target=self._ask, args=(function,), daemon=True)
        self._thread.start()

    def _ask(self, function: FunctionType) -> None:
        self._found = _asked(function, self._shapes)

    def result(self, arguments: tuple[object, ...]) -> tuple[bytes, str] | None:
        """Wait for what was compiled; None: it failed, or was for arguments of other types."""
        self._thread.join()
        return self._found if _shapes(arguments) == self._shapes else None


def _asked(function: FunctionType, shapes: list[tuple[Any, ...]]) -> tuple[bytes, str] | None:
    """Return what the other process made, if it is one to ask and answers."""
    if function.__module__.partition(".")[0] != __name__.partition(".")[0]:
        return None
    try:
        symbol, _, code = _answer_of_another(function, shapes).partition(b"\0")
    except (OSError, subprocess.SubprocessError):
        return None
    return (code, symbol.decode()) if code else None


def _answer_of_another(function: FunctionType, shapes: list[tuple[Any, ...]]) -> bytes:
    """Return what the other process answers. It is in a process group of its own, so that a Ctrl-C
    is for this one only; whatever ends this one ends the other, and also if it only stops waiting.
    Raises OSError and SubprocessError."""
    folders = [str(Path(folder).absolute()) for folder in sys.path]
    wanted = (os.getpid(), function.__module__, function.__name__, shapes)
    flags = ["-B"] if sys.dont_write_bytecode else []
    if sys.pycache_prefix is not None:
        flags += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return subprocess.run(
        [sys.executable or "python3", "-I", *flags, "-c", _PROGRAM],
        executable="/proc/self/exe",  # whatever lies at the path by now
        input=pickle.dumps(folders) + pickle.dumps(wanted),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        process_group=0,
        check=True,
    ).stdout


def _shapes(arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
    return [_shape(argument) for argument in arguments]


def _shape(argument: object) -> tuple[Any, ...]:
    """Return what the compiler asks of an argument: of an array the dtype, how many dimensions, and
    whether it may be written; nothing of a whole number."""
    if isinstance(argument, np.ndarray):
        return argument.dtype, argument.ndim, argument.flags.writeable
    return ()


def _made(shape: tuple[Any, ...]) -> object:
    """Return an argument of that shape."""
    if not shape:
        return 0
    dtype, dimensions, writeable = shape
    array = np.zeros((1,) * dimensions, dtype)
    array.setflags(write=writeable)
    return array


def answer() -> None:
    """Compile what is asked for on standard input; write symbol and code to standard output."""
    parent, module, name, shapes = pickle.load(sys.stdin.buffer)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before that was said
        return
    with os.fdopen(os.dup(1), "wb") as output:
        os.dup2(2, 1)  # a setting of the compiler may make it talkative
        function = getattr(import_module(module), name)._function
        code, symbol = compile_entry(function, tuple(_made(shape) for shape in shapes))
        output.write(symbol.encode() + b"\0" + code)
