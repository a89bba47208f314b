"""Lays blocks out in files: what begins each file, the packets with their facts, what ends it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Iterable, Mapping

from auditor.capture.backend import Backend
from auditor.capture.recording.output import Output
from auditor.evidence.annotations import WAIT_NS, Annotations
from auditor.evidence.packet import Counters, Packet
from auditor.evidence.pcapng_writer import PcapngWriter
from auditor.packets.pcapng_comments import THINNED, addresses_to_comments, span_to_comment


class RecordingWriter:
    """The pcapng side of a recording. Raises CaptureError as ``Output`` does.

    ``names`` are names of addresses, ``own`` the addresses of this host; ``watch`` is given every
    group of blocks after it was written.
    """

    def __init__(
        self,
        backend: Backend,
        output: Output,
        names: Mapping[str, str],
        filter_text: str,
        watch: Callable[[bytes], None] | None,
        clock: Callable[[], int],
        own: Collection[str] = (),
    ) -> None:
        self.output = output
        self.annotations = Annotations()
        self._writer = PcapngWriter(self._put)
        self._backend = backend
        self._names = names
        self._filter = filter_text
        self._watch = watch
        self._clock = clock
        self._own = own
        self._counters: tuple[Counters, ...] = ()
        self._started = self._begun = clock()

    @property
    def packets(self) -> int:
        """Packets written, over all files."""
        return self._writer.packets

    @property
    def bytes_written(self) -> int:
        """Bytes written, over all files."""
        return self._writer.bytes_written

    def _put(self, group: bytes) -> None:
        self.output.write(group)
        if self._watch is not None:
            self._watch(group)

    def begin(self) -> None:
        """Write what a file begins with."""
        self._begun = self._clock()
        system = f"{platform.system()} {platform.release()}"
        backend = self._backend
        blind = " ".join(backend.blind) or "It sees all that passes these interfaces."
        told = f"bareos-audit backend {backend.name}: {blind}"
        # Of a later file the first packet tells, which is older than the file itself.
        begun = () if self.packets else (span_to_comment(self._begun, self._begun),)
        known = (THINNED, told, *begun, *addresses_to_comments(self._own))
        self._writer.section(platform.machine(), system, known)
        for interface in backend.interfaces:
            self._writer.interface(interface, self._filter, system)
        self._writer.names(self._names)
        self.flush()

    def add(self, packets: Iterable[Packet]) -> None:
        """Write packets, which are in order of time, each with the facts about its flow."""
        interfaces = self._backend.interfaces
        for packet in packets:
            if self.output.full(self._writer.pending):
                self._next_file()
            link = interfaces[packet.interface].link
            self._writer.packet(packet, *self.annotations.for_packet(link, packet))
        self._lines(self.annotations.without_packet(self._clock() - WAIT_NS))

    def _next_file(self) -> None:
        self.statistics(self._counters or self._backend.counters())
        self.flush()
        self.output.rotate()
        self.begin()
        self._lines(self.annotations.for_new_file())

    def _lines(self, lines: list[str]) -> None:
        """Write facts that have no packet, as comments of statistics of the first interface."""
        if lines:
            counters = self._counters or self._backend.counters()
            self._writer.statistics(0, counters[0], self._started, self._clock(), lines)

    def statistics(self, counters: tuple[Counters, ...], *comments: str) -> None:
        """Write the statistics of every interface, each with the same comments."""
        self._counters = counters
        for number, counts in enumerate(counters):
            self._writer.statistics(number, counts, self._started, self._clock(), comments)

    def flush(self) -> None:
        """Hand what has been collected to the file."""
        self._writer.flush()

    def end(self, counters: tuple[Counters, ...]) -> None:
        """Write what a recording ends with."""
        self._counters = counters
        span = span_to_comment(self._begun, max(self._begun, self._clock()))
        self._lines(self.annotations.without_packet())
        self.statistics(counters, span)
        self.flush()

    def close(self) -> None:
        """Close the file."""
        self.output.close()
