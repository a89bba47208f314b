"""Collects the first bytes of each side until it is known what of them may be kept (R6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.evidence.packet import Packet
from auditor.evidence.thinning.payload_policy import PREFIX_BYTES, allowance

#: Segments over all flows that wait until it is known what they belong to.
MAX_PENDING = 4096


@dataclass(slots=True)
class Piece:
    """A segment that may carry hello."""

    number: int
    """Of the segment, in order of arrival."""
    packet: Packet
    """With the payload that may turn out to be hello."""
    header: int
    """Bytes of headers; what follows them is payload."""
    offset: int
    """Where in the side's stream that payload begins."""

    def cut(self, size: int) -> Packet | None:
        """Return the packet with what lies in the stream's first ``size`` bytes; None: nothing."""
        payload = min(len(self.packet.data) - self.header, size - self.offset)
        if payload <= 0:
            return None
        return self.packet._replace(data=self.packet.data[: self.header + payload])


@dataclass(slots=True)
class _Side:
    """The beginning of what one side sent."""

    prefix: bytearray = field(default_factory=lambda: bytearray(PREFIX_BYTES))
    filled: int = 0
    """Bits: which bytes of ``prefix`` were seen."""
    allowed: int = 0
    settled: bool = False
    waiting: list[Piece] = field(default_factory=list)

    def sent(self) -> bytes:
        """Return the prefix up to its first hole."""
        size = (~self.filled & (self.filled + 1)).bit_length() - 1
        return bytes(self.prefix[:size])

    def fill(self, piece: Piece) -> None:
        """Put a piece into the prefix; the first copy of a byte wins."""
        for at in range(piece.offset, min(piece.offset + len(piece.packet.data), PREFIX_BYTES)):
            index = piece.header + at - piece.offset
            if index < len(piece.packet.data) and not self.filled >> at & 1:
                self.prefix[at] = piece.packet.data[index]
                self.filled |= 1 << at


@dataclass(slots=True)
class _Flow:
    epoch: int
    sides: tuple[_Side, _Side] = field(default_factory=lambda: (_Side(), _Side()))


class FirstBytes:
    """The first bytes of all flows; one entry a flow of the table, which bounds them."""

    def __init__(self) -> None:
        self.lost = 0
        """Segments whose payload was let go because too many were waiting."""
        self._flows: dict[int, _Flow] = {}
        self._waiting = 0

    def add(self, row: int, epoch: int, opener: int, piece: Piece) -> Iterator[tuple[int, Packet]]:
        """Take a piece of side ``row``; yield (number, packet) of all that is known to be kept.

        ``epoch`` tells connections on the same row apart; ``opener`` is the side that sent the
        SYN, 0 or 1, or negative if it was not seen.
        """
        flow = self._flows.get(row >> 1)
        if flow is None or flow.epoch != epoch:
            self.forget(row >> 1)
            flow = self._flows[row >> 1] = _Flow(epoch)
        side = flow.sides[row & 1]
        side.fill(piece)
        if not side.settled or side.waiting:
            self._wait(side, piece)
        elif (packet := piece.cut(side.allowed)) is not None:
            yield piece.number, packet
        for index, one in enumerate(flow.sides):
            yield from self._settle(one, flow.sides[1 - index], index, opener)

    def _wait(self, side: _Side, piece: Piece) -> None:
        if self._waiting >= MAX_PENDING:
            self.lost += 1
            return
        self._waiting += 1
        side.waiting.append(piece)

    def _settle(
        self, side: _Side, peer: _Side, index: int, opener: int
    ) -> Iterator[tuple[int, Packet]]:
        if not side.settled:
            side.allowed, side.settled = allowance(
                side.sent(),
                peer.sent(),
                may_initiate=opener in (index, -1),
                may_accept=opener != index,
            )
        waiting = []
        for piece in side.waiting:
            end = piece.offset + len(piece.packet.data) - piece.header
            if not side.settled and end > side.allowed:
                waiting.append(piece)
                continue
            self._waiting -= 1
            if (packet := piece.cut(side.allowed)) is not None:
                yield piece.number, packet
        side.waiting = waiting

    def drop(self, before: int) -> None:
        """Let go what is older than ``before`` (ns UTC) and still waits: it is no hello."""
        if not self._waiting:
            return
        for flow in self._flows.values():
            for side in flow.sides:
                kept = [piece for piece in side.waiting if piece.packet.time >= before]
                self._waiting -= len(side.waiting) - len(kept)
                side.waiting = kept

    def forget(self, flow: int) -> None:
        """Forget a flow of the table."""
        known = self._flows.pop(flow, None)
        if known is not None:
            self._waiting -= sum(len(side.waiting) for side in known.sides)

    def limit(self, row: int) -> int | None:
        """Return how far into the stream of ``row`` payload may be kept; None: not known yet."""
        side = self._flows[row >> 1].sides[row & 1]
        return side.allowed if side.settled else None
