"""Connections 3, 4, 5a and 5b: the Director and its daemons (bareos.md §1.2 to §1.4, §4.3)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from auditor.config.resources import Resource, Source
from auditor.site import effective
from auditor.site.connections import default_ports
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.entries import entry
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Expectation, Permission, Role
from auditor.site.resolver import canonical
from auditor.site.target import target_of
from auditor.site.topology import TopologyBuilder

_TO_CLIENT = "ConnectionFromDirectorToClient"
_TO_DIRECTOR = "ConnectionFromClientToDirector"


def expect_control(domain: DirectorDomain, topology: TopologyBuilder) -> Iterator[Expectation]:
    """Yield connections 3, 4, 5a and 5b of one Director."""
    for client in domain.clients:
        if not client.peer.generic:
            yield _to_client(domain, client, topology)
            yield from _from_client(domain, client, topology)
    # 5b opens to the writing end of a copy, and another daemon must be the reading one.
    several = len(set(daemon_keys(domain.storages).values())) > 1
    for storage in domain.storages:
        if not storage.peer.generic:
            yield _to_storage(domain, storage, topology, "5a")
            if several:
                yield _to_storage(domain, storage, topology, "5b")


def _heartbeat(domain: DirectorDomain, director_side: Resource | None, kind: str) -> Heartbeat:
    missing = f"the configuration of {domain.peer} is not at hand (its {kind} sets it)"
    return effective.heartbeat(director_side, domain.resource, missing=missing)


def _to_client(domain: DirectorDomain, client: Daemon, topology: TopologyBuilder) -> Expectation:
    """Connection 3: forbidden when the configuration of either end forbids it (the File Daemon
    refuses after the handshake, bareos.md §4.3)."""
    director_side, director_resource = client.director_side, client.director_resource
    ends = (director_side, director_resource)
    forbidding = [end for end in ends if end is not None and not end.flag(_TO_CLIENT, True)]
    where = forbidding[0].where(_TO_CLIENT) if forbidding else client.source
    tls, tls_source = effective.tls_policy(director_side, director_resource)
    return Expectation(
        connection="3",
        initiator=domain.peer,
        acceptor=client.peer,
        target=target_of(director_side, Role.FILE_DAEMON, topology),
        permission=Permission.FORBIDDEN if forbidding else Permission.ALLOWED,
        permission_source=where,
        heartbeat=_heartbeat(domain, director_side, "Client"),
        tls=tls,
        tls_source=tls_source,
        claims=effective.claim(domain.resource) + effective.claim(director_resource),
        acceptor_claims=effective.claim(client.own_resource),
        resources=effective.head_lines(director_side, domain.resource, director_resource),
        director=domain.peer.name,
        source_address=effective.source_address(domain.resource),
        dialler=entry(director_side, "R_DIRECTOR"),
    )


def _from_client(
    domain: DirectorDomain, client: Daemon, topology: TopologyBuilder
) -> Iterator[Expectation]:
    """Connection 4, allowed where the Director says so; required where the File Daemon's own
    configuration says that it keeps one open (bareos.md §1.3)."""
    director_side, director_resource = client.director_side, client.director_resource
    permission, where = _client_permission(director_side, director_resource)
    tls, tls_source = effective.tls_policy(director_resource, director_side)
    yield Expectation(
        connection="4",
        initiator=client.peer,
        acceptor=domain.peer,
        target=target_of(director_resource, Role.DIRECTOR, topology, domain.resource),
        permission=permission,
        permission_source=where or client.source,
        heartbeat=effective.heartbeat_of_own(client, "its Client resource"),
        tls=tls,
        tls_source=tls_source,
        claims=effective.claim(client.own_resource) + effective.claim(director_side),
        acceptor_claims=effective.claim(domain.resource),
        resources=effective.head_lines(director_side, director_resource, client.own_resource),
        director=domain.peer.name,
        source_address=effective.source_address(client.own_resource),
        dialler=entry(director_resource, "R_CLIENT"),
    )


def _client_permission(
    director_side: Resource | None, director_resource: Resource | None
) -> tuple[Permission, Source | None]:
    for resource in (director_side, director_resource):
        if resource is not None and not resource.flag(_TO_DIRECTOR, False):
            return Permission.FORBIDDEN, resource.where(_TO_DIRECTOR)
    if director_resource is not None and director_resource.text("Address"):
        return Permission.REQUIRED, director_resource.where(_TO_DIRECTOR)
    source = director_side.where(_TO_DIRECTOR) if director_side is not None else None
    return Permission.ALLOWED, source


def _to_storage(
    domain: DirectorDomain, storage: Daemon, topology: TopologyBuilder, connection: str
) -> Expectation:
    director_side, director_resource = storage.director_side, storage.director_resource
    tls, tls_source = effective.tls_policy(director_side, director_resource)
    return Expectation(
        connection=connection,
        initiator=domain.peer,
        acceptor=storage.peer,
        target=target_of(director_side, Role.STORAGE_DAEMON, topology),
        permission=Permission.ALLOWED,
        permission_source=storage.source,
        heartbeat=_heartbeat(domain, director_side, "Storage"),
        tls=tls,
        tls_source=tls_source,
        claims=effective.claim(domain.resource) + effective.claim(director_resource),
        acceptor_claims=effective.claim(storage.own_resource),
        resources=effective.head_lines(director_side, domain.resource, director_resource),
        director=domain.peer.name,
        source_address=effective.source_address(domain.resource),
        label=storage.director_side_name,
        dialler=entry(director_side, "R_DIRECTOR"),
    )


def daemon_keys(storages: Sequence[Daemon]) -> dict[int, Hashable]:
    """Return, by its place, what tells the daemon of each storage from the others: Bareos' own test
    (``daemon_key``), and where no Director's configuration names it, that it is named at all. One
    that stands for any has none, for it may be any of them."""
    return {
        rank: daemon_key(one.director_side) if one.director_side is not None else id(one)
        for rank, one in enumerate(storages)
        if one.director_side is not None or not one.peer.generic
    }


def daemon_key(storage: Resource) -> tuple[object, ...]:
    """Return what Bareos tells the daemons of two Storages by."""
    address = storage.text("Address").lower()
    port = storage.number("Port", default_ports()[Role.STORAGE_DAEMON])
    return canonical(address) or address, port, getattr(storage.get("Password"), "value", None)
