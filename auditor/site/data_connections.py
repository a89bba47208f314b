"""Connections 6, 7 and 8: where the data flows (bareos.md §1.5 to §1.7, §4.2, §4.5, §4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.config.resources import Resource
from auditor.site import facts
from auditor.site.control_connections import same_daemon
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.jobs import Plan
from auditor.site.model import Expectation, Lan, Passive, Permission, PlannedJob, Role, Target
from auditor.site.target import dialled
from auditor.site.topology import TopologyBuilder


def expect_data(
    estate: DirectorDomain, plan: Plan, surveyor: TopologyBuilder
) -> Iterator[Expectation]:
    """Yield 6 and 7 for every client and storage of one Director, 8 for every two storages.

    Every pair is possible by hand (bareos.md §4.7, §9.9), so none is left out; the planned ones
    carry their jobs.
    """
    for client in estate.clients:
        for storage in estate.storages:
            if not (client.peer.generic and storage.peer.generic):
                jobs = _planned(plan, client, storage)
                pair = _Pair(estate, client, storage, jobs, _passive(client))
                yield _channel("6", pair, surveyor)
                yield _channel("7", pair, surveyor)
    for read in estate.storages:
        for write in estate.storages:
            if not same_daemon(read, write):
                yield _copy(estate, read, write, plan, surveyor)


def lan_target(
    view: Resource | None, partner: Resource | None, acceptor: Role, surveyor: TopologyBuilder
) -> tuple[Target, Lan]:
    """Return what is dialled when ``partner`` is told to reach ``view``: the LanAddress if and
    only if both have one, else the Address (bareos.md §4.5)."""
    target = dialled(view, acceptor, surveyor)
    if view is None or partner is None:
        return target, Lan()
    written = tuple(resource.where("LanAddress") for resource in (view, partner))
    pair = all(resource.get("LanAddress") for resource in (view, partner))
    address = view.text("LanAddress")
    reached = surveyor.book.resolve(address)
    lan = Lan(pair, written, target.addresses, reached)
    return (Target(address, reached, target.port, written[0]) if pair else target), lan


class _Pair(NamedTuple):
    """A client and a storage of one Director, and what is planned between them."""

    estate: DirectorDomain
    client: Daemon
    storage: Daemon
    jobs: tuple[Resource, ...]
    passive: Passive


def _channel(number: str, pair: _Pair, surveyor: TopologyBuilder) -> Expectation:
    """Return 6, which the client dials, or 7, which the storage does."""
    client_dials = number == "6"
    ends = (pair.client, pair.storage)
    initiator, acceptor = ends if client_dials else ends[::-1]
    forbidden = pair.passive.value is client_dials
    own = "Client" if client_dials else "Storage"
    target, lan = lan_target(acceptor.view, initiator.view, acceptor.peer.role, surveyor)
    # The initiator's order comes from the Director's resource of the acceptor; the acceptor has
    # its policy from the job, so its own resource says nothing here (bareos.md §3.7).
    tls, tls_source = facts.tls_policy(acceptor.view)
    return Expectation(
        connection=number,
        initiator=initiator.peer,
        acceptor=acceptor.peer,
        target=target,
        permission=Permission.FORBIDDEN if forbidden else Permission.ALLOWED,
        permission_source=pair.passive.source,
        heartbeat=facts.heartbeat_of_own(initiator, f"its {own} resource"),
        tls=tls,
        tls_source=tls_source,
        resources=facts.heads(pair.client.view, pair.storage.view, *pair.jobs[:5]),
        director=pair.estate.peer.name,
        label=pair.storage.view.name if pair.storage.view is not None else "",
        jobs=() if forbidden else _planned_jobs(pair.jobs),
        hello_jobs=frozenset(job.name for job in pair.jobs),
        passive=pair.passive,
        lan=lan,
        # On 7 the storage calls itself "File daemon" (bareos.md §3.3).
        initiator_claims=facts.claim(facts.own(initiator)) if client_dials else (),
        acceptor_claims=facts.claim(facts.own(acceptor)),
    )


def _passive(client: Daemon) -> Passive:
    """Passive is written in the Director's Client only; without it either direction may be."""
    if client.view is None:
        return Passive()
    return Passive(client.view.flag("Passive", False), client.view.where("Passive"))


def _planned(plan: Plan, client: Daemon, storage: Daemon) -> tuple[Resource, ...]:
    if client.view is None or storage.view is None:
        return ()
    return plan.data.get((client.view.name, storage.view.name), ())


def _planned_jobs(jobs: Iterable[Resource]) -> tuple[PlannedJob, ...]:
    return tuple(PlannedJob(job.name, job.source) for job in jobs)


def _copy(
    estate: DirectorDomain, read: Daemon, write: Daemon, plan: Plan, surveyor: TopologyBuilder
) -> Expectation:
    """Connection 8: the reading Storage Daemon dials the writing one (bareos.md §1.7)."""
    target, lan = lan_target(write.view, read.view, write.peer.role, surveyor)
    tls, tls_source = facts.tls_policy(write.view)
    jobs: tuple[Resource, ...] = ()
    copied: frozenset[str] = frozenset()
    if read.view is not None and write.view is not None:
        jobs = plan.copies.get((read.view.name, write.view.name), ())
        copied = plan.stored.get(read.view.name, frozenset()) if jobs else copied
    names = [view.view.name for view in (read, write) if view.view is not None]
    return Expectation(
        connection="8",
        initiator=read.peer,
        acceptor=write.peer,
        target=target,
        permission=Permission.ALLOWED,
        permission_source=write.source,
        heartbeat=facts.heartbeat_of_own(read, "its Storage resource"),
        tls=tls,
        tls_source=tls_source,
        resources=facts.heads(read.view, write.view, *jobs[:5]),
        director=estate.peer.name,
        label=",".join(names),
        jobs=_planned_jobs(jobs),
        hello_jobs=copied,
        lan=lan,
        initiator_claims=facts.claim(facts.own(read)),
        acceptor_claims=facts.claim(facts.own(write)),
    )
