"""What the backends hand to the recorder, and what the recorder is asked to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from auditor.notes import SocketFact

if TYPE_CHECKING:  # numpy starts threads, and those must not exist before rights are dropped
    from auditor.packets.segments import Batch

__all__ = [
    "HEADER_BYTES",
    "HELLO_BYTES",
    "SILENCE_NS",
    "Backend",
    "Counters",
    "Direction",
    "Interface",
    "Limits",
    "Packet",
    "Request",
    "SocketFact",
    "Thinning",
]

#: Bytes of a side's stream that are kept at most under TLS: what the flow follower reads.
HELLO_BYTES = 4096

#: A silence this long (ns) begins and ends with a segment whose header is kept.
SILENCE_NS = 500_000_000

#: Headers are kept to this length at most: Ethernet, two VLAN tags, IPv6 with extension headers
#: and TCP with all options fit.
HEADER_BYTES = 192


class Direction(IntEnum):
    """Direction of a packet as pcapng's epb_flags has it."""

    UNKNOWN = 0
    INBOUND = 1
    OUTBOUND = 2


class Packet(NamedTuple):
    """One kept packet, cut to what is kept of it."""

    time: int
    """ns UTC."""
    interface: int
    """Index into the backend's ``interfaces``."""
    data: bytes
    """From the link header on, without anything that may not be kept."""
    length: int
    """Length on the wire."""
    direction: Direction = Direction.UNKNOWN
    comment: str = ""
    """Text for the packet's opt_comment."""


class Interface(NamedTuple):
    """One interface that is captured from."""

    name: str
    link: int
    """LINKTYPE_ number (1: Ethernet, 113 and 276: Linux cooked, 101: raw IP)."""


class Counters(NamedTuple):
    """What happened to the packets of one interface so far."""

    seen: int = 0
    """Packets that the backend looked at."""
    matched: int = 0
    """TCP segments on the ports asked for."""
    kept: int = 0
    """Packets handed on."""
    dropped: int = 0
    """Packets lost before the backend saw them (kernel queue)."""
    lost: int = 0
    """Packets that were to be kept and could not be (ring buffer full, flow table full)."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to capture."""

    interfaces: tuple[str, ...]
    """Names, or ``any``."""
    ports: frozenset[int]
    """TCP ports; a segment is of interest when either end is one of them."""
    ring_bytes: int = 8 << 20
    """Buffer between kernel and recorder."""
    max_flows: int = 65536
    """Bound of the kernel's flow table."""


class Backend(Protocol):
    """One way to get packets. ``open`` needs rights; everything after it must not.

    Every backend hands on only what ``thinning`` keeps, in order of time.
    """

    name: str
    blind: tuple[str, ...]
    """Sentences on what this backend cannot see; they go into the report."""
    interfaces: tuple[Interface, ...]

    def open(self, request: Request) -> None:
        """Open everything that needs rights; raise CaptureError with one sentence."""

    def poll(self, timeout: float) -> Iterable[Packet]:
        """Return what has been kept since the last call, waiting at most ``timeout`` seconds."""

    def facts(self) -> Collection[SocketFact]:
        """Return the socket facts since the last call; empty where the backend has none."""

    def counters(self) -> tuple[Counters, ...]:
        """Return the counters of each interface."""

    def flush(self) -> Iterable[Packet]:
        """Return what is still held back, at the end of the capture."""

    def close(self) -> None:
        """Release everything; may be called twice."""


@dataclass(slots=True)
class Limits:
    """When to end, and when to begin a new file."""

    duration: float | None = None
    """Seconds."""
    packets: int | None = None
    """Kept packets."""
    file_bytes: int | None = None
    """Begin a new file at this size."""
    ring: int | None = None
    """Keep this many files; the oldest is removed."""
    names: dict[str, str] = field(default_factory=dict)
    """Address to name, for name resolution blocks."""


class Thinning(Protocol):
    """Keeps of one interface's segments what the definition of thinning keeps."""

    def feed(self, batch: Batch) -> list[Packet]:
        """Take decoded segments; return what is now known to be kept, in order of time."""

    def advance(self, now: int) -> list[Packet]:
        """Return what the passing of time alone has settled: ``now`` is ns UTC.

        No segment older than ``now`` will be fed any more. Without it a quiet network would hold
        its last packets back until the next one.
        """

    def flush(self) -> list[Packet]:
        """Return what is still held back, at the end of the capture."""

    def counters(self) -> tuple[int, int, int]:
        """Return the segments matched, kept, and lost at a bound so far."""
