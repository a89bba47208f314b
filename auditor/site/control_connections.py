"""Connections 3, 4, 5a and 5b: the Director and its daemons (bareos.md §1.2 to §1.4, §4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.resources import Resource, Source
from auditor.site import facts
from auditor.site.connections import default_ports
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.model import Expectation, Heartbeat, Permission, Role
from auditor.site.resolver import canonical
from auditor.site.target import dialled
from auditor.site.topology import TopologyBuilder

_TO_CLIENT = "ConnectionFromDirectorToClient"
_TO_DIRECTOR = "ConnectionFromClientToDirector"


def expect_control(estate: DirectorDomain, surveyor: TopologyBuilder) -> Iterator[Expectation]:
    """Yield connections 3, 4, 5a and 5b of one Director."""
    for client in estate.clients:
        if not client.peer.generic:
            yield _to_client(estate, client, surveyor)
            yield from _from_client(estate, client, surveyor)
    for storage in estate.storages:
        if not storage.peer.generic:
            yield _to_storage(estate, storage, surveyor, "5a")
            if _has_partner(estate, storage):
                yield _to_storage(estate, storage, surveyor, "5b")


def _heartbeat(estate: DirectorDomain, view: Resource | None, kind: str) -> Heartbeat:
    missing = f"the configuration of {estate.peer} is not at hand (its {kind} sets it)"
    return facts.heartbeat(view, estate.resource, missing=missing)


def _to_client(estate: DirectorDomain, client: Daemon, surveyor: TopologyBuilder) -> Expectation:
    """Connection 3: forbidden when either end says so (the File Daemon refuses after the
    handshake, bareos.md §4.3)."""
    entry = facts.entry(client)
    said = [r for r in (client.view, entry) if r is not None and not r.flag(_TO_CLIENT, True)]
    where = said[0].where(_TO_CLIENT) if said else client.source
    tls, tls_source = facts.tls_policy(client.view, entry)
    return Expectation(
        connection="3",
        initiator=estate.peer,
        acceptor=client.peer,
        target=dialled(client.view, Role.FILE_DAEMON, surveyor),
        permission=Permission.FORBIDDEN if said else Permission.ALLOWED,
        permission_source=where,
        heartbeat=_heartbeat(estate, client.view, "Client"),
        tls=tls,
        tls_source=tls_source,
        claims=facts.claim(estate.resource) + facts.claim(entry),
        acceptor_claims=facts.claim(facts.own(client)),
        resources=facts.heads(client.view, estate.resource, entry),
        director=estate.peer.name,
    )


def _from_client(
    estate: DirectorDomain, client: Daemon, surveyor: TopologyBuilder
) -> Iterator[Expectation]:
    """Connection 4, allowed where the Director says so; required where the File Daemon's own
    configuration says that it keeps one open (bareos.md §1.3)."""
    entry, own = facts.entry(client), facts.own(client)
    permission, where = _client_permission(client.view, entry)
    tls, tls_source = facts.tls_policy(entry, client.view)
    yield Expectation(
        connection="4",
        initiator=client.peer,
        acceptor=estate.peer,
        target=dialled(entry, Role.DIRECTOR, surveyor),
        permission=permission,
        permission_source=where or client.source,
        heartbeat=facts.heartbeat_of_own(client, "its Client resource"),
        tls=tls,
        tls_source=tls_source,
        claims=facts.claim(own) + facts.claim(client.view),
        acceptor_claims=facts.claim(estate.resource),
        resources=facts.heads(client.view, entry, own),
        director=estate.peer.name,
    )


def _client_permission(
    view: Resource | None, entry: Resource | None
) -> tuple[Permission, Source | None]:
    for resource in (view, entry):
        if resource is not None and not resource.flag(_TO_DIRECTOR, False):
            return Permission.FORBIDDEN, resource.where(_TO_DIRECTOR)
    if entry is not None and entry.text("Address"):
        return Permission.REQUIRED, entry.where(_TO_DIRECTOR)
    return Permission.ALLOWED, view.where(_TO_DIRECTOR) if view is not None else None


def _to_storage(
    estate: DirectorDomain, storage: Daemon, surveyor: TopologyBuilder, connection: str
) -> Expectation:
    entry = facts.entry(storage)
    tls, tls_source = facts.tls_policy(storage.view, entry)
    return Expectation(
        connection=connection,
        initiator=estate.peer,
        acceptor=storage.peer,
        target=dialled(storage.view, Role.STORAGE_DAEMON, surveyor),
        permission=Permission.ALLOWED,
        permission_source=storage.source,
        heartbeat=_heartbeat(estate, storage.view, "Storage"),
        tls=tls,
        tls_source=tls_source,
        claims=facts.claim(estate.resource) + facts.claim(entry),
        acceptor_claims=facts.claim(facts.own(storage)),
        resources=facts.heads(storage.view, estate.resource, entry),
        director=estate.peer.name,
        label=storage.view.name if storage.view is not None else "",
    )


def _has_partner(estate: DirectorDomain, storage: Daemon) -> bool:
    """Tell whether another daemon could be the reading end of a copy to this storage."""
    return any(not same_daemon(storage, other) for other in estate.storages)


def same_daemon(one: Daemon, other: Daemon) -> bool:
    """Apply Bareos' own test: equal port, equal address text, equal password (bareos.md §4.6)."""
    if one.view is None or other.view is None:
        return one is other or one.peer.generic or other.peer.generic

    default = default_ports()[Role.STORAGE_DAEMON]

    def key(view: Resource) -> tuple[object, ...]:
        address = view.text("Address").lower()
        return (canonical(address) or address, view.number("Port", default), view.get("Password"))

    left, right = key(one.view), key(other.view)
    if left[:2] != right[:2]:
        return False
    return getattr(left[2], "value", None) == getattr(right[2], "value", None)
