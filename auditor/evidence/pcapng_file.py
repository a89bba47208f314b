"""A thinned capture as a pcapng file: packets, and what there was to know of the full one."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence

from auditor.evidence.packet import Counters, Interface, Packet
from auditor.evidence.pcapng_writer import PcapngWriter
from auditor.outputs import Write
from auditor.packets.clock_comments import clock_to_comments, step_to_comment
from auditor.packets.drops import MAX_TOLD as MAX_DROPS
from auditor.packets.drops import drop_to_comment
from auditor.packets.flow_notes import FlowNote, flow_note_to_comment
from auditor.packets.link_types import ETHERNET
from auditor.packets.pcapng_comments import (
    LACKS,
    THINNED,
    UNREADABLE,
    addresses_to_comments,
    facts_to_comment,
    hole_to_comment,
    layer_to_comment,
    span_to_comment,
)
from auditor.packets.recorder_notes import MAX_HOLES
from auditor.packets.segments import CapturedOn, CaptureInfo, ClockStep
from auditor.packets.undecoded_runs import MAX_TOLD, run_to_comment
from auditor.packets.unseen_note import UnseenNote, unseen_to_comment


class Evidence:
    """Writes the blocks of one file, in order."""

    def __init__(self, write: Write, filter_text: str) -> None:
        self._writer = PcapngWriter(write)
        self._filter = filter_text
        self._described = 0
        self._writer.section("", platform.system(), (THINNED,))

    @property
    def bytes_written(self) -> int:
        """Bytes written."""
        return self._writer.bytes_written

    @property
    def packets(self) -> int:
        """Packets written."""
        return self._writer.packets

    def describe(self, interfaces: tuple[CapturedOn, ...]) -> None:
        """Describe the interfaces that are new since the last call, before their packets."""
        for name, link, snaplen in interfaces[self._described :]:
            self._writer.interface(Interface(name, link), self._filter, "", snaplen)
        self._described = max(self._described, len(interfaces))

    def add(self, packets: Iterable[Packet]) -> None:
        """Write packets."""
        for packet in packets:
            self._writer.packet(packet)

    def step(self, step: ClockStep) -> None:
        """Say that the clock was set between the packets before and those that follow."""
        line = step_to_comment(*step)
        self._writer.statistics(0, Counters(), step.before, step.after, [line])

    def flush(self) -> None:
        """Write what waits to be written with more."""
        self._writer.flush()

    def end(
        self,
        info: CaptureInfo,
        counters: Counters,
        known_losses: Iterable[str],
        flow_notes: Iterable[FlowNote] = (),
        unseen: Iterable[UnseenNote] = (),
        unreadable: Iterable[str] = (),
    ) -> None:
        """Write what was counted, what is lacking or ``unreadable``, and what the full capture knew
        of its host and of connections."""
        lines = [f"{LACKS}{loss}" for loss in known_losses]
        lines += [f"{UNREADABLE}{loss}" for loss in unreadable]
        if info.first is not None and info.last is not None:
            lines.insert(0, span_to_comment(info.first, info.last))
        elif not lines and not info.dropped:  # nothing was there, and nothing is lacking
            self._writer.flush()
            return
        lines += [layer_to_comment(one.packets, one.layer) for one in info.may_hold]
        lines += map(drop_to_comment, info.drops[:MAX_DROPS])
        lines += map(run_to_comment, info.runs[:MAX_TOLD])
        lines += clock_to_comments(info.clock.ended, info.clock.late)
        lines += [hole_to_comment(*hole) for hole in _fewer(info.holes)]
        lines += addresses_to_comments(info.addresses)
        lines += [facts_to_comment(fact) for fact in info.facts]
        lines += map(flow_note_to_comment, flow_notes)
        lines += map(unseen_to_comment, unseen)
        if not self._described:  # statistics are of an interface
            self.describe((CapturedOn("", ETHERNET),))
        self._writer.statistics(0, counters, info.first or 0, info.last or 0, lines)
        self._writer.flush()


def _fewer(holes: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Return as many as are read; the last one spans all that are beyond."""
    if len(holes) <= MAX_HOLES:
        return holes
    return (*holes[: MAX_HOLES - 1], (holes[MAX_HOLES - 1][0], holes[-1][1]))
