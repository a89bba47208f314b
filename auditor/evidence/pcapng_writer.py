"""Writes pcapng blocks in groups: what a recording and a thinned file have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from auditor.evidence import blocks
from auditor.evidence.header_options import without_options
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.version import __version__

#: Bytes that are written at once; a burst larger than that becomes several writes.
_GROUP = 1 << 18


class PcapngWriter:
    """Collects whole blocks and hands them to ``write``, never a part of one.

    Packets are handed on when there are many; everything else waits for ``flush``.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self.bytes_written = 0
        """Bytes written."""
        self.packets = 0
        """Packets added."""
        self._write = write
        self._links: list[int] = []
        self._group = bytearray()

    @property
    def pending(self) -> int:
        """Bytes that were added and are not written yet."""
        return len(self._group)

    def section(self, hardware: str, system: str, comments: Iterable[str]) -> None:
        """Begin a section of this program, on a machine and an operating system."""
        self._links = []
        self._group += blocks.section(f"bareos-audit {__version__}", hardware, system, comments)

    def interface(
        self, description: Interface, filter_text: str, system: str, snaplen: int = 0
    ) -> None:
        """Describe the next interface of the section."""
        self._links.append(description.link)
        self._group += blocks.interface(description, filter_text, system, snaplen)

    def names(self, table: Mapping[str, str]) -> None:
        """Add names of addresses."""
        self._group += blocks.names(table)

    def packet(self, packet: Packet, comments: Sequence[str] = (), pid: int = 0) -> None:
        """Add a packet, without foreign options; ``pid`` 0 means that no process is known."""
        if packet.interface < len(self._links):
            data = without_options(self._links[packet.interface], packet.data)
            if data is not packet.data:
                packet = packet._replace(data=data)
        self._group += blocks.packet(packet, comments, pid)
        self.packets += 1
        if len(self._group) >= _GROUP:
            self.flush()

    def statistics(
        self,
        number: int,
        counters: Counters,
        started: int,
        now: int,
        comments: Sequence[str] = (),
    ) -> None:
        """Add the statistics of interface ``number``; times are ns UTC.

        More comments than one block may have go onto further blocks, which count the same: the
        last block of an interface is the one that holds.
        """
        step = blocks.MAX_COMMENTS - 1  # the counters are a comment too
        for at in range(0, max(len(comments), 1), step):
            self._group += blocks.statistics(
                number, counters, started, now, comments[at : at + step]
            )

    def flush(self) -> None:
        """Write what has been collected."""
        if self._group:
            group, self._group = bytes(self._group), bytearray()
            self._write(group)
            self.bytes_written += len(group)
