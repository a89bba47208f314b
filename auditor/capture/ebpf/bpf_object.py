"""The BPF object as libbpf has it: opened, configured, loaded, attached."""

from __future__ import annotations

import ctypes
from collections.abc import Collection
from pathlib import Path

from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.layout import SettingsStruct, check_layout
from auditor.capture.ebpf.preconditions import PROGRAMS, check_kernel, check_rights, checked_object
from auditor.errors import CaptureError
from auditor.evidence.packet import SILENCE_NS


def own_netns() -> int:
    """Return the inode number of the calling thread's network namespace."""
    return Path("/proc/thread-self/ns/net").stat().st_ino


class BpfObject:
    """The object, opened; then ``configure``, ``load`` and ``attach``. Close it after use."""

    def __init__(self, data: bytes, programs: Collection[str] = PROGRAMS) -> None:
        """Open the object in ``data``, of which only ``programs`` are to be loaded."""
        self._lib = libbpf.library()
        self._links: list[int] = []
        self._object: int | None = None
        libbpf.clear_log()
        self._object = libbpf.check_pointer(
            self._lib.bpf_object__open_mem(data, len(data), None), "the BPF object cannot be opened"
        )
        for name in PROGRAMS:
            self._lib.bpf_program__set_autoload(self._find(name), name in programs)

    @classmethod
    def recorded(cls, programs: Collection[str] = PROGRAMS) -> BpfObject:
        """Open the checked-in object after all checks; raise CaptureError with the reason."""
        check_kernel()
        check_rights(programs)
        opened = cls(checked_object(), programs)
        try:
            check_layout(opened.btf)
        except CaptureError:
            opened.close()
            raise
        return opened

    @property
    def btf(self) -> int:
        """The object's ``struct btf *``."""
        return libbpf.check_pointer(
            self._lib.bpf_object__btf(self._object), "the BPF object has no type information"
        )

    def configure(
        self,
        ports: Collection[int],
        *,
        netns: int | None = None,
        loopback: int = 0,
        wake_bytes: int = 0,
    ) -> None:
        """Set the programs' constants; before loading.

        ``netns`` is the inode number of the network namespace whose sockets are read, by default
        the calling thread's; ``loopback`` the ifindex of the device on which outgoing packets are
        passed over; ``wake_bytes`` what waits in the ring before it becomes readable.
        """
        wanted_netns = own_netns() if netns is None else netns
        constants = SettingsStruct(SILENCE_NS, wake_bytes, wanted_netns, loopback)
        for port in ports:
            constants.ports[port >> 3] |= 1 << (port & 7)
        size = ctypes.c_size_t()
        address = self._lib.bpf_map__initial_value(self._map(".rodata"), ctypes.byref(size))
        if not address or size.value != ctypes.sizeof(constants):
            raise libbpf.last_error("the BPF object's constants cannot be set")
        ctypes.memmove(address, ctypes.byref(constants), size.value)

    def resize(self, name: str, entries: int) -> None:
        """Set the size of a map; before loading. A ring's size is in bytes, a power of two."""
        libbpf.check_number(
            self._lib.bpf_map__set_max_entries(self._map(name), entries),
            f"the BPF map {name} cannot have {entries} entries",
        )

    def load(self) -> None:
        """Load the chosen programs; the verifier's log is in the notes of the error."""
        libbpf.clear_log()
        libbpf.check_number(
            self._lib.bpf_object__load(self._object), "the kernel refused the BPF programs"
        )

    def program_fd(self, name: str) -> int:
        """Return the descriptor of a loaded program; it is closed with the object."""
        return libbpf.check_number(
            self._lib.bpf_program__fd(self._find(name)), f"the BPF program {name} is not loaded"
        )

    def map_fd(self, name: str) -> int:
        """Return the descriptor of a map; it is closed with the object."""
        return libbpf.check_number(
            self._lib.bpf_map__fd(self._map(name)), f"the BPF map {name} is not loaded"
        )

    def attach(self, name: str) -> int:
        """Attach a tracing program or an iterator until ``close``; return its link's descriptor."""
        libbpf.clear_log()
        link = libbpf.check_pointer(
            self._lib.bpf_program__attach(self._find(name)),
            f"the BPF program {name} cannot be attached",
        )
        self._links.append(link)
        return libbpf.check_number(
            self._lib.bpf_link__fd(link), f"the BPF program {name} has no link"
        )

    def close(self) -> None:
        """Detach and unload everything; may be called twice."""
        for link in self._links:
            self._lib.bpf_link__destroy(link)
        self._links.clear()
        if self._object:
            self._lib.bpf_object__close(self._object)
        self._object = None

    def _find(self, name: str) -> int:
        return libbpf.check_pointer(
            self._lib.bpf_object__find_program_by_name(self._object, name.encode()),
            f"the BPF object has no program {name}",
        )

    def _map(self, name: str) -> int:
        return libbpf.check_pointer(
            self._lib.bpf_object__find_map_by_name(self._object, name.encode()),
            f"the BPF object has no map {name}",
        )
