"""What the backends hand to the recorder, and what the recorder is asked to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from auditor.evidence.packet import Counters, Interface, Packet
from auditor.packets.pcapng_comments import SocketFact

if TYPE_CHECKING:  # numpy starts threads, and those must not exist before rights are dropped
    from auditor.packets.segments import Batch


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
