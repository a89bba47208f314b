"""What this room hands on: flows, their sides, their probes, and the hello each side sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from auditor.flows.how_ended import Ending, HowEnded, IcmpError, Stall
from auditor.flows.probe import Probe
from auditor.flows.refusal import Refusal
from auditor.flows.side_frames import SideFrames
from auditor.flows.tampering import Tampering, Unasked
from auditor.packets.unseen_note import Lack

if TYPE_CHECKING:  # a command that reads no capture loads no numpy
    from auditor.packets.segments import ClockStep


class Outcome(StrEnum):
    """How a connection attempt went."""

    ESTABLISHED = "established"
    UNANSWERED = "unanswered"
    """No answer that who dialled accepted: mostly SYNs only."""
    REFUSED = "refused"
    """A RST answered the SYN."""
    MIDSTREAM = "midstream"
    """The connection began before the capture."""


class InitiatorEvidence(StrEnum):
    """How it is known which end dialled, the surest first."""

    SYN = "syn"
    """It sent the SYN."""
    SYNACK = "synack"
    """It received the SYN-ACK."""
    HELLO = "hello"
    """It alone began with what an initiator sends first."""
    SOCKET = "socket"
    """The recording host's socket table shows who listens."""
    PORT = "port"
    """The other end has the listening port, failing that the lower one: a guess."""


class Transport(StrEnum):
    """The protocol, as the first bytes on a flow show it."""

    TLS = "tls"
    CLEARTEXT = "cleartext"
    POSTGRESQL = "postgresql"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Identity:
    """A Bareos resource as a hello names it (bareos.md §3.3, §3.4)."""

    type: str
    """``R_DIRECTOR``, ``R_CLIENT``, ``R_CONSOLE``, ``R_JOB`` or ``R_STORAGE``; another ``R_…`` if
    the wire says so; empty for a plain name that says no type, as no Bareos program sends it."""
    name: str
    """Blanks restored, otherwise as on the wire: pass it through ``printable`` to show it."""

    def __str__(self) -> str:
        return f"{self.type} {self.name}" if self.type else self.name


@dataclass(frozen=True, slots=True)
class Hello:
    """What the first 4 KiB of both sides of a flow show."""

    transport: Transport = Transport.UNKNOWN
    identity: Identity | None = None
    """What the initiator claims to be."""
    proven: bool = False
    """The acceptor checked the key (in TLS, or by CRAM-MD5 in cleartext) and went on."""
    line: str = ""
    """The cleartext Hello line without its newline, as on the wire."""
    connections: frozenset[str] = frozenset()
    """Connection numbers this form of cleartext Hello can belong to (§3.3); empty: none."""
    acceptor: Identity | None = None
    """What the acceptor calls itself in a cleartext CRAM-MD5 challenge (§3.3)."""
    challenge_name: str | None = None
    """What the initiator calls itself in its own CRAM-MD5 challenge, such as
    ``R_DIRECTOR::bareos-dir``; empty from a tray monitor, which is how it differs from a Director
    or console in cleartext; None: it sent none (§3.3)."""
    version: str = ""
    """Bareos version in the Hello line, or empty."""
    bacula: bool = False
    """The Hello line is one that only Bacula says."""
    tls_offered: str = ""
    """Highest TLS version that the ClientHello offers, such as ``1.3``."""
    tls_version: str = ""
    """TLS version that the ServerHello chose."""
    certificate: bool = False
    """The acceptor answered TLS with a certificate and not by the key, as far as is seen."""
    server_name: str = ""
    """TLS SNI: only web UI proxies send it (§3.6)."""
    user: str = ""
    """PostgreSQL user."""
    database: str = ""
    """PostgreSQL database."""
    tls_requested: bool = False
    """The PostgreSQL initiator asked for TLS (SSLRequest) first."""
    refusal: Refusal | None = None
    """Who ended the login and how, if it was sent in clear; None: nobody did."""


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a flow and what it sent; by default nothing of it was seen."""

    address: str
    """IPv4 or IPv6 in its usual spelling."""
    port: int
    segments: int = 0
    payload_bytes: int = 0
    """TCP payload bytes sent, retransmissions included."""
    first: int | None = None
    """Time of its first segment, ns; None: this side was never seen."""
    last: int | None = None
    longest_idle: int = 0
    """The longest time (ns) in which this side could have sent a probe and did not: it received
    nothing from its peer, had nothing unacknowledged, sent nothing but bare ACKs, and the flow
    was open. It ends at its own next data, at its own probe, at the peer's next segment, or at
    the end of the flow or capture (bareos.md §6.1, §6.4)."""
    longest_idle_began: int | None = None
    unasked: Unasked = Unasked()
    probes: tuple[Probe, ...] = ()
    retransmissions: int = 0
    missing: int = 0
    """Bytes that the peer acknowledged but that the capture never saw."""
    zero_windows: int = 0
    """Segments in which this side closed its receive window."""
    ttl: int = 0
    """TTL of its segments: 64, 128 or 255: no router lay before the tap; 0: not seen."""
    fin: int | None = None
    """Time (ns) of its first FIN; None: none was seen."""
    fin_heard: bool = False
    """Its peer acknowledged that FIN, and nothing behind it."""
    rst: int | None = None
    """Time (ns) of its first RST that lies within the stream; None: none was seen."""
    rst_last: int | None = None
    """Time (ns) of its latest, which may be the true one where the first was not heeded."""
    rst_ttl: int = 0
    """TTL of that RST; another one than ``ttl`` means that somebody else sent it."""
    rst_unsure: bool = False
    """It lies ahead of all that was seen of its sender."""
    said: int | None = None
    """Time (ns) of its latest payload; None: it sent none."""
    spoke: int | None = None
    """Time (ns) of its latest segment within its stream that was no RST."""
    largest_acked: int = 0
    """Payload of the largest segment that is known to have been acknowledged."""
    shut: bool = False
    """Its receive window was closed at last."""
    stall: Stall | None = None
    process: str = ""
    """Name of the process that owns its socket, if the recording host has it; or empty."""
    frames: SideFrames = field(default=SideFrames(), compare=False)
    """Where it is in its capture; in a thinned one a side is the same."""
    stream: int | None = None
    """Bytes of its stream as far as sequence numbers tell, whether they were captured or not;
    None: its SYN was not seen, so its beginning is not known."""
    isn: int | None = None
    """Sequence number of its SYN or SYN-ACK, as on the wire; None: it was not seen."""
    reached: int | None = field(default=None, compare=False)
    """Sequence number that its next byte will have, as on the wire; None: not known."""

    @property
    def closed(self) -> int | None:
        """When it first sent FIN or RST, ns; None: it did neither. A FIN that arrives shows that no
        RST had come before it."""
        if self.fin_heard:
            return self.fin
        return min((time for time in (self.fin, self.rst) if time is not None), default=None)


@dataclass(frozen=True, slots=True)
class Flow:
    """One TCP connection, from its SYN (or first sight) to its end."""

    index: int
    """0-based order of first sight in its capture."""
    initiator: Side
    acceptor: Side
    initiator_evidence: InitiatorEvidence
    """How it is known which side it is."""
    outcome: Outcome
    started: int
    """Time of the first segment, ns."""
    last: int
    """Time of the last segment, ns."""
    alive: int = 0
    """When (ns) a side last showed that it had received something; 0: never."""
    ended: int | None = None
    """Time at which both sides had sent FIN, or one sent RST; None: open at the end."""
    syns: int = 0
    """SYN segments seen, retransmissions included, duplicated frames not."""
    rtt: int | None = None
    """SYN to the initiator's ACK, ns; None: not seen."""
    duplicates: int = 0
    """Frames that the tap delivered twice."""
    survived: int = 0
    """Longest silence of both (ns, from 1 s on) after which the peer acknowledged what was sent."""
    one_sided: bool = False
    """Segments were seen from one side only, although the other must have sent something."""
    clock_step: ClockStep | None = None
    silence_unclear: bool = False
    """Where the capture's clock was set forward, as both ends show, or its silence may hide it."""
    clock_unclear: bool = False
    """Segments were left out for their timestamps, and nothing tells that these were forged."""
    hello: Hello = Hello()
    refusal: Refusal | None = None
    """A login that was refused, in clear or inside TLS; None: none was, as far as is seen."""
    rejection: IcmpError | None = None
    """An ICMP error other than ``too_big`` that quotes a segment of it."""
    too_big: IcmpError | None = None
    """ICMP says that a packet of it did not fit (fragmentation needed, packet too big)."""
    how: HowEnded = HowEnded(Ending.OPEN)
    """How it ended."""
    hello_unseen: bool = False
    """Its first bytes were lost by the capture, or not due yet."""
    attempts: int = 1
    """How many that are alike it stands for: the details are one's, but for the latest segment."""
    hello_contradicts: bool = False
    """A side said its first bytes in two ways, and nothing decides which of them its peer took."""
    hello_cut: bool = False
    """The capture kept so little of a packet that its hello may have a name which was not seen."""
    drawn: tuple[int, int] = field(default=(0, 0), compare=False)
    """64 bits of what each end drew at random in its hello, to know it again by; 0: not seen."""
    doubts: frozenset[Lack] = frozenset()
    """What a thinned capture does not have of it, and what is shown of it hangs on."""
    name_left_out: bool = False
    """Its hello named somebody, and the capture was thinned without that name."""
    beats_left_out: bool = False
    """The capture was thinned so that its heartbeat cannot be judged."""
    tampering: tuple[Tampering, ...] = ()
    tampering_count: int = 0
    """What of it contradicts itself on the wire: the first facts, and how many there are."""
    network: int = 0
    seen_in: tuple[str, ...] = ()
    """Of which of several networks with the same addresses it is, from 1, and its VLANs."""

    @property
    def both_spoke(self) -> bool:
        """Whether payload of both ends was seen."""
        return self.initiator.payload_bytes > 0 < self.acceptor.payload_bytes
