"""The incremental decoder: bytes in, batches of segments out, no file and no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from auditor.errors import CaptureError
from auditor.packets.clock_steps import ClockSteps
from auditor.packets.counters import (
    COMPLETE,
    ERRORS,
    FIRST,
    FRAGMENTS,
    LAST,
    PACKETS,
    SHORT,
    UNDECODED,
    UNTIMED,
    new_counters,
)
from auditor.packets.decode_as import port_table
from auditor.packets.drops import settled
from auditor.packets.earlier import Earlier
from auditor.packets.fragments import go_on, new_fragments
from auditor.packets.pcap import HEADER_SIZE, PcapScanner
from auditor.packets.pcapng import SECTION_MAGIC, PcapngScanner
from auditor.packets.recorder_notes import NOTE
from auditor.packets.scanner import BROKEN, FULL, Scanner
from auditor.packets.segments import SEGMENT, Array, Batch, CapturedOn, CaptureInfo, read_only
from auditor.packets.undecoded import undecoded_layers
from auditor.packets.undecoded_runs import runs_of
from auditor.packets.whole_datagrams import WholeDatagrams

#: Segments in one batch: those of a chunk (``readahead``) of packets that were cut short, so that
#: each chunk is one batch. Handing on half as many costs more than what staying in a cache gains.
BATCH_SEGMENTS = 32768
#: The batch being filled, the two before it, which are still promised to the consumer, and one that
#: is held until it is known to be in order.
_ROTATION = 4


class Decoder:
    """Decodes a capture that arrives in chunks of any size, cut at any place.

    ``ports`` are the TCP ports of interest: a segment is kept when its source or destination port
    is one of them. ``Watched`` ones say which UDP ports are tunnels beside those of the standards.
    ``name`` is what messages and ``CaptureInfo.name`` call the capture, ``earlier``
    what it goes on from.
    """

    def __init__(
        self, ports: Collection[int], name: str = "-", earlier: Earlier | None = None
    ) -> None:
        self.name = name
        self._before = earlier.packets if earlier is not None else 0
        self._ports = port_table(ports)
        self._counters = new_counters()
        self._counters[PACKETS] = self._before
        self._fragments = new_fragments() if earlier is None else go_on(earlier.fragments)
        self._datagrams = WholeDatagrams(self._ports, self._counters, self._fragments)
        self._outs = [np.empty(BATCH_SEGMENTS, SEGMENT) for _ in range(_ROTATION)]
        self._turn = 0
        self._steps = ClockSteps()
        self._scanner: Scanner | None = None
        self._pending = bytearray()
        self._needed = HEADER_SIZE
        self._position = 0  # in the capture, of the first byte of _pending
        self._segments = 0
        self._broken = False

    @property
    def ended(self) -> bool:
        """Whether nothing that follows can be read, so that feeding more is pointless."""
        return self._broken

    @property
    def interfaces(self) -> tuple[CapturedOn, ...]:
        """The interfaces met so far, in the order of ``SEGMENT``'s ``interface``."""
        return self._scanner.interfaces if self._scanner is not None else ()

    @property
    def thinned(self) -> bool:
        """Whether the capture, as far as it was read, says that it is thinned."""
        return self._scanner is not None and self._scanner.recorder_notes is not None

    @property
    def first(self) -> int | None:
        """Time of the earliest packet so far, ns UTC."""
        first = int(self._counters[FIRST])
        return first if first <= int(self._counters[LAST]) else None

    @property
    def so_far(self) -> Earlier:
        """What a capture that goes on where this one ends has to know."""
        return Earlier(int(self._counters[PACKETS]), self._fragments)

    @property
    def fact_count(self) -> int:
        """How many socket facts of the recording host were read so far."""
        notes = self._scanner.recorder_notes if self._scanner is not None else None
        return notes.fact_count if notes is not None else 0

    def feed(self, chunk: bytes | bytearray | memoryview | Array) -> Iterator[Batch]:
        """Decode ``chunk``; exhaust the iterator before the next call.

        A batch's buffer may be ``chunk`` itself: leave it untouched for as long as ``Batch`` says.
        """
        yield from self.feed_after(np.frombuffer(chunk, np.uint8), 0)

    def feed_after(self, buffer: Array, start: int) -> Iterator[Batch]:
        """Decode ``buffer[start:]``, as ``feed`` does, without a copy of it.

        ``buffer[:start]`` is room to spare: the record that the previous chunk ended in the middle
        of is completed there.
        """
        if self._broken:
            return
        pending = self._pending
        carried = len(pending)
        if carried + len(buffer) - start < self._needed:
            pending += buffer[start:].tobytes()
            return
        if carried > start:
            buffer = np.concatenate((np.frombuffer(bytes(pending), np.uint8), buffer[start:]))
            start = carried
        elif carried:
            buffer[start - carried : start] = np.frombuffer(bytes(pending), np.uint8)
        self._pending = bytearray()
        yield from self._scan(read_only(buffer), start - carried)

    def _scan(self, buffer: Array, at: int) -> Iterator[Batch]:
        stop = len(buffer)
        begin = self._position - at
        if self._scanner is None:
            at = self._recognise(buffer, at)
        status = BROKEN if self._scanner is None else FULL
        while self._scanner is not None and status == FULL:
            out = self._outs[self._turn % _ROTATION]
            at, n, status = self._scanner.scan(
                buffer, at, stop, self._ports, out, 0, self._counters, self._fragments
            )
            self._turn += n > 0
            self._segments += n
            yield from self._steps.cut(out[:n], buffer, self._counters)
            if whole := int(self._counters[COMPLETE]):
                self._counters[COMPLETE] = 0
                for batch in self._datagrams.decode(self._fragments[whole - 1]):
                    self._segments += 1
                    yield batch
        self._position = begin + at
        self._broken = status == BROKEN
        self._needed = status
        if not self._broken:
            self._pending = bytearray(buffer[at:].tobytes())

    def _recognise(self, buffer: Array, at: int) -> int:
        head = buffer[at : at + HEADER_SIZE].tobytes()
        if pcap := PcapScanner.open(head):
            self._scanner = pcap
            return at + HEADER_SIZE
        self._scanner = PcapngScanner.open(head)
        return at

    def finish(self) -> CaptureInfo:
        """Return what the capture contained; raise CaptureError if it never was a capture."""
        scanner = self._scanner
        if scanner is None or not scanner.started:
            raise CaptureError(self._refusal())
        counters = self._counters.tolist()
        recorded = scanner.recorder_notes
        times = [counters[FIRST], counters[LAST]] if counters[LAST] >= counters[FIRST] else []
        times += recorded.span if recorded is not None else ()
        return CaptureInfo(
            name=self.name,
            format=scanner.format,
            backend=scanner.backend,
            link=", ".join(scanner.links),
            packets=counters[PACKETS] - self._before,
            before=self._before,
            segments=self._segments - counters[ERRORS],
            first=min(times, default=None),
            last=max(times, default=None),
            dropped=scanner.dropped,
            drops=settled(scanner.dropped, recorded.drops if recorded else None, self._counters),
            truncated=self._broken or bool(self._pending),
            unread=self._unread() if self._broken else "",
            undecoded=counters[UNDECODED],
            layers=undecoded_layers(self._counters, recorded.layers if recorded else ()),
            runs=runs_of(self._counters, self._fragments, recorded.runs if recorded else ()),
            fragments=counters[FRAGMENTS],
            short=counters[SHORT],
            snaplen=min((on.snaplen for on in scanner.interfaces if on.snaplen), default=0),
            clock=self._steps.account(self._counters, recorded),
            thinned=recorded is not None,
            lacks=(*scanner.lacks, *(recorded.lacks if recorded is not None else ())),
            unreadable=recorded.unreadable if recorded is not None else (),
            withheld=self._counted("withheld"),
            lost_new=min(self._counted("lost_new"), scanner.dropped or 0),
            facts=recorded.facts if recorded is not None else (),
            flow_notes=recorded.flow_notes if recorded is not None else (),
            unseen=recorded.unseen if recorded is not None else (),
            holes=tuple(recorded.holes) if recorded is not None else (),
            addresses=recorded.addresses if recorded is not None else (),
            notes=(*scanner.notes(), *self._own_notes(counters[UNTIMED])),
        )

    def _counted(self, name: str) -> int:
        recorded = self._scanner.recorder_notes if self._scanner is not None else None
        return recorded.counted(name) if recorded is not None else 0

    def _unread(self) -> str:
        exceeded = self._scanner.exceeded if self._scanner is not None else ""
        what = f"it has {exceeded}" if exceeded else "a record in it is damaged"
        return f"the file was not read to its end: {what}"

    def _own_notes(self, untimed: int) -> Iterator[str]:
        if self.thinned:
            yield NOTE
        if withheld := self._counted("withheld"):
            yield (
                f"{withheld:,} packets of connections over which nothing was said are not in the "
                "recording, since more came than could be written."
            )
        if untimed:
            yield f"{untimed} packets carry no time and were given that of the packet before them."
        if self._broken and not (self._scanner and self._scanner.exceeded):
            yield (
                f"The record at byte offset {self._position} is damaged: "
                "what follows it was not read."
            )

    def _refusal(self) -> str:
        name = "standard input" if self.name == "-" else self.name
        head = bytes(self._pending)
        if not head and not self._broken:
            return f"{name} is empty, or cut before its first octet of data: capture anew."
        known = head[:4] == SECTION_MAGIC or PcapScanner.open(head.ljust(HEADER_SIZE, b"\0"))
        if self._broken or (len(head) >= 4 and not known):
            return (
                f"{name} is not a capture: give a pcap or pcapng file, packed or not "
                "(`tshark -r FILE -w FILE.pcapng` makes one of what only Wireshark knows)."
            )
        return f"{name} ends inside its file header, so there is nothing in it to read."
