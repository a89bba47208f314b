"""Builds one expectation from its parts: the id, the resolved target, the list of sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from auditor.config.resources import Resource, Source
from auditor.site import facts
from auditor.site.model import (
    Claim,
    Expectation,
    Heartbeat,
    Peer,
    Permission,
    TlsPolicy,
)
from auditor.site.topology import TopologyBuilder


class Target(NamedTuple):
    """What an initiator dials."""

    address: str
    """As written; empty: not known, any address of the acceptor."""
    addresses: frozenset[str]
    port: int
    source: Source | None


class Lan(NamedTuple):
    """Whether a pair of resources dials the LanAddress (bareos.md §4.5)."""

    pair: bool | None = None
    sources: tuple[Source, ...] = ()
    plain: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


class Passive(NamedTuple):
    """Whether a client is passive, and where that is written."""

    value: bool | None = None
    source: Source | None = None


def dialled(resource: Resource | None, port: int, surveyor: TopologyBuilder) -> Target:
    """Return the target that a peer resource names; ``port`` is the default."""
    if resource is None or not resource.text("Address"):
        known = resource.number("Port", port) if resource is not None else port
        return Target("", frozenset(), known, resource.source if resource is not None else None)
    address = resource.text("Address")
    return Target(
        address,
        surveyor.book.resolve(address),
        resource.number("Port", port),
        resource.where("Address"),
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of an expectation as a builder knows them."""

    connection: str
    initiator: Peer
    acceptor: Peer
    target: Target
    permission: Permission
    permission_source: Source | None
    heartbeat: Heartbeat
    tls: TlsPolicy
    tls_source: Source | None
    claims: tuple[Claim, ...] = ()
    initiator_claims: tuple[Claim, ...] = ()
    acceptor_claims: tuple[Claim, ...] = ()
    sources: tuple[Source, ...] = ()
    director: str = ""
    label: str = ""
    """Tells rows apart that have the same number and ends (two Storages of one daemon)."""
    jobs: tuple[Resource, ...] = ()
    hello_jobs: frozenset[str] = frozenset()
    passive: Passive = Passive()
    lan: Lan = Lan()

    def expectation(self) -> Expectation:
        """Return the finished expectation."""
        ends = f"{self.initiator.name or '*'}>{self.acceptor.name or '*'}"
        told = {"", self.initiator.name, self.acceptor.name}.issuperset(self.label.split(","))
        label = "" if told else f"({self.label})"
        return Expectation(
            id=f"{self.connection}:{ends}{label}",
            connection=self.connection,
            initiator=self.initiator,
            acceptor=self.acceptor,
            address=self.target.address,
            addresses=self.target.addresses,
            port=self.target.port,
            permission=self.permission,
            permission_source=self.permission_source,
            heartbeat=self.heartbeat,
            tls=self.tls,
            tls_source=self.tls_source,
            claims=self.claims,
            initiator_claims=self.initiator_claims,
            acceptor_claims=self.acceptor_claims,
            sources=facts.sources(
                [self.permission_source, self.target.source, self.heartbeat.source],
                self.lan.sources,
                self.sources,
            ),
            jobs=tuple(job.name for job in self.jobs),
            hello_jobs=self.hello_jobs,
            job_sources=facts.heads(*self.jobs),
            director=self.director,
            passive=self.passive.value,
            passive_source=self.passive.source,
            lan_pair=self.lan.pair,
            lan_sources=self.lan.sources,
            plain_addresses=self.lan.plain,
            lan_addresses=self.lan.addresses,
        )
