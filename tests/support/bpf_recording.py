"""Runs the eBPF backend over traffic of a test, and builds frames for it."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Collection, Iterator
from typing import Any

from netns import Namespace

from auditor.capture.backend import Request
from auditor.capture.backends.ebpf import EbpfBackend
from auditor.evidence.packet import Counters, Packet
from auditor.packets.pcapng_comments import SocketFact

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy's optional cryptography warns of old ciphers
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import Ether

#: In every file data that a test moves; it must never be found in what is kept.
MARKER = b"THIS-IS-FILE-DATA"

#: Longer than a silence, and than the walk that finds it (s).
LONG = 0.6


class Recording:
    """A capture under way in a namespace."""

    def __init__(self, home: Namespace, request: Request) -> None:
        self._home = home
        self.backend = EbpfBackend()
        with home.entered():
            self.backend.open(request)
        self.packets: list[Packet] = []
        self.facts: list[SocketFact] = []

    def run(self, seconds: float) -> None:
        """Read for a time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.packets += self.backend.poll(left)

    def socket_facts(self) -> list[SocketFact]:
        """Ask for socket facts."""
        with self._home.entered():
            self.facts += self.backend.facts()
        return self.facts

    def finish(self) -> list[Packet]:
        """End, and return all that was kept, after checking what holds for every recording."""
        self.packets += self.backend.flush()
        times = [packet.time for packet in self.packets]
        assert times == sorted(times)
        assert len({(p.time, p.interface) for p in self.packets}) == len(self.packets)
        assert [p for p in self.packets if MARKER in p.data] == []
        for count in self.backend.counters():
            assert count.seen >= count.matched
            assert count.matched >= count.kept
        total = sum(count.kept for count in self.backend.counters())
        assert total == len(self.packets)
        return self.packets

    @property
    def count(self) -> Counters:
        """The counters of the first interface."""
        return self.backend.counters()[0]


@contextlib.contextmanager
def recording(
    home: Namespace,
    *interfaces: str,
    ports: Collection[int] = (9101, 9102, 9103, 5432),
    **options: int,
) -> Iterator[Recording]:
    """Record in a namespace until the end of the block."""
    request = Request(interfaces or ("wire0",), frozenset(ports), **options)
    under_way = Recording(home, request)
    try:
        yield under_way
    finally:
        under_way.backend.close()


class Dialogue:
    """A TCP connection as frames: each side's next one, with the numbers kept."""

    def __init__(self, port: int = 9103, source: int = 40001, **layers: Any) -> None:
        """Begin with sequence numbers 1000 (initiator) and 5000 (acceptor)."""
        self._ports = (source, port)
        self._next = [1000, 5000]
        self._ident = 0
        self.network = layers.get("network", IP)
        self.addresses = layers.get("addresses", ("192.0.2.1", "192.0.2.2"))
        self.under = layers.get("under", Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02"))

    def frame(self, side: int, flags: str = "A", payload: bytes = b"", shift: int = 0) -> bytes:
        """Return the next frame of a side (0 the initiator), its number moved by ``shift``."""
        tcp = TCP(
            sport=self._ports[side],
            dport=self._ports[1 - side],
            seq=self._next[side] + shift,
            ack=self._next[1 - side],
            flags=flags,
        )
        source, destination = self.addresses[side], self.addresses[1 - side]
        network = self.network(src=source, dst=destination)
        self._ident += 1  # or two that say the same would be one that the tap delivered twice
        if network.version == 4:
            network.id = self._ident
        else:
            tcp.window = self._ident
        if not shift:
            self._next[side] += len(payload) + ("S" in flags) + ("F" in flags)
        return bytes(self.under / network / tcp / payload)

    def handshake(self) -> list[bytes]:
        """Return the three frames that open the connection."""
        return [self.frame(0, "S"), self.frame(1, "SA"), self.frame(0, "A")]

    def probe(self, side: int, payload: bytes = b"") -> bytes:
        """Return a keepalive probe."""
        return self.frame(side, "A", payload, shift=-1)


def payload_of(packet: Packet) -> bytes:
    """Return what is kept of the payload of a packet over IPv4 without VLAN tags."""
    header = 14 + (packet.data[14] & 15) * 4
    return packet.data[header + (packet.data[header + 12] >> 4) * 4 :]


def flags_of(packet: Packet) -> int:
    """Return the TCP flags of a packet over IPv4 without VLAN tags."""
    return packet.data[14 + (packet.data[14] & 15) * 4 + 13]
