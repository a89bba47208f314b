"""Leaves this process a short list of system calls (seccomp(2)); any other fails with EPERM.

A filter is a small program of classic BPF, run by the kernel before every system call of every
thread, and cannot be taken back. A library for it (libseccomp) is no Python wheel that is kept, and
the filter is forty lines. Failing with EPERM, not a signal, is on purpose: whatever call was
forgotten becomes an error with a sentence, not a recording that vanishes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable, Iterator

from auditor.capture.rights import syscalls
from auditor.capture.rights.syscalls import When

#: seccomp(2): SECCOMP_SET_MODE_FILTER, SECCOMP_GET_ACTION_AVAIL, SECCOMP_FILTER_FLAG_TSYNC.
_SET_FILTER, _ACTION_AVAIL, _ALL_THREADS = 1, 2, 1
_SYSCALL = {"x86_64": 317, "aarch64": 277}
#: SECCOMP_RET_ALLOW, and SECCOMP_RET_ERRNO with an error number.
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
#: Classic BPF: load a word, jump if equal, and with a constant, return.
_LOAD, _EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06
#: Where struct seccomp_data has its parts; machines here are little-endian.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ONE = struct.Struct("=HBBI")

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def available() -> bool:
    """Tell whether this kernel has filters, and this machine a table of system calls."""
    machine = platform.machine()
    if machine not in syscalls.MACHINES:
        return False
    action = ctypes.c_uint32(_ERROR)
    return bool(_libc.syscall(_SYSCALL[machine], _ACTION_AVAIL, 0, ctypes.byref(action)) == 0)


def allow_recording(children: Iterable[int] = (), *, new_files: bool) -> None:
    """Leave all threads what recording and reporting take; see ``syscalls``.

    No new program, no network, no tracing, no machine code; no file that is not open is changed
    but with ``new_files``. Needs no_new_privs. Raises OSError.
    """
    checked = syscalls.conditions(os.getpid(), children, new_files=new_files)
    _install(b"".join(_program(platform.machine(), checked)))


def _install(code: bytes) -> None:
    program = _Program(len(code) // _ONE.size, code)
    number = _SYSCALL[platform.machine()]
    result = _libc.syscall(number, _SET_FILTER, _ALL_THREADS, ctypes.byref(program))
    if result:  # below zero an error, above it the thread that has another filter
        failure = ctypes.get_errno() if result < 0 else errno.EBUSY
        raise OSError(failure, os.strerror(failure))


def _program(machine: str, checked: dict[str, tuple[When, ...]]) -> Iterator[bytes]:
    """Yield the instructions of the filter."""
    architecture, column = syscalls.MACHINES[machine]
    refuse = _return(_ERROR | errno.EPERM)
    yield from (_load(_ARCHITECTURE), _jump(architecture, skip_if_other=0, skip_if_equal=1), refuse)
    yield _load(_NUMBER)
    yield from _if_number(syscalls.CLONE3[column], [_return(_ERROR | errno.ENOSYS)])
    for numbers in syscalls.FREE.values():
        if numbers[column] != syscalls.NONE:
            yield from _if_number(numbers[column], [_return(_ALLOW)])
    for name, conditions in checked.items():
        body = [one for condition in conditions for one in _unless(condition, refuse)]
        yield from _if_number(syscalls.CHECKED[name][column], [*body, _return(_ALLOW)])
    yield refuse


def _if_number(number: int, body: list[bytes]) -> Iterator[bytes]:
    """Yield what runs ``body``, which ends the filter, for one system call."""
    yield _jump(number, skip_if_other=len(body), skip_if_equal=0)
    yield from body


def _unless(condition: When, refuse: bytes) -> Iterator[bytes]:
    """Yield what refuses arguments for which the condition does not hold."""
    yield _load(_ARGUMENTS + 8 * condition.argument)
    yield _ONE.pack(_AND, 0, 0, condition.mask)
    values = sorted(condition.values)
    for place, value in enumerate(values):
        yield _jump(value, skip_if_equal=len(values) - place, skip_if_other=0)
    yield refuse


def _load(offset: int) -> bytes:
    return _ONE.pack(_LOAD, 0, 0, offset)


def _jump(value: int, *, skip_if_equal: int, skip_if_other: int) -> bytes:
    return _ONE.pack(_EQUAL, skip_if_equal, skip_if_other, value)


def _return(what: int) -> bytes:
    return _ONE.pack(_RETURN, 0, 0, what)
