"""Thins batches of segments, in memory that is fixed but for what waits to be in order."""

from __future__ import annotations

import heapq
import secrets
from collections import deque

import numpy as np

from auditor.evidence.packet import HEADER_BYTES, SILENCE_NS, Packet
from auditor.evidence.thinning.clock_set import set_clock
from auditor.evidence.thinning.contradictions import NOTHING
from auditor.evidence.thinning.first_bytes import FirstBytes
from auditor.evidence.thinning.renaming import AS_THEY_ARE, Renaming
from auditor.evidence.thinning.stream_start import Piece, Sender
from auditor.evidence.thinning.tables import (
    BOUND,
    FLOW,
    KEPT,
    LINE,
    MAYBE_HELLO,
    NOT_READ,
    OUT_BYTES,
    OUT_ROWS,
    SAID_AGAIN,
    SIDE,
    SLOT,
    SLOTS,
    STATE,
    UNSEEN,
)
from auditor.evidence.thinning.thin_batch import thin_batch
from auditor.evidence.thinning.unseen import with_note
from auditor.flows.numbered_twice import NumberedTwice
from auditor.flows.tcp_state import HAS_ISN, NEVER, NONE
from auditor.kernels.zeroed import zeroed
from auditor.packets.segments import SEGMENT, Array, Batch, read_only
from auditor.packets.unseen_note import Lack

#: How long (ns) a packet is held back at most: what began a silence is known after SILENCE_NS,
#: and one reason for it may be older by as much.
WINDOW_NS = 2 * SILENCE_NS + SILENCE_NS // 10
#: Packets that wait at most to be in the order in which they were read.
_MOST_WAITING = 65536
#: What there is to say of a segment whose line has this kind (P11).
_LACKS = ((NOT_READ, Lack.DOUBTED), (BOUND, Lack.BOUND))

_Two = tuple[int, int]
_Lacks = frozenset[Lack]
#: How long (ns) payload waits where every header is kept, and nothing else has to wait.
_PAYLOAD_NS = SILENCE_NS

_FOREVER = 1 << 62
_NO_SEGMENTS = np.zeros(0, SEGMENT)
_NO_BYTES = np.zeros(1, np.uint8)


class Thinner:
    """Keeps what ``docs/thinning.md`` says; what the capture backends call a ``Thinning``.

    ``max_flows`` bounds the flow table, of about 2 KiB a flow: flows that are over make room for
    others, and segments for which there is none are lost. With ``everything`` the headers of all
    segments are kept, for captures that were thinned before; payload is cut all the same, and a
    packet is held back only while it is not known what of its payload is kept. With ``as_read``
    packets come out as they were read, and not by their times. ``names`` stand for those in it.
    """

    def __init__(
        self,
        max_flows: int = 65536,
        *,
        everything: bool = False,
        as_read: bool = False,
        piece: bool = False,
        names: Renaming = AS_THEY_ARE,
    ) -> None:
        self._states = np.zeros(1, STATE)
        state = self._states[0]
        state["seeds"] = np.frombuffer(secrets.token_bytes(80), "u8", 10)
        state["recent"] = state["oldest"] = state["newest"] = NONE
        state["clock"] = NEVER >> 1
        state["batch"] = 1
        state["everything"], state["piece"] = everything, piece
        self._flows, rows = zeroed(max_flows + 1, FLOW), 2 * max_flows
        self._sides = zeroed(rows, SIDE)
        self._heads = np.full(1 << (rows - 1).bit_length(), NONE, "i4")
        self._slots = zeroed(SLOTS * rows, SLOT)
        self._headers = zeroed((SLOTS * rows, HEADER_BYTES), "u1")
        self._changed = zeroed(rows, "i4")
        self._lines, self._packets = zeroed(OUT_ROWS, LINE), zeroed((OUT_ROWS, OUT_BYTES), "u1")
        self._first_bytes = FirstBytes(names, piece=piece)
        self._twice = NumberedTwice()
        self._held: dict[int, Packet] = {}
        self._order: list[tuple[int, int]] = []
        self._as_read, self._everything = as_read, everything
        self._marks: deque[tuple[int, int]] = deque()
        """Clock, and the segments that were read by then, after each batch."""
        self._settled_number = self._kept = self._late = 0
        self._given = NEVER

    def feed(self, batch: Batch) -> list[Packet]:
        """Take decoded segments; return what is now known to be kept, in order."""
        self._run(self._twice.told_apart(batch).segments, NEVER, batch.buffer)
        return self._due()

    def advance(self, now: int) -> list[Packet]:
        """Return what the passing of time alone has settled: ``now`` is ns UTC."""
        self._run(_NO_SEGMENTS, min(now, _FOREVER), _NO_BYTES)
        return self._due()

    def flush(self) -> list[Packet]:
        """Return what is still held back, at the end of the capture."""
        clock = self._states["clock"].copy()
        self._run(_NO_SEGMENTS, _FOREVER, _NO_BYTES)
        self._states["clock"] = clock
        self._expire(_FOREVER, end=True)
        return self._taken(_FOREVER)

    def begin_anew(self, now: int) -> list[Packet]:
        """Return what is held back: the clock was set, to ``now`` (ns UTC)."""
        due = self.flush()
        self._marks.clear()
        self._settled_number = set_clock(now, self._states[0], self._flows, self._sides)
        return due

    @property
    def settled(self) -> int:
        """Time (ns UTC) up to which no further packet will be returned, if none comes late."""
        clock = int(self._states[0]["clock"])
        if not self._everything:
            return clock - WINDOW_NS
        oldest = self._first_bytes.oldest()
        return clock if oldest is None else min(clock, oldest - 1)

    def counters(self) -> tuple[int, int, int]:
        """Return the segments matched, kept, and lost at a bound so far."""
        lost = int(self._states[0]["lost"]) + self._late + self._first_bytes.lost
        return int(self._states[0]["matched"]), self._kept, lost

    @property
    def lost_payload(self) -> int:
        """Of those that were lost the segments of which only the payload is."""
        return self._first_bytes.lost

    def _run(self, segments: Array, until: int, buffer: Array) -> None:
        segments, buffer = read_only(segments), read_only(buffer)
        reached = 0
        tables = (self._states, self._flows, self._sides, self._heads, self._slots)
        out = (self._headers, self._changed, self._lines, self._packets)
        with np.errstate(over="ignore"):  # un-jitted, the hash would warn that it wraps
            while reached >= 0:
                reached = thin_batch(segments, reached, until, buffer, *tables, *out)
                self._drain()
        clock, matched = int(self._states[0]["clock"]), int(self._states[0]["matched"])
        if self._marks and self._marks[-1][0] == clock:
            self._marks.pop()
        if self._as_read:
            self._marks.append((clock, matched))

    def _drain(self) -> None:
        """Take the lines of the outbox that are filled."""
        count, self._states[0]["out_count"] = int(self._states[0]["out_count"]), 0
        octets, lines = self._packets.reshape(-1).data, self._lines[:count].tolist()
        for begin, line in zip(range(0, count * OUT_BYTES, OUT_BYTES), lines, strict=True):
            time, number, epoch, wire, header, size, row, offset, on, kind, summed, begun = line
            if kind & UNSEEN and not self._as_read:  # who reads the full capture knows better
                self._say(number, row, epoch, (header, size), NOTHING)
            if kind & KEPT:
                self._hold(number, Packet(time, on, octets[begin : begin + header].tobytes(), wire))
            if kind & (MAYBE_HELLO | NOT_READ | BOUND):
                packet = Packet(time, on, octets[begin : begin + size].tobytes(), wire)
                piece = Piece(number, packet, header, offset, summed, bool(kind & SAID_AGAIN))
                self._consider(row, Sender(epoch, bool(begun)), piece, kind)

    def _say(self, number: int, row: int, epoch: int, octets: _Two, marks: _Lacks) -> None:
        """Say beside a packet that is held how many bytes of the side of ``row`` and of its peer
        were not seen (P10), and what else is not kept (P11)."""
        flow, packet = self._flows[row >> 1], self._held.get(number)
        if packet is not None and flow["opened"] <= epoch:  # no others have taken its place
            self._held[number] = with_note(packet, flow, (octets[row & 1], octets[~row & 1]), marks)

    def _consider(self, row: int, sender: Sender, piece: Piece, kind: int) -> None:
        found = {lack for bit, lack in _LACKS if kind & bit}
        if kind & MAYBE_HELLO:
            if not self._as_read:
                found |= self._first_bytes.contradicted(row, sender, piece)
            for number, packet in self._first_bytes.add(row, sender, piece):
                self._hold(number, packet)
        if self._as_read:
            self._limit(row, sender)
        elif news := self._first_bytes.news(row, sender, frozenset(found)):  # P11
            header = piece.packet._replace(data=piece.packet.data[: piece.header])
            self._hold(piece.number, header)
            self._say(piece.number, row, sender.epoch, (0, 0), news)

    def _limit(self, row: int, sender: Sender) -> None:
        """Look at no more payload than may be kept: of first bytes nothing else is to be said."""
        if self._flows[row >> 1]["epoch"] != sender.epoch:
            return  # a new connection has taken its place meanwhile
        for side in (row, row ^ 1):
            limit = min(self._first_bytes.limit(side), int(self._sides[side]["hello_limit"]))
            self._sides[side]["hello_limit"] = limit

    def _sender(self, row: int) -> Sender:
        """Return what is known by now of a side."""
        begun = bool(int(self._sides[row]["bits"]) & HAS_ISN)
        return Sender(int(self._flows[row >> 1]["epoch"]), begun)

    def _hold(self, number: int, packet: Packet) -> None:
        """Hold a packet until it is in order; of two versions of one the longer is kept."""
        known = self._held.get(number)
        if known is not None:
            if len(packet.data) > len(known.data):
                self._held[number] = packet._replace(comment=known.comment)
        elif packet.time < self._given and not self._as_read:
            self._late += 1
        else:
            self._held[number] = packet
            place = number if self._as_read else packet.time
            heapq.heappush(self._order, (place, number))

    def _due(self) -> list[Packet]:
        waits = _PAYLOAD_NS if self._everything else WINDOW_NS
        self._expire(int(self._states[0]["clock"]) - waits)
        return self._taken(self._settled_place())

    def _expire(self, before: int, *, end: bool = False) -> None:
        """Let payload before this time wait no more; ``end``: nothing follows."""
        for number, packet in self._first_bytes.drop(before, self._sender, end=end):
            self._hold(number, packet)

    def _settled_place(self) -> int:
        """Return up to where in the order nothing more will come."""
        settled = self.settled
        if not self._as_read:
            return settled
        while self._marks and self._marks[0][0] <= settled:
            self._settled_number = self._marks.popleft()[1]
        return self._settled_number

    def _taken(self, until: int) -> list[Packet]:
        due = []
        most = _MOST_WAITING if self._as_read else _FOREVER
        while self._order and (self._order[0][0] <= until or len(self._order) > most):
            place, number = heapq.heappop(self._order)
            due.append(self._held.pop(number))
            self._given = place
        self._kept += len(due)
        return due
