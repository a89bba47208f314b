"""A thinned capture as a pcapng file: packets, and what there was to know of the full one."""

from __future__ import annotations

import platform
from collections.abc import Iterable

from auditor import __version__
from auditor.evidence import blocks
from auditor.evidence.atomic_file import Write
from auditor.evidence.packet import Counters, Interface, Packet
from auditor.packets.pcapng_comments import LACKS, THINNED, facts_to_comment, span_to_comment
from auditor.packets.segments import CapturedOn, CaptureInfo

#: Octets that are written at once.
_GROUP = 1 << 18


class Evidence:
    """Writes the blocks of one file, in order."""

    def __init__(self, write: Write, filter_text: str) -> None:
        self.octets = 0
        """Octets written."""
        self.packets = 0
        """Packets written."""
        self._write = write
        self._filter = filter_text
        self._described = 0
        self._group = bytearray(
            blocks.section(f"bareos-audit {__version__}", "", platform.system(), (THINNED,))
        )

    def describe(self, interfaces: tuple[CapturedOn, ...]) -> None:
        """Describe the interfaces that are new since the last call, before their packets."""
        for name, link in interfaces[self._described :]:
            self._group += blocks.interface(Interface(name, link), self._filter, "")
        self._described = max(self._described, len(interfaces))

    def add(self, packets: Iterable[Packet]) -> None:
        """Write packets, which are in order of time."""
        for packet in packets:
            self._group += blocks.packet(packet)
            self.packets += 1
            if len(self._group) >= _GROUP:
                self._flush()

    def end(self, info: CaptureInfo, counters: Counters, lacks: Iterable[str]) -> None:
        """Write what was counted, what is lacking, and the socket facts of the full capture."""
        if info.first is not None and info.last is not None:
            lines = [span_to_comment(info.first, info.last)]
            lines += [f"{LACKS}{lack}" for lack in lacks]
            lines += [facts_to_comment(fact) for fact in info.facts]
            step = blocks.MAX_COMMENTS - 1
            # The last block of an interface counts, and every one says the same.
            for at in range(0, len(lines), step):
                self._group += blocks.statistics(
                    0, counters, info.first, info.last, lines[at : at + step]
                )
        self._flush()

    def _flush(self) -> None:
        self._write(bytes(self._group))
        self.octets += len(self._group)
        self._group.clear()
