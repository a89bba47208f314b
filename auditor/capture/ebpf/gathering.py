"""Brings what ring and flow table give into one order, each packet once."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

from auditor.capture.ebpf.flow_table import FlowTable, Unseen
from auditor.capture.ebpf.layout import RECORD_HEAD, RECORD_HEAD_BYTES
from auditor.evidence.packet import SILENCE_NS, Direction, Packet
from auditor.evidence.timeline import Timeline
from auditor.packets.unseen_note import Lack, UnseenNote, unseen_to_comment
from auditor.text.endpoint_text import address_to_text

#: A packet is in the ring this long (ns) after its time at most: a filter runs undisturbed and
#: needs microseconds.
MARGIN_NS = 50_000_000

_END_OF_TIME = 1 << 62

_HEAD = struct.Struct(RECORD_HEAD)
_DIRECTIONS = tuple(Direction)


class Clock(Protocol):
    """Tells what time it was."""

    def utc(self, boot: int) -> int:
        """Return ns UTC for ns since boot."""


class Ring(Protocol):
    """A ring buffer."""

    def drain(self) -> list[bytes]:
        """Return everything that has been put into the ring, oldest first."""


class Cut(Protocol):
    """Leaves of payload what may be kept (``evidence.thinning.strict_cut``)."""

    def feed(self, packets: Iterable[Packet], now: int) -> list[Packet]:
        """Take packets in order, complete up to ``now``; return what is settled."""

    def flush(self) -> list[Packet]:
        """Return what still waits."""

    def lost(self, interface: int) -> int:
        """Return how many packets of an interface were let go."""

    def lost_payload(self, interface: int) -> int:
        """Return of how many of these the header was handed on."""


class Gathering:
    """Held-back headers come from two places, in no order: the ring, when a silence ends, and the
    flow table, when one has lasted. After a walk of the table at T and a drain of the ring behind
    it every segment up to T - SILENCE_NS that is kept is known: packets are returned up to there,
    and of their payload only what ``cut`` leaves.

    ``numbers`` are the backend's numbers of interfaces, by ifindex.
    """

    def __init__(
        self, table: FlowTable, ring: Ring, clock: Clock, numbers: Mapping[int, int], cut: Cut
    ) -> None:
        self._table = table
        self._ring = ring
        self._clock = clock
        self._numbers = numbers
        self._cut = cut
        self._timeline = Timeline(window=0)
        self._kept: Counter[int] = Counter()
        self._unseen: dict[int, list[str]] = {}
        """What is to be said beside the packet of that time (ns UTC)."""

    def kept(self, interface: int) -> int:
        """Return how many packets of an interface were returned."""
        return self._kept[interface]

    def lost(self, interface: int) -> int:
        """Return how many packets of an interface came too late, or were let go at a bound."""
        return self._timeline.late.get(interface, 0) + self._cut.lost(interface)

    def lost_payload(self, interface: int) -> int:
        """Return of how many of these only the payload is lost."""
        return self._cut.lost_payload(interface)

    def drain(self) -> None:
        """Take what is in the ring; what a walk has taken before is known."""
        for record in self._ring.drain():
            time, flow, *_, side, _, late, _, _ = _HEAD.unpack_from(record)
            if not (late and self._table.repeats(flow, side, time)):
                self._take(record)

    def walk(self, now: int) -> list[Packet]:
        """Look for silences at ``now`` (ns since boot); return what is in order by then."""
        horizon = self._clock.utc(self._look(now, now - SILENCE_NS) - MARGIN_NS)
        return self._counted(self._cut.feed(self._told(self._timeline.due(horizon)), horizon))

    def rest(self, now: int) -> list[Packet]:
        """Return what is still held back, each side's last activity too, at the end."""
        self._look(now, _END_OF_TIME, everything=True)
        rest = self._cut.feed(self._told(self._timeline.rest()), self._clock.utc(now))
        return self._counted(rest + self._cut.flush())

    def _look(self, now: int, horizon: int, *, everything: bool = False) -> int:
        """Take what the table holds back, and all that is in the ring; return up to when."""
        self.drain()  # before flows that are over are forgotten, and what was taken of them
        walk = self._table.walk(now, horizon, everything=everything)
        self.drain()
        for record in walk.records:
            self._take(record)
        for one in walk.unseen:
            self._note(one)
        return walk.horizon

    def _take(self, record: bytes) -> None:
        time, _, ifindex, length, stored, direction, *_, bare = _HEAD.unpack_from(record)
        data = record[RECORD_HEAD_BYTES : RECORD_HEAD_BYTES + stored]
        packet = Packet(
            self._clock.utc(time), self._numbers[ifindex], data, length, _DIRECTIONS[direction]
        )._replace(bare=bare)
        self._timeline.add([packet])

    def _note(self, unseen: Unseen) -> None:
        time = self._clock.utc(unseen.time)
        one, other = ((address_to_text(address), port) for address, port in unseen.ends)
        marks = frozenset({Lack.BOUND} if unseen.bound else ())
        note = UnseenNote(((one, unseen.octets[0]), (other, unseen.octets[1])), time, marks)
        self._unseen.setdefault(time, []).append(unseen_to_comment(note))

    def _told(self, packets: list[Packet]) -> list[Packet]:
        """Return packets with what is to be said beside them."""
        if not self._unseen:
            return packets
        told = []
        for packet in packets:
            said = self._unseen.get(packet.time)
            told.append(packet._replace(comment=said.pop()) if said else packet)
        if packets:
            behind = [time for time in self._unseen if time <= packets[-1].time]
            for time in behind:
                del self._unseen[time]
        return told

    def _counted(self, packets: list[Packet]) -> list[Packet]:
        self._kept.update(packet.interface for packet in packets)
        return packets
