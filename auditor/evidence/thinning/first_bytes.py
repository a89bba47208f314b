"""Collects the first bytes of each side until it is known what of them may be kept (R6)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.evidence.packet import HELLO_BYTES, Packet
from auditor.evidence.thinning.contradictions import (
    NOTHING,
    of_late,
    of_nothing,
    of_older,
    of_places,
    of_refusal,
)
from auditor.evidence.thinning.renaming import AS_THEY_ARE, Renaming
from auditor.evidence.thinning.stream_start import Piece, Sender, StreamStart
from auditor.packets.unseen_note import Lack

#: Segments over all flows that wait until it is known what they belong to.
MAX_PENDING = 4096
#: First bytes that are held of all flows, beyond which those of the oldest are let go.
MAX_HELD = 32 << 20

#: So often is it said of a connection what was found in a segment.
_MOST_NOTES = 32
#: What of a side whose SYN was not seen may be kept (P1).
_MARK_BYTES = 5


@dataclass(slots=True)
class _Flow:
    epoch: int
    sides: tuple[StreamStart, StreamStart]
    partial: bool = False
    """What its sides sent before was let go."""
    told: frozenset[Lack] = NOTHING
    notes: int = 0
    """How often something was found in a segment."""

    def size(self) -> int:
        return sum(len(side.prefix) for side in self.sides)

    def waiting(self) -> int:
        return sum(len(side.waiting) for side in self.sides)

    def times(self) -> Iterator[int]:
        return (piece.packet.time for side in self.sides for piece in side.waiting)


class FirstBytes:
    """The first bytes of all flows; one entry a flow of the table, which bounds them. ``piece``:
    what is kept is put together with what is kept of files before and after it, so that of a side
    whose beginning is not in this one all is kept that may belong to its hello."""

    def __init__(self, names: Renaming = AS_THEY_ARE, *, piece: bool = False) -> None:
        self._names = names
        self._piece = piece
        self.lost = 0
        """Segments whose payload was let go because too many were waiting."""
        self._flows: OrderedDict[int, _Flow] = OrderedDict()
        self._let_go: dict[int, int] = {}
        """Epoch of the flows of which first bytes were let go, by their place in the table."""
        self._waits: set[int] = set()
        """Flows of which segments may wait."""
        self._waiting = 0
        self._bytes = 0

    def add(self, row: int, sender: Sender, piece: Piece) -> Iterator[tuple[int, Packet]]:
        """Take a piece of side ``row``; yield (number, packet) of all that is known to be kept."""
        flow = self._flow(row >> 1, sender)
        side = flow.sides[row & 1]
        side.sender = sender
        peer = flow.sides[~row & 1]
        before = len(side.prefix)
        side.fill(piece)
        self._bytes += len(side.prefix) - before
        if not sender.begun and self._piece:
            yield piece.number, piece.packet
        elif not sender.begun and piece.offset:
            pass  # at most the mark of TLS is kept (P1)
        elif self._waiting >= MAX_PENDING:
            self.lost += 1
        else:
            self._waiting += 1
            side.waiting.append(piece)
        waited = len(side.waiting) + len(peer.waiting)
        for which in (0, 1):
            one = flow.sides[which]
            one.settle(flow.sides[1 - which].sent())
            if one.waiting:
                yield from one.take()
        waits = len(side.waiting) + len(peer.waiting)
        self._waiting += waits - waited
        if waits:
            self._waits.add(row >> 1)
        while self._bytes > MAX_HELD:
            oldest = next(iter(self._flows))
            self._let_go[oldest] = self._flows[oldest].epoch
            self.forget(oldest)

    def _flow(self, index: int, sender: Sender) -> _Flow:
        flow = self._flows.get(index)
        if flow is None or flow.epoch != sender.epoch:
            self.forget(index)
            partial = self._let_go.pop(index, None) == sender.epoch
            one, two = (StreamStart(self._names, piece=self._piece) for _ in range(2))
            flow = self._flows[index] = _Flow(sender.epoch, (one, two), partial=partial)
        return flow

    def contradicted(self, row: int, sender: Sender, piece: Piece) -> frozenset[Lack]:
        """Return what a piece of side ``row``, before it is added, contradicts that may not be seen
        in what is kept (P11)."""
        flow = self._flow(row >> 1, sender)
        side = flow.sides[row & 1]
        if flow.partial and piece.again and not side.holds(piece):
            return frozenset({Lack.DOUBTED})
        kept = side.excerpt.size if side.excerpt.ended else HELLO_BYTES
        kept = kept if sender.begun else _MARK_BYTES
        return of_places(side.differing(piece), side.sent(), kept)

    def news(self, row: int, sender: Sender, found: frozenset[Lack]) -> frozenset[Lack]:
        """Return what is to be said beside a segment: what was ``found`` in it, and what the first
        bytes of its connection have become, if that was not said yet.

        What a reader takes for another connection may be the same here, so the first is repeated.
        """
        flow = self._flow(row >> 1, sender)
        repeated = bool(found - {Lack.BOUND}) and flow.notes < _MOST_NOTES
        flow.notes += repeated
        for one, peer in (flow.sides, flow.sides[::-1]):
            if one.sender.begun:
                found |= of_late(one.late, one.excerpt.size)
                if one.excerpt.ended and not one.excerpt.size and peer.excerpt.size:
                    found |= of_nothing(one.sent(), peer.sent(), bytes(peer.excerpt.kept))
            elif one.prefix:
                found |= of_older(one.sent(), peer.sent(), marked=one.marked)
        if Lack.UNREAD in found | flow.told:
            found |= of_refusal(*(side.sent() for side in flow.sides))
        if found <= flow.told and not repeated:
            return NOTHING
        flow.told |= found
        return found

    def drop(
        self, before: int, sender_of: Callable[[int], Sender], *, end: bool = False
    ) -> Iterator[tuple[int, Packet]]:
        """Let what is older than ``before`` (ns UTC) wait no more; yield what is kept of it.

        ``sender_of`` tells what is known by now of a row; ``end``: nothing follows in this file.
        """
        for index in list(self._waits):
            flow = self._flows[index]
            waited = flow.waiting()
            for which, side in enumerate(flow.sides):
                sender = sender_of(2 * index + which)
                if not side.sender.begun and sender.epoch == flow.epoch:
                    side.sender = sender
                    side.settle(flow.sides[1 - which].sent())
                received, whole = flow.sides[1 - which].sent(), end and self._piece
                yield from side.expire(before, received, whole=whole)
            self._waiting += flow.waiting() - waited
            if not flow.waiting():
                self._waits.discard(index)

    def oldest(self) -> int | None:
        """Return the time of the oldest segment that waits, ns UTC; None: none does."""
        times = [time for flow in self._waits for time in self._flows[flow].times()]
        return min(times, default=None)

    def forget(self, flow: int) -> None:
        """Forget a flow of the table."""
        known = self._flows.pop(flow, None)
        self._waits.discard(flow)
        if known is not None:
            self._waiting -= known.waiting()
            self._bytes -= known.size()

    def limit(self, row: int) -> int:
        """Return how far into the stream of ``row`` there may be payload that is kept."""
        flow = self._flows.get(row >> 1)
        side = flow.sides[row & 1] if flow else None
        return side.excerpt.size if side and side.excerpt.ended else HELLO_BYTES
