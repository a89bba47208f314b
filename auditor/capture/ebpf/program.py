"""The BPF object as libbpf has it: opened, set, loaded, attached."""

from __future__ import annotations

import ctypes
from collections.abc import Collection

from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.layout import SettingsStruct, check_layout
from auditor.capture.ebpf.preconditions import PROGRAMS, check_kernel, check_rights, checked_object
from auditor.errors import CaptureError


class Program:
    """The object, opened; then ``configure``, ``load`` and ``attach``. Close it after use."""

    def __init__(self, data: bytes, programs: Collection[str] = PROGRAMS) -> None:
        """Open an object of which only ``programs`` are to be loaded."""
        self._lib = libbpf.library()
        self._links: list[int] = []
        self._object: int | None = None
        libbpf.clear_log()
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
        libbpf.clear_log()
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
        libbpf.clear_log()
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
