"""Loads the checked-in BPF object, and only that: its sha256 must be the recorded one."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from auditor.capture import libbpf
from auditor.capture.capabilities import Capability
from auditor.capture.layout import SettingsStruct, check_layout
from auditor.capture.model import SILENCE_NS
from auditor.capture.privileges import how_to_grant, missing
from auditor.errors import CaptureError

#: Where source, object and their sums are.
FOLDER = Path(__file__).parent / "bpf"
OBJECT = "bareos_audit.bpf.o"

#: The kernel's own types, which the programs are fitted to when they are loaded.
KERNEL_TYPES = Path("/sys/kernel/btf/vmlinux")

#: The programs of the object.
KEEP, SOCKET_STATE, SOCKET_DUMP = "keep", "socket_state", "socket_dump"
PROGRAMS = (KEEP, SOCKET_STATE, SOCKET_DUMP)


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


def settings(
    ports: Collection[int], *, netns: int, loopback: int = 0, wake_bytes: int = 0
) -> SettingsStruct:
    """Return the programs' constants."""
    constants = SettingsStruct(SILENCE_NS, wake_bytes, netns, loopback)
    for port in ports:
        constants.ports[port >> 3] |= 1 << (port & 7)
    return constants


def own_netns() -> int:
    """Return the inode number of the calling thread's network namespace."""
    return Path("/proc/thread-self/ns/net").stat().st_ino


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
    lacking = missing("ebpf")
    if KEEP not in programs:
        lacking = tuple(one for one in lacking if one is not Capability.CAP_NET_RAW)
    if lacking:
        raise CaptureError(how_to_grant(lacking))


class Program:
    """The object, opened; then ``configure``, ``load`` and ``attach``. Close it after use."""

    def __init__(self, data: bytes, programs: Collection[str] = PROGRAMS) -> None:
        """Open an object of which only ``programs`` are to be loaded."""
        self._lib = libbpf.library()
        self._links: list[int] = []
        self._object: int | None = None
        libbpf.forget()
        self._object = libbpf.pointer(
            self._lib.bpf_object__open_mem(data, len(data), None), "the BPF object cannot be opened"
        )
        for name in PROGRAMS:
            self._lib.bpf_program__set_autoload(self._find(name), name in programs)

    @classmethod
    def recorded(cls, programs: Collection[str] = PROGRAMS) -> Program:
        """Open the checked-in object after all checks; raise CaptureError with the reason."""
        check_kernel()
        check_rights(programs)
        program = cls(checked_object(), programs)
        try:
            check_layout(program.btf)
        except CaptureError:
            program.close()
            raise
        return program

    @property
    def btf(self) -> int:
        """The object's ``struct btf *``."""
        return libbpf.pointer(
            self._lib.bpf_object__btf(self._object), "the BPF object has no type information"
        )

    def configure(self, constants: SettingsStruct) -> None:
        """Set the programs' constants; before loading."""
        size = ctypes.c_size_t()
        address = self._lib.bpf_map__initial_value(self._map(".rodata"), ctypes.byref(size))
        if not address or size.value != ctypes.sizeof(constants):
            raise libbpf.refuse("the BPF object's constants cannot be set")
        ctypes.memmove(address, ctypes.byref(constants), size.value)

    def resize(self, name: str, entries: int) -> None:
        """Set the size of a map; before loading. A ring's size is in bytes, a power of two."""
        libbpf.number(
            self._lib.bpf_map__set_max_entries(self._map(name), entries),
            f"the BPF map {name} cannot have {entries} entries",
        )

    def load(self) -> None:
        """Load the chosen programs; the verifier's log is in the notes of the error."""
        libbpf.forget()
        libbpf.number(
            self._lib.bpf_object__load(self._object), "the kernel refused the BPF programs"
        )

    def program_fd(self, name: str) -> int:
        """Return the descriptor of a loaded program; it is closed with the object."""
        return libbpf.number(
            self._lib.bpf_program__fd(self._find(name)), f"the BPF program {name} is not loaded"
        )

    def map_fd(self, name: str) -> int:
        """Return the descriptor of a map; it is closed with the object."""
        return libbpf.number(
            self._lib.bpf_map__fd(self._map(name)), f"the BPF map {name} is not loaded"
        )

    def attach(self, name: str) -> int:
        """Attach a tracing program or an iterator until ``close``; return its link's descriptor."""
        libbpf.forget()
        link = libbpf.pointer(
            self._lib.bpf_program__attach(self._find(name)),
            f"the BPF program {name} cannot be attached",
        )
        self._links.append(link)
        return libbpf.number(self._lib.bpf_link__fd(link), f"the BPF program {name} has no link")

    def close(self) -> None:
        """Detach and unload everything; may be called twice."""
        for link in self._links:
            self._lib.bpf_link__destroy(link)
        self._links.clear()
        if self._object:
            self._lib.bpf_object__close(self._object)
        self._object = None

    def _find(self, name: str) -> int:
        return libbpf.pointer(
            self._lib.bpf_object__find_program_by_name(self._object, name.encode()),
            f"the BPF object has no program {name}",
        )

    def _map(self, name: str) -> int:
        return libbpf.pointer(
            self._lib.bpf_object__find_map_by_name(self._object, name.encode()),
            f"the BPF object has no map {name}",
        )
