"""A test language for captures that reads like a sequence diagram.

::

    fd, sd = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
    tape = (
        Tape()
        .syn(fd, sd).synack().ack()
        .send(fd, b"hello").ack()
        .silence(60).probe(fd).answer()
        .fin(fd).fin(sd).ack()
    )
    tape.pcap()      # bytes that any reader of captures takes
    tape.follow()    # what our own decoder and follower make of them

Every step is one real frame (``frames``), a millisecond after the one before unless
``silence`` says otherwise. The tape plays two faultless TCPs: it keeps the sequence numbers of
both ends. What the network or the tap does to frames is said afterwards: ``duplicate``, ``swap``,
``drop``, ``snap`` work on what was recorded last. IPv6 needs no more than IPv6 endpoints.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Self

from frames import ethernet, header_length, tcp, udp

from auditor.flows import ConnectionTracker, Flow, TrackingResult
from auditor.packets import Batch, Decoder

SECOND = 1_000_000_000
PORTS = frozenset({5432, 9101, 9102, 9103})
_SEQUENCE_SPACE = 1 << 32


@dataclass(frozen=True)
class Endpoint:
    """One end of a connection: an address of either family, and a port."""

    address: str
    port: int


@dataclass(frozen=True)
class Frame:
    """One frame as captured: ``data`` may be fewer than were on the ``wire``."""

    time: int
    data: bytes
    wire: int


@dataclass
class _Half:
    """What one end knows of itself."""

    next: int
    window: int = 502
    ident: int = 0
    said: bytes = b""
    said_at: int = 0
    clock: int = 0
    stamp: int = 0


@dataclass
class _Connection:
    halves: dict[Endpoint, _Half] = field(default_factory=dict)

    def peer(self, end: Endpoint) -> Endpoint:
        return next(other for other in self.halves if other != end)


class Tape:
    """Records frames; every step returns the tape."""

    def __init__(self, start: int = 1_800_000_000 * SECOND, *, pace: float = 0.001, ttl: int = 64):
        self.frames: list[Frame] = []
        self.connection = _Connection()
        self._connections: dict[frozenset[Endpoint], _Connection] = {}
        self._now = start
        self._pace = int(pace * SECOND)
        self._gap = 0
        self._ttl = ttl
        self._distant: dict[str, int] = {}
        self._ticks = 0
        self._first_tick = 0
        self._shift: int | None = 0
        self._isn = 0
        self._last_sender: Endpoint | None = None
        self._prober: Endpoint | None = None

    # ------------------------------------------------------------------ opening

    def syn(self, initiator: Endpoint, acceptor: Endpoint, isn: int | None = None) -> Self:
        """Open a connection; what follows is about this one."""
        self._begin(initiator, acceptor, isn, None)
        return self._open(initiator, "S")

    def synack(self, sender: Endpoint | None = None) -> Self:
        """Answer the SYN; by default its receiver does."""
        return self._open(self._other(sender), "SA")

    def join(self, a: Endpoint, b: Endpoint, a_next: int = 5000, b_next: int = 9000) -> Self:
        """Let a connection be open since before the capture; nothing is recorded."""
        self._begin(a, b, a_next - 1, b_next - 1)
        for half in self.connection.halves.values():
            half.next += 1
        return self

    def on(self, a: Endpoint, b: Endpoint) -> Self:
        """Turn to a connection that was opened earlier."""
        self.connection = self._connections[frozenset((a, b))]
        return self

    # ------------------------------------------------------------------ talking

    def ack(self, sender: Endpoint | None = None) -> Self:
        """Acknowledge all that the peer said; by default whoever did not speak last does."""
        return self._say(self._other(sender), "A")

    def send(self, sender: Endpoint, data: bytes, flags: str = "PA") -> Self:
        """Send data; it is not acknowledged yet."""
        half = self.connection.halves[sender]
        half.said, half.said_at = data, half.next
        self._say(sender, flags, data)
        half.next += len(data)
        return self

    def resend(self, sender: Endpoint) -> Self:
        """Send the last data again, with the same sequence number."""
        half = self.connection.halves[sender]
        return self._say(sender, "PA", half.said, seq=half.said_at)

    def window(self, sender: Endpoint, size: int) -> Self:
        """Announce a receive window, from now on."""
        self.connection.halves[sender].window = size
        return self._say(sender, "A")

    def segment(
        self, sender: Endpoint, flags: str, data: bytes = b"", *, shift: int = 0, unread: int = 0
    ) -> Self:
        """Send anything, ``shift`` away from where it belongs; neither end takes note.

        ``unread``: so many of the peer's bytes have not arrived yet, and are not acknowledged.
        """
        seq = self.connection.halves[sender].next + shift
        return self._say(sender, flags, data, seq, unread)

    # ------------------------------------------------------------------ keepalive

    def probe(self, sender: Endpoint, garbage: bytes = b"") -> Self:
        """Send a keepalive probe, with or without a garbage byte."""
        self._prober = sender
        return self.segment(sender, "A", garbage, shift=-1)

    def answer(self) -> Self:
        """Answer the last probe."""
        assert self._prober is not None, "nobody probed"
        return self._say(self.connection.peer(self._prober), "A")

    # ------------------------------------------------------------------ closing

    def fin(self, sender: Endpoint) -> Self:
        """Close one direction."""
        self._say(sender, "FA")
        self.connection.halves[sender].next += 1
        return self

    def rst(self, sender: Endpoint | None = None) -> Self:
        """Reset the connection; by default whoever did not send last does."""
        return self._say(self._other(sender), "RA")

    # ------------------------------------------------------------------ time and the tap

    def silence(self, seconds: float) -> Self:
        """Let the next frame come exactly so long after the last one."""
        self._gap = round(seconds * SECOND)
        return self

    def ttl(self, ttl: int) -> Self:
        """Let frames arrive with this TTL from now on."""
        self._ttl = ttl
        return self

    def distant(self, address: str, ttl: int) -> Self:
        """Let what a host sends arrive with its own TTL from now on: routers stand before it."""
        self._distant[address] = ttl
        return self

    def clocks(self, rate: int = 1000, first: int = 4_294_900_000) -> Self:
        """Let both hosts write timestamps, of so many ticks a second, from now on."""
        self._ticks, self._first_tick = rate, first
        return self

    def stamps(self, shift: int | None = 0) -> Self:
        """Let timestamps be so many ticks off from now on; None: let there be none."""
        self._shift = shift
        return self

    def other(self) -> Self:
        """Record a frame that is none of ours: the capture is seen to go on."""
        ends = "192.0.2.1", "192.0.2.2"
        return self._record(ethernet(*ends, socket.IPPROTO_UDP, udp(*ends)))

    def hidden(self, source: str, target: str) -> Self:
        """Send what nobody can read, ESP, from one address to another."""
        return self.frame(ethernet(source, target, 50, bytes(40)))

    def frame(self, data: bytes) -> Self:
        """Record a frame that others made."""
        return self._record(data)

    def error(
        self,
        router: str,
        kind: int,
        code: int,
        *,
        mtu: int = 0,
        quote: int = 8,
        seq: int | None = None,
    ) -> Self:
        """Let ``router`` answer the last frame by an ICMP error of that type and code.

        It quotes the IP header and ``quote`` bytes of TCP, with another sequence number ``seq``.
        """
        frame = self.frames[-1].data
        start = header_length(frame)
        quoted = frame[14 : start + quote]
        if seq is not None:
            place = start - 14 + 4
            quoted = quoted[:place] + seq.to_bytes(4, "big") + quoted[place + 4 :]
        if six := frame[12:14] == b"\x86\xdd":
            message, source = bytes([kind, code, 0, 0]) + mtu.to_bytes(4, "big"), frame[22:38]
        else:
            message, source = bytes([kind, code, *bytes(4)]) + mtu.to_bytes(2, "big"), frame[26:30]
        sender = socket.inet_ntop(socket.AF_INET6 if six else socket.AF_INET, source)
        protocol = socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP
        return self._record(ethernet(router, sender, protocol, message + quoted))

    def duplicate(self, after: float = 0.000_01) -> Self:
        """Deliver the last frame once more; time goes on from the first copy."""
        self.frames.append(replace(self.frames[-1], time=self._now + round(after * SECOND)))
        return self

    def swap(self, *, keep_times: bool = False) -> Self:
        """Deliver the last two frames in the other order; ``keep_times``: with their own times."""
        first, second = self.frames[-2:]
        if not keep_times:
            first, second = replace(first, time=second.time), replace(second, time=first.time)
        self.frames[-2:] = second, first
        return self

    def drop(self, count: int = 1) -> Self:
        """Let the capture miss the last frames."""
        del self.frames[-count:]
        return self

    def snap(self, payload: int) -> Self:
        """Cut the last frame so that ``payload`` bytes of what it carries are left."""
        frame = self.frames[-1]
        start = header_length(frame.data)
        kept = start + 4 * (frame.data[start + 12] >> 4) + payload
        self.frames[-1] = replace(frame, data=frame.data[:kept])
        return self

    # ------------------------------------------------------------------ results

    @property
    def now(self) -> int:
        """Time of the last frame, ns."""
        return self._now

    def pcap(self) -> bytes:
        """Return the tape as a nanosecond pcap file."""
        parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)]
        for frame in self.frames:
            seconds, rest = divmod(frame.time, SECOND)
            parts.append(struct.pack("<IIII", seconds, rest, len(frame.data), frame.wire))
            parts.append(frame.data)
        return b"".join(parts)

    def batch(self, ports: Collection[int] = PORTS) -> Batch:
        """Return the tape as our decoder reads it."""
        (batch,) = Decoder(ports).feed(self.pcap())
        return Batch(batch.segments.copy(), batch.buffer.copy())

    def follow(
        self, ports: Collection[int] = PORTS, *, capture_end: int | None = None
    ) -> TrackingResult:
        """Return what our follower makes of the tape, up to its last frame of any kind."""
        follower = ConnectionTracker(ports)
        for batch in Decoder(ports).feed(self.pcap()):  # several where fragments are put together
            follower.feed(batch)
        return follower.finish(self._now if capture_end is None else capture_end)

    def flow(self) -> Flow:
        """Return the only flow of the tape."""
        (flow,) = self.follow().flows
        return flow

    # ------------------------------------------------------------------ inside

    def _begin(self, a: Endpoint, b: Endpoint, a_isn: int | None, b_isn: int | None) -> None:
        self._isn += 1_000_000
        halves = {
            a: _Half(self._isn if a_isn is None else a_isn),
            b: _Half(self._isn + 500_000 if b_isn is None else b_isn, clock=77_000),
        }
        self.connection = self._connections[frozenset((a, b))] = _Connection(halves)
        self._last_sender = None

    def _other(self, sender: Endpoint | None) -> Endpoint:
        if sender is not None:
            return sender
        assert self._last_sender is not None, "nobody spoke on this connection yet"
        return self.connection.peer(self._last_sender)

    def _open(self, sender: Endpoint, flags: str) -> Self:
        self._say(sender, flags)
        self.connection.halves[sender].next += 1
        return self

    def _say(
        self,
        sender: Endpoint,
        flags: str,
        data: bytes = b"",
        seq: int | None = None,
        unread: int = 0,
    ) -> Self:
        receiver = self.connection.peer(sender)
        half, peer = self.connection.halves[sender], self.connection.halves[receiver]
        half.ident += 1
        self._last_sender = sender
        segment = tcp(
            (sender.address, sender.port, receiver.address, receiver.port),
            flags,
            (half.next if seq is None else seq) % _SEQUENCE_SPACE,
            (peer.next - unread) % _SEQUENCE_SPACE if "A" in flags else 0,
            0 if "R" in flags else half.window,
            data,
            self._stamps(half, peer),
        )
        ttl = self._distant.get(sender.address, self._ttl)
        which = {"label": 7} if ":" in sender.address else {"ident": half.ident % 65536}
        ends = sender.address, receiver.address
        return self._record(ethernet(*ends, socket.IPPROTO_TCP, segment, ttl=ttl, **which))

    def _stamps(self, half: _Half, peer: _Half) -> tuple[int, int] | None:
        if not self._ticks or self._shift is None:
            return None
        now = self._now + (self._gap or self._pace)
        first = self._first_tick + half.clock + self._shift
        half.stamp = (first + now * self._ticks // SECOND) % _SEQUENCE_SPACE
        return half.stamp, peer.stamp

    def _record(self, data: bytes) -> Self:
        if self.frames:
            self._now += self._gap or self._pace
        self._gap = 0
        self.frames.append(Frame(self._now, data, len(data)))
        return self
