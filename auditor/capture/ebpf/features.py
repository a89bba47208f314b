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

from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.ebpf import libbpf
from auditor.capture.rights.capabilities import Capability, how_to_grant, missing
from auditor.errors import CaptureError

_HINT = f"Install libbpf 1.0 or later (libbpf1, libbpf); the backend {BackendName.EBPF} needs it."
_NEEDS = f"Use a kernel that has it, or the backend {BackendName.DUMPCAP}."
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


def probe_programs() -> Iterator[Probe]:
    """Yield libbpf, then every program and map type; only libbpf if it is not there."""
    try:
        version = libbpf.library().libbpf_version_string().decode("ascii", "replace")
    except CaptureError as error:
        yield Probe("libbpf", f"{libbpf.LIBRARY} cannot be used ({error.__cause__})", _HINT)
        return
    yield Probe("libbpf", "", f"{libbpf.LIBRARY}, version {version}")
    needed = BACKENDS[BackendName.EBPF].capabilities
    lacking = [one for one in missing(needed) if one is not Capability.CAP_NET_RAW]
    for name, attempt in _ATTEMPTS.items():
        if lacking:
            yield Probe(name, "not tried without rights", how_to_grant(lacking))
        elif attempt():
            yield Probe(name, "", "the kernel takes it")
        else:
            yield Probe(name, "the kernel does not take it", _NEEDS)


def _takes_map(kind: int) -> bool:
    """Whether the kernel makes a map of a type."""
    return bool(libbpf.library().libbpf_probe_bpf_map_type(kind, None) == 1)


def _takes_program(kind: int, attach: int = 0, target: bytes = b"") -> bool:
    """Whether the kernel takes a program of a type, with an attach type and what it is for."""
    library = libbpf.library()
    options = _LoadOptions(sz=ctypes.sizeof(_LoadOptions), expected_attach_type=attach)
    if target:
        found = library.libbpf_find_vmlinux_btf_id(target, attach)
        if found <= 0:
            return False
        options.attach_btf_id = found
    size = len(_RETURN_0) // 8
    fd = library.bpf_prog_load(kind, b"probe", b"GPL", _RETURN_0, size, ctypes.byref(options))
    if fd < 0:
        return False
    os.close(fd)
    return True


_ATTEMPTS: dict[str, Callable[[], bool]] = {
    "socket filter": lambda: _takes_program(_SOCKET_FILTER),
    "tp_btf/inet_sock_set_state": lambda: _takes_program(
        _TRACING, _RAW_TRACEPOINT, b"inet_sock_set_state"
    ),
    "iter/tcp": lambda: _takes_program(_TRACING, _ITERATOR, b"tcp"),
    "BPF ring buffer": lambda: _takes_map(_RING_BUFFER),
    "BPF LRU map": lambda: _takes_map(_LRU_HASH),
}
