"""What this room hands on: batches of decoded TCP segments, and what was learnt of the capture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from auditor.packets.flow_notes import FlowNote
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.unseen_note import UnseenNote

#: One decoded TCP segment. Addresses are 16 bytes as two big-endian halves (IPv4 is mapped to
#: ``::ffff:a.b.c.d``), so that both families share every code path after this room.
#:
#: Or an ICMP error that quotes a segment: then ``ident`` has ``icmp.ICMP_ERROR`` with its type and
#: code; ends, ports and ``seq`` are those of the segment; ``captured`` is the size of the packet
#: that it quotes, ``window`` the MTU that it names (0: none), and ``ack`` where its own network
#: header begins in the batch's buffer.
SEGMENT = np.dtype(
    [
        ("time", "i8"),  # nanoseconds since the epoch, UTC
        ("src_hi", "u8"),
        ("src_lo", "u8"),
        ("dst_hi", "u8"),
        ("dst_lo", "u8"),
        ("length", "u4"),  # TCP payload bytes on the wire, from the IP header
        ("payload", "u4"),  # where the captured payload begins in the batch's buffer
        ("captured", "u4"),  # TCP payload bytes that were captured, <= length
        ("frame", "u4"),  # where its frame begins in the batch's buffer: the headers end at payload
        ("seq", "u4"),
        ("ack", "u4"),
        ("ident", "u4"),  # IPv4 identification; 0x1_0000 + low 16 bits of the flow label for IPv6
        ("sport", "u2"),
        ("dport", "u2"),
        ("part", "u2"),  # of its payload, bytes that an earlier segment had: its first fragment
        ("trailer", "u2"),  # bytes of the frame after the segment on the wire, at most 65535
        ("interface", "u2"),  # index into the decoder's ``interfaces``
        ("window", "u2"),  # as on the wire, unscaled: 0 is a closed window at every scale
        ("number", "u4"),  # which packet of its capture its frame is, from 1, modulo 2^32
        ("flags", "u1"),  # the low eight flag bits (FIN SYN RST PSH ACK URG ECE CWR)
        ("ttl", "u1"),  # IPv4 TTL or IPv6 hop limit
        ("torn", "u1"),  # TORN, UNSURE or AGAIN: it came in fragments that contradict each other
        ("header", "u1"),  # bytes of its TCP header that were captured: it ends at payload
        ("stamped", "u1"),  # where in that header TSval is; or NO_STAMPS, UNSEEN_STAMPS
        ("network", "u2"),  # which of several networks: a hash of VLAN ids and the like, 0: none
        ("stamp", "u4"),  # TSval (RFC 7323), if it is there
    ],
    align=True,
)

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

#: It has no timestamps, or it was not captured whether it has.
NO_STAMPS, UNSEEN_STAMPS = 0, 1

#: The one way to read contradicting fragments, the first of several, another of the same.
TORN, UNSURE, AGAIN = 1, 2, 3

#: Any numpy array; shapes and dtypes are in the docstrings, since records cannot be typed closer.
Array = npt.NDArray[Any]


def read_only(table: Array) -> Array:
    """Return a view that may not be written: one type of argument, whatever its source, and so
    one machine code."""
    view = table.view()
    view.flags.writeable = False
    return view


class CapturedOn(NamedTuple):
    """An interface as the capture file describes it."""

    name: str
    """Empty where the file gives none."""
    link: int
    """LINKTYPE_ number."""
    snaplen: int = 0
    """Octets of a packet that are kept at most; 0: all."""


class ClockStep(NamedTuple):
    """A place in a capture at which its clock was set back, or may have been set forward again."""

    before: int
    """The latest time (ns UTC) shown before."""
    after: int
    """The first after it."""


class Clock(NamedTuple):
    """What the clock of a capture was seen to do."""

    late: int = 0
    """Packets that are older than one before them."""
    steps: tuple[ClockStep, ...] = ()
    """Where it was set, in the order of the capture."""
    beyond: int = 0
    """How often it was set at places that are not among them."""
    ended: int | None = None
    """What it showed at the end, ns UTC, if it was set."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Segments of one chunk, in capture order, with the bytes they came from."""

    segments: Array
    """Shape (n,), dtype SEGMENT."""
    buffer: Array
    """Shape (m,), dtype u1: ``segments[i].payload`` points into it. Both arrays stay untouched
    until two further batches have been taken from the reader, so that one thread may decode the
    next batch while another follows this one."""
    step: ClockStep | None = None
    """Before the first of its segments the clock of the capture was set: how long it was from what
    lies before to what lies after is not known."""
    late: bool = False
    """Some packet is older than one before it, by less than any clock is set (``clock_steps``)."""
    datagrams: tuple[tuple[bytes, bytes, bytes], ...] = ()
    """Of datagrams in fragments that the one segment came in: source, destination, number."""


class Undecoded(NamedTuple):
    """Packets that could not be decoded for the same reason."""

    layer: str
    """At which layer reading ended, for people: ``ESP``, ``link type 147``."""
    packets: int
    may_hold: bool
    """They may hold TCP segments on the ports asked for: receivers would take them for TCP."""
    cut: bool = False
    """The recorder did not keep enough of them."""


class UndecodedRun(NamedTuple):
    """Packets of one layer from one host to another that could not be decoded and may hold TCP
    segments, with no long pause between two times (ns UTC)."""

    source: str
    """Address in its usual spelling; empty: not known, like ``target``."""
    target: str
    layer: str
    first: int
    last: int
    packets: int


class Drop(NamedTuple):
    """Packets that the recorder lost by its own count, between two times (ns UTC)."""

    first: int
    last: int
    packets: int


#: Packets whose TCP header was cut, and fragments that nothing says the ports of.
HEADS_CUT = Undecoded("TCP headers that were cut by the recorder", 0, may_hold=True, cut=True)
HEADLESS = Undecoded("IP fragments of TCP whose first is missing", 0, may_hold=True)


@dataclass(frozen=True, slots=True)
class CaptureInfo:
    """What one capture file or stream contained, and what it could not show."""

    name: str
    """The path as given, or ``-`` for standard input."""
    format: str
    """``pcap`` or ``pcapng``."""
    backend: str
    """The program that wrote it (pcapng section header), or ``file`` when it does not say."""
    link: str
    """The link type's name, such as ``Ethernet``; several are joined with ``, ``."""
    packets: int = 0
    """Packets in the file, of any kind."""
    before: int = 0
    """Packets in the files of the same recording before it: frames are counted on from there."""
    segments: int = 0
    """TCP segments on the ports asked for."""
    first: int | None = None
    """Time of the earliest packet, ns UTC."""
    last: int | None = None
    """Time of the latest packet, ns UTC."""
    dropped: int | None = None
    """Packets that the capturing program or kernel lost, by its own statistics; None: not given."""
    drops: tuple[Drop, ...] = ()
    """When these were lost; empty: that is not known."""
    truncated: bool = False
    """Its end was not read; everything before was."""
    unread: str = ""
    """Why, as a clause; empty: the file ended inside a record."""
    undecoded: int = 0
    """Packets of a link type or with an IP header that could not be read."""
    layers: tuple[Undecoded, ...] = ()
    """All that could not be decoded, by layer, most first; at most 33. What is known to carry no
    TCP, such as ARP, is not among it."""
    runs: tuple[UndecodedRun, ...] = ()
    """Between whom and when what may hold such segments and could not be decoded passed."""
    fragments: int = 0
    """IP fragments without a TCP header of their own."""
    short: int = 0
    """TCP packets, on the ports asked for or on ports that were not captured, whose capture length
    ended inside the TCP header."""
    snaplen: int = 0
    """Octets of a packet that some interface kept at most, as the file says or shows; 0: all."""
    clock: Clock = Clock()
    """What its clock was seen to do."""
    thinned: bool = False
    """Segments that an audit does not need were left out: their absence is no loss, and every
    count is a lower bound."""
    lacks: tuple[str, ...] = ()
    """What was lost before it was thinned, in words."""
    unreadable: tuple[str, ...] = ()
    """What of the full capture could not be read before it was thinned, in words."""
    withheld: int = 0
    """Packets of connections over which nothing was said that the recorder left out, since more
    came than it could write."""
    lost_new: int = 0
    """Of ``dropped`` what hides no probe of a connection that was older than ``NEW_NS``."""
    facts: tuple[SocketFact, ...] = ()
    """The sockets of the recording host, as the recorder read them."""
    flow_notes: tuple[FlowNote, ...] = ()
    """What the full capture showed of connections, where the thinned one says less or other."""
    unseen: tuple[UnseenNote, ...] = ()
    """What a recorder that thinned says that it did not see of connections."""
    holes: tuple[tuple[int, int], ...] = ()
    """From when to when (ns UTC) nobody recorded, between the files that it was thinned from."""
    addresses: tuple[str, ...] = ()
    """The addresses of the recording host, by its interfaces; empty: not known."""
    elsewhere: bool = False
    """It was thinned elsewhere, and what was read is its evidence: packets count as there."""
    notes: tuple[str, ...] = field(default=())
    """Sentences on anything else that a reader must know."""

    @property
    def may_hold(self) -> tuple[Undecoded, ...]:
        """What could not be decoded and may have held segments on the ports asked for, by layer."""
        counted = (
            HEADS_CUT._replace(packets=self.short),
            HEADLESS._replace(packets=self.fragments),
        )
        found = (*self.layers, *counted)
        return tuple(one for one in found if one.may_hold and one.packets)

    @property
    def ended(self) -> int | None:
        """Time (ns UTC) at its end: earlier than ``last`` if its clock was set back."""
        return self.last if self.clock.ended is None else self.clock.ended
