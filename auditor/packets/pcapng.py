"""The pcapng format (draft-ietf-opsawg-pcapng): sections, interfaces and what they say."""

from __future__ import annotations

from collections import Counter

import numpy as np

from auditor.packets.blocks import (
    COLUMNS,
    CONTROL,
    DECODABLE,
    DIVIDE,
    INTERFACE,
    LIMIT,
    LINK,
    MAX_BLOCK,
    MULTIPLY,
    OFFSET,
    SECTION,
    SHIFT,
    SKIPPED,
    SNAPLEN,
    scan_blocks,
)
from auditor.packets.link import LINK_NAMES, link_name
from auditor.packets.options import Order, options, text
from auditor.packets.pcap import BROKEN, MAX_CAPTURED
from auditor.packets.segments import Array
from auditor.packets.tally import FOREVER
from auditor.text import printable

#: Interfaces of one section that are kept; no machine has more, and a hostile file may not cost
#: more memory than this.
MAX_INTERFACES = 1024
#: Distinct names of link types that are kept over all sections.
_MAX_NAMES = 32

_SECTION_SIZE = 28
_ORDERS: dict[bytes, Order] = {b"\x1a\x2b\x3c\x4d": "big", b"\x4d\x3c\x2b\x1a": "little"}
_USERAPPL, _TSRESOL, _TSOFFSET, _IFDROP, _OSDROP = 4, 9, 14, 5, 7


class PcapngScanner:
    """Decodes the sections of one pcapng file and remembers what they say of themselves."""

    format = "pcapng"

    def __init__(self) -> None:
        self.backend = "file"
        self.started = False
        self._order: Order = "little"
        self._interfaces = np.zeros((MAX_INTERFACES, COLUMNS), np.int64)
        self._count = 0
        self._ignored = 0
        self._lost: dict[int, int] = {}  # interface of this section -> its latest statistics
        self._lost_before: int | None = None
        self._names: dict[str, None] = {}
        self._skipped: Counter[int] = Counter()

    @classmethod
    def open(cls, head: bytes) -> PcapngScanner | None:
        """Return a scanner for a file that begins with ``head`` (12 octets or more), or None."""
        recognised = head[:4] == SECTION.to_bytes(4, "big") and head[8:12] in _ORDERS
        return cls() if recognised else None

    def scan(
        self, buffer: Array, at: int, stop: int, ports: Array, out: Array, n: int, tally: Array
    ) -> tuple[int, int, int]:
        """Decode as ``scan_blocks`` does, and read the blocks that it hands back."""
        status = CONTROL
        while status == CONTROL:
            big, count = int(self._order == "big"), self._count
            at, n, status = scan_blocks(
                buffer, at, stop, big, self._interfaces, count, ports, out, n, tally
            )
            if status == CONTROL:
                size = self._control(buffer[at : min(stop, at + MAX_BLOCK)])
                at += max(size, 0)
                status = CONTROL if size > 0 else -size or BROKEN
        return at, n, status

    def _control(self, rest: Array) -> int:
        """Read the block that ``rest`` begins with; return its size.

        0 says that it is damaged; a negative number, less the sign, how many octets it needs.
        """
        head = rest[:12].tobytes()
        section = head[:4] == SECTION.to_bytes(4, "big")
        order = _ORDERS.get(head[8:12]) if section else self._order
        if order is None:
            return 0
        size = int.from_bytes(head[4:8], order)
        if section and (size < _SECTION_SIZE or size & 3 or size > MAX_BLOCK):
            return 0
        if len(rest) < size:
            return -size
        block = rest[:size].tobytes()
        if block[-4:] != block[4:8]:
            return 0
        if section:
            return size if self._begin_section(block, order) else 0
        body = block[8:-4]
        if int.from_bytes(head[:4], order) == INTERFACE:
            self._add_interface(body, order)
        else:
            self._add_statistics(body, order)
        return size

    def _begin_section(self, block: bytes, order: Order) -> bool:
        if int.from_bytes(block[12:14], order) != 1:  # major version
            return False
        self._end_section()
        self._order = order
        self.started = True
        for code, value in options(block[24:-4], order):
            if code == _USERAPPL and self.backend == "file":
                self.backend = printable(text(value)) or "file"
        return True

    def _end_section(self) -> None:
        self._skipped = self._all_skipped()
        self._lost_before = self.dropped
        self._lost = {}
        self._interfaces[: self._count] = 0
        self._count = 0

    def _add_interface(self, body: bytes, order: Order) -> None:
        if self._count == MAX_INTERFACES or len(body) < 8:
            self._ignored += 1
            return
        row = self._interfaces[self._count]
        self._count += 1
        link = int.from_bytes(body[:2], order)
        row[LINK] = link
        row[DECODABLE] = link in LINK_NAMES
        row[SNAPLEN] = int.from_bytes(body[4:8], order) or MAX_CAPTURED
        _set_resolution(row, 6)
        for code, value in options(body[8:], order):
            if code == _TSRESOL and len(value) == 1:
                _set_resolution(row, value[0])
            elif code == _TSOFFSET and len(value) == 8:
                offset = int.from_bytes(value, order, signed=True) * 1_000_000_000
                row[OFFSET] = max(1 - FOREVER, min(offset, FOREVER - 1))
        if len(self._names) < _MAX_NAMES:
            self._names[link_name(link)] = None

    def _add_statistics(self, body: bytes, order: Order) -> None:
        number = int.from_bytes(body[:4], order)
        lost = [
            int.from_bytes(value, order)
            for code, value in options(body[12:], order)
            if code in (_IFDROP, _OSDROP) and len(value) == 8
        ]
        if lost and number < self._count:
            self._lost[number] = sum(lost)

    def _all_skipped(self) -> Counter[int]:
        skipped = self._skipped.copy()
        for row in self._interfaces[: self._count]:
            if row[SKIPPED]:
                skipped[int(row[LINK])] += int(row[SKIPPED])
        return skipped

    @property
    def dropped(self) -> int | None:
        """Packets lost by interfaces and kernel: the last statistics of each interface, summed."""
        if not self._lost:
            return self._lost_before
        return (self._lost_before or 0) + sum(self._lost.values())

    @property
    def links(self) -> tuple[str, ...]:
        """The distinct names of the interfaces' link types, in order of appearance."""
        return tuple(self._names)

    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the packets so far."""
        notes = [
            f"{count} packets of link type {link} cannot be decoded."
            for link, count in self._all_skipped().most_common(_MAX_NAMES)
        ]
        if self._ignored:
            notes.append(
                f"{self._ignored} interfaces were ignored, with their packets: their description "
                f"is cut short, or the section has more than {MAX_INTERFACES}."
            )
        return tuple(notes)


def _set_resolution(row: Array, resolution: int) -> None:
    """Fill the columns that turn ticks into ns from an ``if_tsresol`` octet (pcapng §4.2)."""
    exponent = resolution & 0x7F
    binary = bool(resolution & 0x80) and exponent > 0
    row[SHIFT] = min(exponent, 63) if binary else 0
    row[MULTIPLY] = 10 ** max(9 - exponent, 0) if not resolution & 0x80 else 1_000_000_000
    row[DIVIDE] = 10 ** min(max(exponent - 9, 0), 18)
    row[LIMIT] = FOREVER // int(row[MULTIPLY])
