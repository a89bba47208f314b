"""Tries which BPF program and map types the kernel takes.

A probe loads a program of two instructions, or makes a map, and closes it again; nothing is
attached. libbpf's own probe of tracing programs is not used: it knows support by a message of the
verifier, and calls kernel 6.18 unable (measured with libbpf 1.1).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from auditor.capture.rights.capabilities import Capability
from auditor.capture.rights.privileges import how_to_grant, missing

_LIBRARY = "libbpf.so.1"
_HINT = "Install libbpf 1.0 or later (libbpf1, libbpf); the backend ebpf needs it."
_NEEDS = "Use a kernel that has it, or the backend dumpcap."
#: enum bpf_prog_type, bpf_attach_type and bpf_map_type of linux/bpf.h.
_SOCKET_FILTER, _TRACING = 1, 26
_RAW_TRACEPOINT, _ITERATOR = 23, 28
_RING_BUFFER, _LRU_HASH = 27, 9
#: r0 = 0; exit
_RETURN_0 = bytes.fromhex("b7000000000000009500000000000000")


class Probe(NamedTuple):
    """What came of trying one thing."""

    name: str
    problem: str
    """Why it does not work; empty: it does."""
    detail: str
    """What was found, or what to do."""


class _LoadOptions(ctypes.Structure):
    """The beginning of struct bpf_prog_load_opts (libbpf's bpf.h); ``sz`` says how much of it."""

    _fields_ = (
        ("sz", ctypes.c_size_t),
        ("attempts", ctypes.c_int),
        ("expected_attach_type", ctypes.c_int),
        ("prog_btf_fd", ctypes.c_uint32),
        ("prog_flags", ctypes.c_uint32),
        ("prog_ifindex", ctypes.c_uint32),
        ("kern_version", ctypes.c_uint32),
        ("attach_btf_id", ctypes.c_uint32),
        ("attach_prog_fd", ctypes.c_uint32),
        ("attach_btf_obj_fd", ctypes.c_uint32),
    )


class _Libbpf:
    """The functions of libbpf that probing needs. Raises OSError or AttributeError without."""

    def __init__(self) -> None:
        library = ctypes.CDLL(_LIBRARY, use_errno=True)
        self._quiet(library)
        library.libbpf_version_string.argtypes = ()
        library.libbpf_version_string.restype = ctypes.c_char_p
        self.version = library.libbpf_version_string().decode("ascii", "replace")
        self._find = library.libbpf_find_vmlinux_btf_id
        self._find.argtypes, self._find.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_int
        self._load = library.bpf_prog_load
        self._load.argtypes = (
            ctypes.c_int,
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.POINTER(_LoadOptions),
        )
        self._load.restype = ctypes.c_int
        self._map = library.libbpf_probe_bpf_map_type
        self._map.argtypes, self._map.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_int

    def _quiet(self, library: ctypes.CDLL) -> None:
        library.libbpf_set_print.argtypes = (ctypes.c_void_p,)
        library.libbpf_set_print.restype = ctypes.c_void_p
        library.libbpf_set_print(None)

    def takes_map(self, kind: int) -> bool:
        """Whether the kernel makes a map of a type."""
        return bool(self._map(kind, None) == 1)

    def takes_program(self, kind: int, attach: int = 0, target: bytes = b"") -> bool:
        """Whether the kernel takes a program of a type, with an attach type and what it is for."""
        options = _LoadOptions(sz=ctypes.sizeof(_LoadOptions), expected_attach_type=attach)
        if target:
            found = self._find(target, attach)
            if found <= 0:
                return False
            options.attach_btf_id = found
        size = len(_RETURN_0) // 8
        fd = self._load(kind, b"probe", b"GPL", _RETURN_0, size, ctypes.byref(options))
        if fd < 0:
            return False
        os.close(fd)
        return True


def probe_programs() -> Iterator[Probe]:
    """Yield libbpf, then every program and map type; only libbpf if it is not there."""
    try:
        libbpf = _Libbpf()
    except (OSError, AttributeError) as error:
        yield Probe("libbpf", f"{_LIBRARY} cannot be used ({error})", _HINT)
        return
    yield Probe("libbpf", "", f"{_LIBRARY}, version {libbpf.version}")
    lacking = [c for c in missing("ebpf") if c is not Capability.CAP_NET_RAW]
    for name, attempt in _attempts(libbpf):
        if lacking:
            yield Probe(name, "not tried without rights", how_to_grant(lacking))
        elif attempt():
            yield Probe(name, "", "the kernel takes it")
        else:
            yield Probe(name, "the kernel does not take it", _NEEDS)


def _attempts(libbpf: _Libbpf) -> Iterator[tuple[str, Callable[[], bool]]]:
    yield "socket filter", lambda: libbpf.takes_program(_SOCKET_FILTER)
    yield (
        "tp_btf/inet_sock_set_state",
        lambda: libbpf.takes_program(_TRACING, _RAW_TRACEPOINT, b"inet_sock_set_state"),
    )
    yield "iter/tcp", lambda: libbpf.takes_program(_TRACING, _ITERATOR, b"tcp")
    yield "BPF ring buffer", lambda: libbpf.takes_map(_RING_BUFFER)
    yield "BPF LRU map", lambda: libbpf.takes_map(_LRU_HASH)
