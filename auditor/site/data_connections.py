"""Connections 6, 7 and 8: where the data flows (bareos.md §1.5 to §1.7, §4.2, §4.5, §4.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from auditor.config.resources import Resource, Source
from auditor.site import effective
from auditor.site.control_connections import daemon_keys
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.heartbeat import Heartbeat
from auditor.site.jobs import Plan
from auditor.site.model import (
    Claim,
    Expectation,
    Passive,
    Peer,
    Permission,
    PlannedJob,
    Role,
    Target,
    TlsPolicy,
)
from auditor.site.peer_registry import generic
from auditor.site.target import lan_target, target_of
from auditor.site.topology import TopologyBuilder

_NO_JOBS = frozenset[str]()


def count_data(domain: DirectorDomain) -> int:
    """Return how many connections ``expect_data`` yields, without making any."""
    clients, storages = domain.clients, domain.storages
    anybody = sum(one.peer.generic for one in clients) * sum(one.peer.generic for one in storages)
    keys = daemon_keys(storages)
    copies = sum(count * (len(keys) - count) for count in Counter(keys.values()).values())
    own = sum(bool(one.own) for one in storages) if domain.program is None else 0
    return 2 * (len(clients) * len(storages) - anybody) + copies + own


def expect_data(
    domain: DirectorDomain, plan: Plan, topology: TopologyBuilder
) -> Iterator[Expectation]:
    """Yield 6 and 7 for every client and storage of one Director, 8 for every two storages.

    Every pair is possible by hand (bareos.md §4.7, §9.9), so none is left out; the planned ones
    carry their jobs.
    """
    clients = [(_end(one, topology), _passive(one)) for one in domain.clients]
    keys = daemon_keys(domain.storages)
    storages = [_end(one, topology) for one in domain.storages]
    for client, passive in clients:
        for storage in storages:
            if not (client.peer.generic and storage.peer.generic):
                jobs = plan.data.get((client.label, storage.label), ())
                yield _channel("6", client, storage, jobs, passive, domain, topology)
                yield _channel("7", storage, client, jobs, passive, domain, topology)
    others = {
        key: [storages[rank] for rank, its in keys.items() if its != key]
        for key in set(keys.values())
    }
    for rank, key in keys.items():
        for write in others[key]:
            yield _copy(storages[rank], write, domain, plan, topology)
    if domain.program is None:
        # No Director's configuration lists the other storages that this one may copy to.
        anybody = _end(Daemon(generic(Role.STORAGE_DAEMON), None, ()), topology)
        for daemon, read in zip(domain.storages, storages, strict=True):
            if daemon.own:
                yield _copy(read, anybody, domain, plan, topology)


class _End(NamedTuple):
    """A daemon as one end of many connections: what is the same for all of them, made once."""

    peer: Peer
    resource: Resource | None
    """The Director's resource for it."""
    label: str
    """The name that the Director gives it."""
    source: Source | None
    target: Target
    """What its ``Address`` names."""
    heartbeat: Heartbeat
    tls: tuple[TlsPolicy, Source | None]
    """By the Director's resource: the initiator's order comes from that of the acceptor; the
    acceptor has its policy from the job, so its own resource says nothing (bareos.md §3.7)."""
    source_address: str
    claims: tuple[Claim, ...]
    head: tuple[Source, ...]


def _end(daemon: Daemon, topology: TopologyBuilder) -> _End:
    resource, own = daemon.director_side, daemon.own_resource
    kind = "Storage" if daemon.peer.role is Role.STORAGE_DAEMON else "Client"
    return _End(
        peer=daemon.peer,
        resource=resource,
        label=daemon.director_side_name,
        source=daemon.source,
        target=target_of(resource, daemon.peer.role, topology),
        heartbeat=effective.heartbeat_of_own(daemon, f"its {kind} resource"),
        tls=effective.tls_policy(resource),
        source_address=effective.source_address(own),
        claims=effective.claim(own),
        head=effective.head_lines(resource),
    )


def _channel(
    number: str,
    initiator: _End,
    acceptor: _End,
    jobs: Collection[Resource],
    passive: Passive,
    domain: DirectorDomain,
    topology: TopologyBuilder,
) -> Expectation:
    """Return 6, which the client dials, or 7, which the storage does."""
    client_dials = number == "6"
    client, storage = (initiator, acceptor) if client_dials else (acceptor, initiator)
    forbidden = passive.value is client_dials
    target, lan = lan_target(acceptor.target, acceptor.resource, initiator.resource, topology)
    return Expectation(
        connection=number,
        initiator=initiator.peer,
        acceptor=acceptor.peer,
        target=target,
        permission=Permission.FORBIDDEN if forbidden else Permission.ALLOWED,
        permission_source=passive.source,
        heartbeat=initiator.heartbeat,
        tls=acceptor.tls[0],
        tls_source=acceptor.tls[1],
        resources=(*client.head, *storage.head, *_lines(jobs)),
        director=domain.peer.name,
        source_address=initiator.source_address,
        label=storage.label,
        jobs=() if forbidden else _planned_jobs(jobs),
        hello_jobs=frozenset([job.name for job in jobs]) if jobs else _NO_JOBS,
        passive=passive,
        lan=lan,
        # On 7 the storage calls itself "File daemon" (bareos.md §3.3).
        initiator_claims=initiator.claims if client_dials else (),
        acceptor_claims=acceptor.claims,
    )


def _passive(client: Daemon) -> Passive:
    """Passive is written in the Director's Client only; without it either direction may be."""
    written = client.director_side
    if written is None:
        return Passive()
    return Passive(written.flag("Passive", False), written.where("Passive"))


def _lines(jobs: Iterable[Resource]) -> tuple[Source, ...]:
    return effective.head_lines(*islice(jobs, 5))


def _planned_jobs(jobs: Iterable[Resource]) -> tuple[PlannedJob, ...]:
    return tuple(PlannedJob(job.name, job.source) for job in jobs)


def _copy(
    read: _End, write: _End, domain: DirectorDomain, plan: Plan, topology: TopologyBuilder
) -> Expectation:
    """Connection 8: the reading Storage Daemon dials the writing one (bareos.md §1.7)."""
    target, lan = lan_target(write.target, write.resource, read.resource, topology)
    jobs = plan.copies.get((read.label, write.label), ())
    return Expectation(
        connection="8",
        initiator=read.peer,
        acceptor=write.peer,
        target=target,
        permission=Permission.ALLOWED,
        permission_source=write.source,
        heartbeat=read.heartbeat,
        tls=write.tls[0],
        tls_source=write.tls[1],
        resources=(*read.head, *write.head, *_lines(jobs)),
        director=domain.peer.name,
        source_address=read.source_address,
        label=",".join(filter(None, (read.label, write.label))),
        jobs=_planned_jobs(jobs),
        hello_jobs=plan.stored.get(read.label, _NO_JOBS) if jobs else _NO_JOBS,
        lan=lan,
        initiator_claims=read.claims,
        acceptor_claims=write.claims,
    )
