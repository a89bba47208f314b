"""Puts socket facts beside the packets that they are about.

A fact goes onto the next kept packet of its flow: the SYN, when the socket is being connected
while the capture runs. A socket that was there before, and is silent, may have no packet for
hours; its fact then goes into the comments of a statistics block, so that it is never lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from auditor.evidence.endpoints import Ends, Segment, segment_of, unmapped
from auditor.evidence.packet import Packet
from auditor.packets.pcapng_comments import SocketFact, facts_to_comment

#: How long (ns) a fact waits for a packet of its flow before it is written without one.
WAIT_NS = 2_000_000_000
#: Flows with a fact that are remembered; the kernel's own table has the same bound.
MAX_FLOWS = 65536
#: Facts of one flow that wait: both ends on this host, in three states each.
_MAX_PER_FLOW = 6
_FIN, _RST = 0x01, 0x04
#: States (RFC 9293, Linux's spelling of the first) in which a connection is over.
_OVER = frozenset({"CLOSE", "CLOSED", "TIME-WAIT"})

_Key = tuple[tuple[str, int], tuple[str, int]]


class Annotations:
    """The facts that wait for a packet, and those that a new file has to repeat."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[_Key, list[SocketFact]] = OrderedDict()
        self._known: OrderedDict[_Key, dict[tuple[str, int], SocketFact]] = OrderedDict()
        self._closed: dict[_Key, set[tuple[str, int]]] = {}  # the ends that have sent FIN
        self._unplaced: list[SocketFact] = []

    def add(self, facts: Iterable[SocketFact]) -> None:
        """Take facts in."""
        for fact in facts:
            key = _key(unmapped(fact.local), unmapped(fact.remote))
            waiting = self._waiting.setdefault(key, [])
            if len(waiting) < _MAX_PER_FLOW:
                waiting.append(fact)
            else:
                self._unplaced.append(fact)
            self._remember(key, fact)
        while len(self._waiting) > MAX_FLOWS:
            self._unplaced += self._waiting.popitem(last=False)[1]

    def _remember(self, key: _Key, fact: SocketFact) -> None:
        if fact.state in _OVER:
            self._forget(key)
            return
        if key in self._closed:  # the same ports once more
            del self._closed[key]
        self._known.setdefault(key, {})[unmapped(fact.local)] = fact
        self._known.move_to_end(key)
        if len(self._known) > MAX_FLOWS:
            self._forget(next(iter(self._known)))

    def for_packet(self, link: int, packet: Packet) -> tuple[list[str], int]:
        """Return the comments for a packet that is about to be written, and its process or 0."""
        if not self._known and not self._waiting:
            return [], 0
        segment = segment_of(link, packet.data)
        if segment is None:
            return [], 0
        ends = segment.ends
        key = _key(*ends)
        facts = self._waiting.pop(key, [])
        process = self._process(key, ends, facts)
        self._end(key, segment)
        return [facts_to_comment(fact) for fact in facts], process

    def _end(self, key: _Key, segment: Segment) -> None:
        """Forget a connection that this packet ends: nobody reports the socket once more, and a
        file that begins later is not to have it."""
        if key not in self._known:
            return
        if segment.flags & _FIN:
            self._closed.setdefault(key, set()).add(segment.ends.source)
        if segment.flags & _RST or len(self._closed.get(key, ())) > 1:
            self._forget(key)

    def _forget(self, key: _Key) -> None:
        self._known.pop(key, None)
        self._closed.pop(key, None)

    def _process(self, key: _Key, ends: Ends, facts: list[SocketFact]) -> int:
        """Return the process at the sending end, or failing that at the receiving one."""
        owners = {unmapped(fact.local): fact.pid for fact in facts}
        owners |= {end: fact.pid for end, fact in self._known.get(key, {}).items()}
        return owners.get(ends.source) or owners.get(ends.destination) or 0

    def without_packet(self, before: int | None = None) -> list[str]:
        """Return the lines of facts that found no packet, read before ``before`` (ns UTC)."""
        due = self._unplaced
        self._unplaced = []
        while self._waiting:
            facts = next(iter(self._waiting.values()))
            if before is not None and facts[0].time >= before:
                break
            due += self._waiting.popitem(last=False)[1]
        return [facts_to_comment(fact) for fact in due]

    def for_new_file(self) -> list[str]:
        """Return the lines that hold for open connections, for a file that begins during them."""
        return [facts_to_comment(fact) for ends in self._known.values() for fact in ends.values()]


def _key(one: tuple[str, int], other: tuple[str, int]) -> _Key:
    return (one, other) if one <= other else (other, one)
