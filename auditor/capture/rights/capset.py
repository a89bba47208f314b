"""Changes the rights of the calling thread, through libc alone (capset(2), prctl(2)).

``capset`` and ``prctl`` act on the calling thread only, so this is for a process that has no
other thread yet; ``privileges.drop_everything`` looks at every thread afterwards.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from auditor.capture.rights.capabilities import Capability, read_sets

_PR_SET_PDEATHSIG, _PR_CAPBSET_READ, _PR_CAPBSET_DROP = 1, 23, 24
_PR_GET_SECUREBITS, _PR_SET_SECUREBITS = 27, 28
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 38, 47
_AMBIENT_RAISE, _AMBIENT_CLEAR_ALL = 2, 4
_NO_SETUID_FIXUP = 1 << 2
#: _LINUX_CAPABILITY_VERSION_3: two words for each set.
_VERSION = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Data(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


_libc = ctypes.CDLL(None, use_errno=True)
_prctl = _libc.prctl
_prctl.argtypes = (ctypes.c_int, *(ctypes.c_ulong,) * 4)
_prctl.restype = ctypes.c_int
_capset = _libc.capset
_capset.argtypes = (ctypes.POINTER(_Header), ctypes.POINTER(_Data))
_capset.restype = ctypes.c_int


def write_sets(*, effective: int, permitted: int, inheritable: int) -> None:
    """Set the calling thread's sets; raise OSError if the kernel refuses."""
    header = _Header(_VERSION, 0)
    words = (_Data * 2)(
        *(
            _Data(*(mask >> shift & 0xFFFFFFFF for mask in (effective, permitted, inheritable)))
            for shift in (0, 32)
        )
    )
    _check(_capset(ctypes.byref(header), words))


def empty_bounding_set() -> None:
    """Let no program that this thread executes gain anything; needs CAP_SETPCAP."""
    for number in range(64):
        present = _prctl(_PR_CAPBSET_READ, number, 0, 0, 0)
        if present < 0:  # beyond the kernel's last capability
            return
        if present:
            _check(_prctl(_PR_CAPBSET_DROP, number, 0, 0, 0))


def empty_ambient_set() -> None:
    """Clear the calling thread's ambient set."""
    _check(_prctl(_PR_CAP_AMBIENT, _AMBIENT_CLEAR_ALL, 0, 0, 0))


def forbid_new_privileges() -> None:
    """Set no_new_privs: set-user-ID and file capabilities mean nothing from now on."""
    _check(_prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def end_with_parent(signal: int) -> None:
    """Ask for ``signal`` when the thread that started this process ends."""
    _prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0)


@contextmanager
def passed_on(capabilities: Iterable[Capability]) -> Iterator[None]:
    """Let a program started meanwhile keep ``capabilities`` although it runs as another user.

    For root only. They become ambient, and changing the user does not clear them; both are taken
    back afterwards.
    """
    before = read_sets()
    bits = _prctl(_PR_GET_SECUREBITS, 0, 0, 0, 0)
    wanted = list(capabilities)
    mask = sum(1 << capability for capability in wanted)
    _check(_prctl(_PR_SET_SECUREBITS, bits | _NO_SETUID_FIXUP, 0, 0, 0))
    try:
        write_sets(
            effective=before.effective,
            permitted=before.permitted,
            inheritable=before.inheritable | mask,
        )
        for capability in wanted:
            _check(_prctl(_PR_CAP_AMBIENT, _AMBIENT_RAISE, capability, 0, 0))
        yield
    finally:
        # Ambient follows inheritable: what is lowered there is lowered here.
        write_sets(
            effective=before.effective,
            permitted=before.permitted,
            inheritable=before.inheritable,
        )
        _check(_prctl(_PR_SET_SECUREBITS, bits, 0, 0, 0))


def _check(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
