"""The pcapng format (draft-ietf-opsawg-pcapng): its sections and what they say of themselves."""

from __future__ import annotations

from auditor.packets.capture_format import CaptureFormat
from auditor.packets.clock_steps import note_step
from auditor.packets.counters import FOREVER, clock_of
from auditor.packets.interfaces import MAX_INTERFACES, Interfaces
from auditor.packets.pcapng_block_options import ENHANCED_HEAD
from auditor.packets.pcapng_comments import EXCERPT, THINNED
from auditor.packets.pcapng_options import Order, options, text
from auditor.packets.pcapng_scanner import (
    ENHANCED,
    IGNORED,
    INTERFACE,
    MAX_BLOCK,
    SECTION,
    STATISTICS,
    UNREAD,
    scan_blocks,
)
from auditor.packets.recorder_notes import MAX_COMMENTS, NOWHERE, RecorderNotes
from auditor.packets.scanner import BROKEN, CONTROL
from auditor.packets.segments import Array, CapturedOn
from auditor.text import printable

#: Reads the same in both byte orders.
SECTION_MAGIC = SECTION.to_bytes(4, "big")
_SECTION_SIZE = 28
_ORDERS: dict[bytes, Order] = {b"\x1a\x2b\x3c\x4d": "big", b"\x4d\x3c\x2b\x1a": "little"}
_COMMENT, _USERAPPL = 1, 4
#: Bytes of an Interface Statistics Block before its options.
_STATISTICS_HEAD = 20
#: Section headers and interface descriptions of one file that are read. A day's ring of a minute
#: each, put together, has some thousand.
MAX_DESCRIBED = 1 << 17
#: What the file says beyond this many lost packets is shown as this many: they fit into 64 bits.
_MAX_LOST = (1 << 63) - 1


class PcapngScanner:
    """Decodes the sections of one pcapng file; a ``Scanner``."""

    format = CaptureFormat.PCAPNG

    def __init__(self) -> None:
        self.backend = "file"
        self.started = False
        self.recorder_notes: RecorderNotes | None = None
        self.lacks: tuple[str, ...] = ()
        self._thinned = False  # this section
        self._order: Order = "little"
        self._interfaces = Interfaces()
        self._described = 0
        self._lost_before: int | None = None
        self._shown = -FOREVER  # by the clock, ns UTC

    @classmethod
    def open(cls, head: bytes) -> PcapngScanner | None:
        """Return a scanner for a file that begins with ``head`` (12 bytes or more), or None."""
        return cls() if head[:4] == SECTION_MAGIC and head[8:12] in _ORDERS else None

    def scan(
        self,
        buffer: Array,
        at: int,
        stop: int,
        ports: Array,
        out: Array,
        n: int,
        counters: Array,
        fragments: Array,
    ) -> tuple[int, int, int]:
        """Decode as ``Scanner`` says."""
        status, last_read = CONTROL, UNREAD
        while status == CONTROL:
            interfaces = self._interfaces
            big, table, count = int(self._order == "big"), interfaces.table, interfaces.count
            read = last_read if self._wants_comments() else IGNORED
            at, n, status = scan_blocks(
                buffer, at, stop, big, read, table, count, ports, out, n, counters, fragments
            )
            if status == CONTROL:
                last_read, self._shown = at, clock_of(counters)
                at, status = self._control(buffer, at, stop)
                if (notes := self.recorder_notes) and (step := notes.clock.take_step()):
                    note_step(counters, n, *step)
        return at, n, status

    def _wants_comments(self) -> bool:
        return self._thinned and self.recorder_notes is not None and not self.recorder_notes.full

    def _control(self, buffer: Array, at: int, stop: int) -> tuple[int, int]:
        """Read a block that is not for the kernel; return the offset to go on at and a status."""
        if stop - at < _SECTION_SIZE and buffer[at : at + 4].tobytes() == SECTION_MAGIC:
            return at, _SECTION_SIZE
        head = buffer[at : at + 12].tobytes()
        section = head[:4] == SECTION_MAGIC
        order = _ORDERS.get(head[8:12]) if section else self._order
        if order is None:
            return at, BROKEN
        size = int.from_bytes(head[4:8], order)
        if section and (size < _SECTION_SIZE or size & 3 or size > MAX_BLOCK):
            return at, BROKEN
        if stop - at < size:
            return at, size
        block = buffer[at : at + size].tobytes()
        if block[-4:] != block[4:8] or (section and not self._begin_section(block, order)):
            return at, BROKEN
        kind = int.from_bytes(head[:4], order)
        if kind in (ENHANCED, STATISTICS):  # the kernel decodes it, now that its comments are read
            options_at, interface = _STATISTICS_HEAD, int.from_bytes(block[8:12], order)
            if kind == ENHANCED:
                interface = NOWHERE
                captured = int.from_bytes(block[20:24], order)
                options_at = ENHANCED_HEAD + captured + (-captured & 3)
            self._read_comments(block[options_at:-4], order, interface)
            return at, CONTROL
        self._described += 1
        if self._described > MAX_DESCRIBED:
            return at, BROKEN
        if kind == INTERFACE:
            self._interfaces.add(block[8:-4], order, self._shown)
        return at + size, CONTROL

    def _read_comments(self, body: bytes, order: Order, interface: int = NOWHERE) -> None:
        """Take in the comments among the options in ``body``, of an interface's statistics."""
        if self.recorder_notes is not None and self._thinned:
            for code, value in options(body, order, MAX_COMMENTS):
                if code == _COMMENT:
                    self.recorder_notes.comment(text(value), interface)

    def _begin_section(self, block: bytes, order: Order) -> bool:
        if int.from_bytes(block[12:14], order) != 1:  # major version
            return False
        self._order = order
        self.started = True
        self._lost_before = self.dropped
        self._interfaces.clear()
        if self.recorder_notes is not None:
            self.recorder_notes.begin_section()
        self._thinned = False
        for code, value in options(block[24:-4], order):
            if code == _COMMENT and text(value) == THINNED:
                self._thinned = True
                self.recorder_notes = self.recorder_notes or RecorderNotes()
            if code == _COMMENT and text(value) == EXCERPT:
                self.lacks = ("it is an excerpt: only the packets of one finding are there",)
            if code == _USERAPPL and self.backend == "file":
                self.backend = printable(text(value)) or "file"
        self._read_comments(block[24:-4], order)
        return True

    @property
    def dropped(self) -> int | None:
        """Packets lost by interfaces and kernel: the last statistics of each interface, summed."""
        lost = self._interfaces.lost
        if lost is None:
            return self._lost_before
        return min((self._lost_before or 0) + lost, _MAX_LOST)

    @property
    def links(self) -> tuple[str, ...]:
        """Distinct names of the interfaces' link types."""
        return self._interfaces.names

    @property
    def interfaces(self) -> tuple[CapturedOn, ...]:
        """The interfaces of all sections, in the order of ``SEGMENT``'s ``interface``."""
        return self._interfaces.described

    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the packets so far."""
        notes = [
            f"{count} packets of link type {link} cannot be decoded."
            for link, count in self._interfaces.skipped.most_common(8)
        ]
        if self._interfaces.ignored:
            notes.append(
                f"{self._interfaces.ignored} interfaces were ignored, with their packets: a "
                f"section has more than {MAX_INTERFACES}."
            )
        if self._interfaces.short:
            notes.append(
                f"{self._interfaces.short} interfaces were ignored, with their packets: their "
                "description is cut short."
            )
        if self.exceeded:
            notes.append(f"It has {self.exceeded}: what follows them was not read.")
        return tuple(notes)

    @property
    def exceeded(self) -> str:
        """What the file has more of than is read; empty: nothing."""
        many = self._described > MAX_DESCRIBED
        return f"more than {MAX_DESCRIBED} sections and interfaces" if many else ""
