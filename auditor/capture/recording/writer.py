"""Lays blocks out in files: what begins each file, the packets with their facts, what ends it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable

from auditor import __version__
from auditor.capture.backend import Backend, Limits
from auditor.capture.recording.output import Output
from auditor.evidence import blocks
from auditor.evidence.annotations import WAIT_NS, Annotations
from auditor.evidence.packet import Counters, Packet
from auditor.packets.pcapng_comments import THINNED, span_to_comment

#: Octets that are written at once; a burst larger than that becomes several writes.
_GROUP = 1 << 18


class Writer:
    """The pcapng side of a recording. Raises CaptureError as ``Output`` does.

    ``watch`` is given every group of blocks after it was written.
    """

    def __init__(
        self,
        backend: Backend,
        output: Output,
        limits: Limits,
        filter_text: str,
        watch: Callable[[bytes], None] | None,
        clock: Callable[[], int],
    ) -> None:
        self.output = output
        self.annotations = Annotations()
        self.packets = 0
        """Packets written, over all files."""
        self.octets = 0
        """Octets written, over all files."""
        self._backend = backend
        self._names = limits.names
        self._filter = filter_text
        self._watch = watch
        self._clock = clock
        self._group = bytearray()
        self._counters: tuple[Counters, ...] = ()
        self._started = self._begun = clock()

    def begin(self) -> None:
        """Write what a file begins with."""
        self._begun = self._clock()
        system = f"{platform.system()} {platform.release()}"
        backend = self._backend
        blind = " ".join(backend.blind) or "It sees all that passes these interfaces."
        self._group += blocks.section(
            f"bareos-audit {__version__}",
            platform.machine(),
            system,
            (THINNED, f"bareos-audit backend {backend.name}: {blind}"),
        )
        for interface in backend.interfaces:
            self._group += blocks.interface(interface, self._filter, system)
        self._group += blocks.names(self._names)
        self.flush()

    def add(self, packets: Iterable[Packet]) -> None:
        """Write packets, which are in order of time, each with the facts about its flow."""
        interfaces = self._backend.interfaces
        for packet in packets:
            if self.output.full(len(self._group)):
                self._next_file()
            link = interfaces[packet.interface].link
            comments, pid = self.annotations.beside(link, packet)
            self._group += blocks.packet(packet, comments, pid)
            self.packets += 1
            if len(self._group) >= _GROUP:
                self.flush()
        self._lines(self.annotations.alone(self._clock() - WAIT_NS))

    def _next_file(self) -> None:
        self.statistics(self._counters or self._backend.counters())
        self.flush()
        self.output.rotate()
        self.begin()
        self._lines(self.annotations.known())

    def _lines(self, lines: list[str]) -> None:
        """Write facts that have no packet, as comments of statistics of the first interface."""
        counters = self._counters or self._backend.counters()
        for at in range(0, len(lines), blocks.MAX_COMMENTS - 1):
            some = lines[at : at + blocks.MAX_COMMENTS - 1]
            self._group += blocks.statistics(0, counters[0], self._started, self._clock(), some)

    def statistics(self, counters: tuple[Counters, ...], *comments: str) -> None:
        """Write the statistics of every interface, each with the same comments."""
        self._counters = counters
        for number, counts in enumerate(counters):
            self._group += blocks.statistics(number, counts, self._started, self._clock(), comments)

    def flush(self) -> None:
        """Hand what has been collected to the file."""
        if self._group:
            group, self._group = bytes(self._group), bytearray()
            self.output.write(group)
            self.octets += len(group)
            if self._watch is not None:
                self._watch(group)

    def end(self, counters: tuple[Counters, ...]) -> None:
        """Write what a recording ends with."""
        self._counters = counters
        span = span_to_comment(self._begun, max(self._begun, self._clock()))
        self._lines(self.annotations.alone())
        self.statistics(counters, span)
        self.flush()

    def close(self) -> None:
        """Close the file."""
        self.output.close()
