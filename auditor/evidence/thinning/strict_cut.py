"""The second stage of thinning in the kernel: of the payload that it hands over, only what may be
kept. So there is one reader of first bytes, whatever captured them (P1 to P7)."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter

from auditor.evidence.blocks import interface as interface_block
from auditor.evidence.blocks import packet as packet_block
from auditor.evidence.blocks import section
from auditor.evidence.packet import Interface, Packet
from auditor.evidence.thinning.thinner import Thinner
from auditor.packets.decoder import Decoder

_FOREVER = 1 << 62
_time = attrgetter("time")


class StrictCut:
    """Takes packets of which every header is kept, and cuts their payload.

    A packet that is no segment on one of ``ports``, nor an ICMP error about a flow that is known,
    goes no further. ``interfaces`` are those that the packets name; a flow is followed on each by
    itself, in a table of ``max_flows``.
    """

    def __init__(
        self, ports: Collection[int], interfaces: Sequence[Interface], max_flows: int = 65536
    ) -> None:
        self._each = [
            _Stage(ports, number, interface, max_flows)
            for number, interface in enumerate(interfaces)
        ]
        self._waiting: list[Packet] = []

    def feed(self, packets: Iterable[Packet], now: int) -> list[Packet]:
        """Take packets in order of time; return what is settled and in order.

        ``now`` (ns UTC): no packet before that will follow. A packet waits half a second at most.
        """
        given: list[list[Packet]] = [[] for _ in self._each]
        for packet in packets:
            given[packet.interface].append(packet)
        for number, stage in enumerate(self._each):
            self._waiting += stage.feed(given[number], now)
        return self._due(min((stage.settled for stage in self._each), default=_FOREVER))

    def flush(self) -> list[Packet]:
        """Return what still waits, at the end of the capture."""
        for stage in self._each:
            self._waiting += stage.flush()
        return self._due(_FOREVER)

    def lost(self, interface: int) -> int:
        """Return how many packets of an interface were let go at a bound."""
        return self._each[interface].lost

    def _due(self, until: int) -> list[Packet]:
        self._waiting.sort(key=_time)
        count = bisect_right(self._waiting, until, key=_time)
        due, self._waiting = self._waiting[:count], self._waiting[count:]
        return due

    def lost_payload(self, interface: int) -> int:
        """Return of how many of these the header was handed on."""
        return self._each[interface].lost_payload


class _Stage:
    """One interface's."""

    def __init__(
        self, ports: Collection[int], number: int, interface: Interface, max_flows: int
    ) -> None:
        self._number = number
        self._decoder = Decoder(ports, interface.name)
        self._thinner = Thinner(max_flows, everything=True)
        self._about: OrderedDict[int, list[Packet]] = OrderedDict()
        """Packets that carry a direction or a comment, by their time. A plain dictionary goes
        past all that was removed before it tells its oldest key."""
        head = section("", "", "") + interface_block(Interface("", interface.link), "", "")
        self._cut(head)

    @property
    def settled(self) -> int:
        return self._thinner.settled

    @property
    def lost(self) -> int:
        return self._thinner.counters()[2]

    @property
    def lost_payload(self) -> int:
        return self._thinner.lost_payload

    def feed(self, packets: list[Packet], now: int) -> list[Packet]:
        for packet in packets:
            self._about.setdefault(packet.time, []).append(packet)
        blocks = b"".join(map(_block, packets))
        return self._marked(self._cut(blocks) + self._thinner.advance(now))

    def flush(self) -> list[Packet]:
        return self._marked(self._thinner.flush())

    def _cut(self, stream: bytes) -> list[Packet]:
        return [
            packet for batch in self._decoder.feed(stream) for packet in self._thinner.feed(batch)
        ]

    def _marked(self, packets: list[Packet]) -> list[Packet]:
        """Give the packets back what the decoder passes over, and the number of the interface."""
        marked = []
        for packet in packets:
            same = self._about.get(packet.time, [])
            head = packet.data[:_LIKE]
            alike = [one for one in same if one.data.startswith(head)] or [packet]
            one = next((one for one in alike if not one.bare), alike[0])
            if not packet.comment and len(packet.data) <= one.bare:
                continue  # nothing is left of what its header was kept for
            time, _, data, length, *_ = packet
            said = "\n".join(line for line in (one.comment, packet.comment) if line)
            said = one.comment if one is packet else said
            marked.append(Packet(time, self._number, data, length, one.direction, said))
        settled = self.settled
        while self._about and (time := next(iter(self._about))) <= settled:
            del self._about[time]
        return marked


#: Bytes by which packets of one time are told apart: link and network header, and the ports.
_LIKE = 58


def _block(packet: Packet) -> bytes:
    time, _, data, length, *_ = packet
    return packet_block(Packet(time, 0, data, length))
