"""What a firewall has to let through, has to close, and what cannot be said for want of a fact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from auditor.site.model import Expectation, Peer
from auditor.site.site_file import Keepalive


class Direction(StrEnum):
    """Where a firewall stands, seen from the host that its rules are for."""

    INBOUND = "inbound"
    """On the host, for what is sent to it."""
    OUTBOUND = "outbound"
    """On the host, for what it sends."""
    FORWARD = "forward"
    """On the way between hosts."""


class Opening(NamedTuple):
    """Who may dial which address and port."""

    source: str
    """IP literal of the initiator; empty: any of the host that the rules are for."""
    address: str
    """IP literal of the acceptor; empty: any of the host that the rules are for."""
    port: int
    uses: tuple[Expectation, ...]
    """The connections that are opened so, in the order of their numbers."""
    translated: bool = False
    """Nobody dials this address: a router with NAT may put it in place of the one that is dialled,
    before its own firewall sees the packet."""

    @property
    def family(self) -> int:
        """4 or 6."""
        return family(self.source or self.address)


class Gap(NamedTuple):
    """A connection that the configuration calls for and no rule opens, for want of a fact."""

    source: str | None
    """As in ``Opening``; None: this is what is missing."""
    address: str | None
    port: int
    uses: tuple[Expectation, ...]
    missing: str
    """What is not known, as a clause."""
    remedy: str
    """How to give it, as a clause."""


class Closed(NamedTuple):
    """Where a Bareos daemon listens: nobody else may dial it."""

    address: str
    """IP literal; empty: any of the host that the rules are for."""
    port: int


@dataclass(frozen=True, slots=True)
class Chain:
    """What holds in one direction."""

    direction: Direction
    openings: tuple[Opening, ...]
    gaps: tuple[Gap, ...]
    closed: tuple[Closed, ...]


@dataclass(frozen=True, slots=True)
class Openings:
    """All that one firewall has to know of a site."""

    host: str
    """The host that the rules are for, as asked for; empty: all that is between hosts."""
    peers: tuple[Peer, ...]
    """The daemons, consoles and catalogs on that host."""
    chains: tuple[Chain, ...]
    local: tuple[Expectation, ...]
    """Connections that stay on one machine, so that they need no rule."""
    idle: int = Keepalive().idle
    """Seconds of silence before the system's own keepalive, where no HeartbeatInterval is set."""

    @property
    def uses(self) -> Iterator[Expectation]:
        """Every connection that is opened or for which a fact is missing, once each."""
        found: Sequence[Opening | Gap]
        seen = set[int]()
        for chain in self.chains:
            for found in (chain.openings, chain.gaps):
                for use in (use for one in found for use in one.uses):
                    if id(use) not in seen:
                        seen.add(id(use))
                        yield use

    @property
    def silent(self) -> dict[str, list[Expectation]]:
        """Connections whose initiators neither have a HeartbeatInterval nor speak by themselves, by
        the file:line that would set one (bareos.md §1.0, §1.8)."""
        found: dict[str, list[Expectation]] = {}
        for use in self.uses:
            if use.heartbeat.seconds == 0 and use.heartbeat.speaks is None:
                source = use.heartbeat.source
                found.setdefault(str(source) if source is not None else "", []).append(use)
        return found


def family(address: str) -> int:
    """Return the IP version of a literal."""
    return 6 if ":" in address else 4
