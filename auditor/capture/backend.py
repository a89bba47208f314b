"""What a backend is: one way to get packets, as the recorder sees it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from auditor.evidence.packet import Counters, Interface, Packet
from auditor.packets.pcapng_comments import SocketFact


@dataclass(frozen=True, slots=True)
class Request:
    """What to capture."""

    interfaces: tuple[str, ...]
    """Names, or ``any``."""
    ports: frozenset[int]
    """TCP ports; a segment is of interest when either end is one of them."""
    ring_bytes: int = 32 << 20
    """Buffer between the filter in the kernel and the recorder."""
    queue_bytes: int = 64 << 20
    """The same where every packet on the ports is handed over: it holds a flood of some seconds."""
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
    children: tuple[int, ...]
    """Processes that it started and will end."""

    def open(self, request: Request) -> None:
        """Open everything that needs rights; raise CaptureError with one sentence."""

    def poll(self, timeout: float) -> Iterable[Packet]:
        """Return what has been kept since the last call, waiting at most ``timeout`` seconds."""

    def facts(self) -> Collection[SocketFact]:
        """Return the socket facts since the last call; empty where the backend has none."""

    def counters(self) -> tuple[Counters, ...]:
        """Return what happened so far, for each of ``interfaces`` in their order."""

    def flush(self) -> Iterable[Packet]:
        """Return what is still held back, at the end of the capture."""

    def close(self) -> None:
        """Release everything; may be called twice."""
