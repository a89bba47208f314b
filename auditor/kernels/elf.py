"""Links the object code of kernels into memory: ELF for x86-64, as numba has LLVM write it.

LLVM's own linker does that too, but to load its library of 180 MB takes a twelfth of a short run.
Kernels need little of a linker: they have no data that can be written, refer to each other by
absolute addresses of 64 bits (System V ABI, AMD64 supplement, §4.4), and call three functions of C.
Object code with anything else is left to LLVM.
"""

from __future__ import annotations

import ctypes
import mmap
from typing import Any

import numpy as np
import numpy.typing as npt

_HEADER = b"\x7fELF\x02\x01\x01"
_RELOCATABLE, _X86_64 = 1, 62
_CONTENTS, _SYMBOLS, _RELA = 1, 2, 4
_WRITE, _ALLOC, _EXECUTE = 1, 2, 4
_R_X86_64_64 = 1
_FUNCTION = 2
_UNDEFINED = 0
_OF_C = ("memcpy", "memmove", "memset")

_FILE = np.dtype(
    [
        *(("magic", "V7"), ("osabi", "V9"), ("type", "<u2"), ("machine", "<u2")),
        *(("version", "<u4"), ("entry", "<u8"), ("segments", "<u8"), ("sections", "<u8")),
        *(("flags", "<u4"), ("sizes", "<u2", 4), ("count", "<u2"), ("names", "<u2")),
    ]
)
_SECTION = np.dtype(
    [
        *(("name", "<u4"), ("type", "<u4"), ("flags", "<u8"), ("address", "<u8")),
        *(("offset", "<u8"), ("size", "<u8"), ("link", "<u4"), ("info", "<u4")),
        *(("align", "<u8"), ("row", "<u8")),
    ]
)
_SYMBOL = np.dtype(
    [
        *(("name", "<u4"), ("info", "u1"), ("other", "u1"), ("section", "<u2")),
        *(("value", "<u8"), ("size", "<u8")),
    ]
)
_RELOCATION = np.dtype([("offset", "<u8"), ("type", "<u4"), ("symbol", "<u4"), ("addend", "<i8")])

#: Any numpy array.
_Array = npt.NDArray[Any]
#: What was linked stays where it is.
_LINKED: list[mmap.mmap] = []


class UnknownObjectError(Exception):
    """Raised for object code that takes a linker which can do more."""


def link_elf(code: bytes, symbol: str) -> int:
    """Put object code, which is trusted, into memory that cannot be written from then on; return
    the address of a function in it. Raises UnknownObjectError, and OSError where there may be no
    such memory."""
    sections = _sections(code)
    places, split, size = _layout(sections)
    memory = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    image = np.frombuffer(memory, np.uint8)
    base = int(image.ctypes.data)
    for place, section in zip(places.tolist(), sections, strict=True):
        if section["flags"] & _ALLOC:
            image[place : place + int(section["size"])] = _octets(code, section)
    (table,) = sections[sections["type"] == _SYMBOLS]
    symbols = _octets(code, table).view(_SYMBOL)
    names = bytes(_octets(code, sections[table["link"]]))
    addresses = _addresses(symbols, names, places + base, sections)
    for section in sections[sections["type"] == _RELA]:
        if sections[section["info"]]["flags"] & _ALLOC:
            _relocate(image[places[section["info"]] :], _octets(code, section), addresses)
    _protect(base, split, mmap.PROT_READ | mmap.PROT_EXEC)
    _protect(base + split, size - split, mmap.PROT_READ)
    _LINKED.append(memory)
    return _function(symbols, names, symbol.encode() + b"\0", addresses)


def _sections(code: bytes) -> _Array:
    file = np.frombuffer(code[: _FILE.itemsize].ljust(_FILE.itemsize), _FILE)[0]
    known = file["type"] == _RELOCATABLE and file["machine"] == _X86_64
    if bytes(file["magic"]) != _HEADER or not known:
        raise UnknownObjectError
    sections = np.frombuffer(code, _SECTION, int(file["count"]), int(file["sections"]))
    loaded = sections[sections["flags"] & _ALLOC != 0]
    if (loaded["flags"] & _WRITE).any() or (loaded["type"] != _CONTENTS).any():
        raise UnknownObjectError
    return sections


def _octets(code: bytes, section: np.void) -> _Array:
    return np.frombuffer(code, np.uint8, int(section["size"]), int(section["offset"]))


def _layout(sections: _Array) -> tuple[_Array, int, int]:
    """Return where each section comes to lie, where those end that can be executed, and the size of
    all, both in whole pages."""
    places, at, ends = np.zeros(len(sections), "i8"), 0, []
    for executable in (True, False):
        for index, section in enumerate(sections):
            flags = int(section["flags"])
            if flags & _ALLOC and bool(flags & _EXECUTE) is executable:
                align = max(int(section["align"]), 64)
                places[index] = at = -(-at // align) * align
                at += int(section["size"])
        at = -(-(at + 1) // mmap.PAGESIZE) * mmap.PAGESIZE
        ends.append(at)
    return places, ends[0], ends[1]


def _addresses(symbols: _Array, names: bytes, bases: _Array, sections: _Array) -> _Array:
    """Return the address of each symbol; 0: it is not known."""
    library = ctypes.CDLL(None)
    within = symbols["section"] < len(sections)
    addresses = np.zeros(len(symbols), "i8")
    addresses[within] = bases[symbols["section"][within]] + symbols["value"][within]
    for index in np.flatnonzero(symbols["section"] == _UNDEFINED).tolist():
        begin = int(symbols["name"][index])
        name = names[begin : names.index(b"\0", begin)].decode()
        found = ctypes.cast(getattr(library, name), ctypes.c_void_p) if name in _OF_C else None
        addresses[index] = found.value if found is not None else 0
    return addresses


def _relocate(image: _Array, octets: _Array, addresses: _Array) -> None:
    relocations = octets.view(_RELOCATION)
    targets = addresses[relocations["symbol"]]
    if (relocations["type"] != _R_X86_64_64).any() or not targets.all():
        raise UnknownObjectError
    values = (targets + relocations["addend"]).view("u1").reshape(-1, 8)
    image[relocations["offset"].astype("i8")[:, None] + np.arange(8)] = values


def _protect(address: int, size: int, access: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), access):
        raise OSError(ctypes.get_errno(), "mprotect")


def _function(symbols: _Array, names: bytes, wanted: bytes, addresses: _Array) -> int:
    for index in np.flatnonzero(symbols["info"] & 15 == _FUNCTION).tolist():
        if names.startswith(wanted, int(symbols["name"][index])):
            return int(addresses[index])
    raise UnknownObjectError
