"""What has to hold before the BPF object is loaded: kernel, rights, and the recorded sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from auditor.capture.backend_registry import BACKENDS, BackendName
from auditor.capture.rights.capabilities import Capability, how_to_grant, missing
from auditor.errors import CaptureError

#: Where source, object and their sums are.
FOLDER = Path(__file__).parents[1] / "bpf"
OBJECT = "bareos_audit.bpf.o"

#: The kernel's own types, which the programs are fitted to when they are loaded.
KERNEL_TYPES = Path("/sys/kernel/btf/vmlinux")

#: The programs of the object.
CAPTURE_FILTER, SOCKET_STATE, SOCKET_DUMP = "capture_filter", "socket_state", "socket_dump"
PROGRAMS = (CAPTURE_FILTER, SOCKET_STATE, SOCKET_DUMP)


@cache
def recorded_sums(folder: Path = FOLDER) -> dict[str, str]:
    """Return the recorded sha256 of each file of the folder."""
    lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def checked_object(folder: Path = FOLDER) -> bytes:
    """Return the object's bytes; raise CaptureError when they are not the recorded ones."""
    try:
        data = (folder / OBJECT).read_bytes()
        expected = recorded_sums(folder)[OBJECT]
    except (OSError, KeyError, ValueError) as error:
        raise CaptureError(
            f"the BPF object {folder / OBJECT} or its sum cannot be read: {error}; "
            "install bareos-audit again"
        ) from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise CaptureError(
            f"{folder / OBJECT} is not the object that SHA256SUMS records; it is not loaded; "
            "install bareos-audit again"
        )
    return data


def check_kernel() -> None:
    """Raise CaptureError where the kernel has no type information, which loading needs."""
    if not KERNEL_TYPES.exists():
        raise CaptureError(
            f"eBPF needs a Linux kernel with type information (CONFIG_DEBUG_INFO_BTF), and there "
            f"is no {KERNEL_TYPES}; choose another backend"
        )


def check_rights(programs: Collection[str]) -> None:
    """Raise CaptureError naming the rights that are missing for these programs.

    A socket filter needs no CAP_NET_ADMIN, and reading sockets no CAP_NET_RAW.
    """
    lacking = missing(BACKENDS[BackendName.EBPF].capabilities)
    if CAPTURE_FILTER not in programs:
        lacking = tuple(one for one in lacking if one is not Capability.CAP_NET_RAW)
    if lacking:
        raise CaptureError(how_to_grant(lacking))
