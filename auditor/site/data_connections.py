"""Connections 6, 7 and 8: where the data flows (bareos.md §1.5 to §1.7, §4.2, §4.5, §4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.config.resources import Resource
from auditor.site import effective
from auditor.site.control_connections import daemon_key, same_daemon
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.jobs import Plan
from auditor.site.model import Expectation, Passive, Permission, PlannedJob, Role
from auditor.site.peer_registry import generic
from auditor.site.target import lan_target
from auditor.site.topology import TopologyBuilder


def expect_data(
    domain: DirectorDomain, plan: Plan, topology: TopologyBuilder
) -> Iterator[Expectation]:
    """Yield 6 and 7 for every client and storage of one Director, 8 for every two storages.

    Every pair is possible by hand (bareos.md §4.7, §9.9), so none is left out; the planned ones
    carry their jobs.
    """
    for client in domain.clients:
        for storage in domain.storages:
            if not (client.peer.generic and storage.peer.generic):
                jobs = _planned(plan, client, storage)
                pair = _Pair(domain, client, storage, jobs, _passive(client))
                yield _channel("6", pair, topology)
                yield _channel("7", pair, topology)
    keys = [
        daemon_key(one.director_side) if one.director_side is not None else None
        for one in domain.storages
    ]
    for read, left in zip(domain.storages, keys, strict=True):
        for write, right in zip(domain.storages, keys, strict=True):
            apart = left != right if left and right else not same_daemon(read, write)
            if apart:
                yield _copy(domain, read, write, plan, topology)
    if domain.program is None:
        # No Director's configuration lists the other storages that this one may copy to.
        anybody = Daemon(generic(Role.STORAGE_DAEMON), None, ())
        for read in domain.storages:
            if read.own:
                yield _copy(domain, read, anybody, plan, topology)


class _Pair(NamedTuple):
    """A client and a storage of one Director, and what is planned between them."""

    domain: DirectorDomain
    client: Daemon
    storage: Daemon
    jobs: tuple[Resource, ...]
    passive: Passive


def _channel(number: str, pair: _Pair, topology: TopologyBuilder) -> Expectation:
    """Return 6, which the client dials, or 7, which the storage does."""
    client_dials = number == "6"
    ends = (pair.client, pair.storage)
    initiator, acceptor = ends if client_dials else ends[::-1]
    forbidden = pair.passive.value is client_dials
    own = "Client" if client_dials else "Storage"
    target, lan = lan_target(
        acceptor.director_side, initiator.director_side, acceptor.peer.role, topology
    )
    # The initiator's order comes from the Director's resource of the acceptor; the acceptor has
    # its policy from the job, so its own resource says nothing here (bareos.md §3.7).
    tls, tls_source = effective.tls_policy(acceptor.director_side)
    return Expectation(
        connection=number,
        initiator=initiator.peer,
        acceptor=acceptor.peer,
        target=target,
        permission=Permission.FORBIDDEN if forbidden else Permission.ALLOWED,
        permission_source=pair.passive.source,
        heartbeat=effective.heartbeat_of_own(initiator, f"its {own} resource"),
        tls=tls,
        tls_source=tls_source,
        resources=effective.head_lines(
            pair.client.director_side, pair.storage.director_side, *pair.jobs[:5]
        ),
        director=pair.domain.peer.name,
        source_address=effective.source_address(initiator.own_resource),
        label=pair.storage.director_side_name,
        jobs=() if forbidden else _planned_jobs(pair.jobs),
        hello_jobs=frozenset(job.name for job in pair.jobs),
        passive=pair.passive,
        lan=lan,
        # On 7 the storage calls itself "File daemon" (bareos.md §3.3).
        initiator_claims=effective.claim(initiator.own_resource) if client_dials else (),
        acceptor_claims=effective.claim(acceptor.own_resource),
    )


def _passive(client: Daemon) -> Passive:
    """Passive is written in the Director's Client only; without it either direction may be."""
    written = client.director_side
    if written is None:
        return Passive()
    return Passive(written.flag("Passive", False), written.where("Passive"))


def _planned(plan: Plan, client: Daemon, storage: Daemon) -> tuple[Resource, ...]:
    return plan.data.get((client.director_side_name, storage.director_side_name), ())


def _planned_jobs(jobs: Iterable[Resource]) -> tuple[PlannedJob, ...]:
    return tuple(PlannedJob(job.name, job.source) for job in jobs)


def _copy(
    domain: DirectorDomain, read: Daemon, write: Daemon, plan: Plan, topology: TopologyBuilder
) -> Expectation:
    """Connection 8: the reading Storage Daemon dials the writing one (bareos.md §1.7)."""
    target, lan = lan_target(write.director_side, read.director_side, write.peer.role, topology)
    tls, tls_source = effective.tls_policy(write.director_side)
    names = (read.director_side_name, write.director_side_name)
    jobs = plan.copies.get(names, ())
    stored = plan.stored.get(names[0], frozenset()) if jobs else frozenset()
    return Expectation(
        connection="8",
        initiator=read.peer,
        acceptor=write.peer,
        target=target,
        permission=Permission.ALLOWED,
        permission_source=write.source,
        heartbeat=effective.heartbeat_of_own(read, "its Storage resource"),
        tls=tls,
        tls_source=tls_source,
        resources=effective.head_lines(read.director_side, write.director_side, *jobs[:5]),
        director=domain.peer.name,
        source_address=effective.source_address(read.own_resource),
        label=",".join(filter(None, names)),
        jobs=_planned_jobs(jobs),
        hello_jobs=stored,
        lan=lan,
        initiator_claims=effective.claim(read.own_resource),
        acceptor_claims=effective.claim(write.own_resource),
    )
