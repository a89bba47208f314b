"""Connections 9, 10 and 11: the tray monitor (bareos.md §1.8).

Its sockets never carry a HeartbeatInterval. Like a console it may run anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.config.resources import Program, ProgramConfig, Resource
from auditor.site import effective, linking
from auditor.site.director_domain import Daemon, DirectorDomain, dialled_directors
from auditor.site.entries import entry
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Expectation, Peer, Permission, Role
from auditor.site.target import target_of
from auditor.site.topology import TopologyBuilder

_NONE = "the tray monitor has no HeartbeatInterval"
#: Seconds: RefreshInterval's default, and the most that it can be (bareos.md §1.8).
_REFRESH, _SLOWEST = 60, 600


def expect_monitors(
    domain: DirectorDomain, topology: TopologyBuilder, monitors: frozenset[str], *, alone: bool
) -> Iterator[Expectation]:
    """Yield 9, 10 and 11: those that tray configurations name, and, for daemons that none of
    them names, those that the daemon's own Director resources for monitors allow."""
    trays = [
        (program, monitor)
        for program in topology.programs(Program.TRAY_MONITOR)
        for monitor in program.of("Monitor")
    ]
    yield from _directors(domain, topology, trays, monitors, alone)
    for number, kind, daemons in (
        ("10", "Client", domain.clients),
        ("11", "Storage", domain.storages),
    ):
        watched = _Watched(trays, kind, topology)
        for daemon in daemons:
            if not daemon.peer.generic:
                yield from _daemons(number, watched, daemon, domain, topology)


_Trays = list[tuple[ProgramConfig, Resource]]


class _Watched:
    """What tray monitors watch of one kind, by address, and by name where none is known."""

    def __init__(self, trays: _Trays, kind: str, topology: TopologyBuilder) -> None:
        self._all = [(monitor, one) for program, monitor in trays for one in program.of(kind)]
        self._by: dict[str, list[int]] = {}
        for rank, (_, resource) in enumerate(self._all):
            target = topology.registry.resolve(resource.text("Address"))
            for key in target or [f"name {resource.name}"]:
                self._by.setdefault(key, []).append(rank)

    def of(self, peer: Peer) -> list[tuple[Resource, Resource]]:
        """Return the monitors that watch a daemon, each with its resource for it."""
        keys = [f"name {peer.name}", *peer.addresses]
        ranks = {rank for key in keys for rank in self._by.get(key, ())}
        return [self._all[rank] for rank in sorted(ranks)]


class _Resources(NamedTuple):
    """The resources behind one monitor's connection; any of them may be missing."""

    monitor: Resource | None = None
    """The tray monitor's own Monitor resource."""
    acceptor: Resource | None = None
    """The tray monitor's resource for the acceptor."""
    permit: Resource | None = None
    """The acceptor's resource for the monitor."""


class _Acceptor(NamedTuple):
    peer: Peer
    own: Resource | None
    """The resource in which it describes itself."""


def _directors(
    domain: DirectorDomain,
    topology: TopologyBuilder,
    trays: _Trays,
    monitors: frozenset[str],
    alone: bool,
) -> Iterator[Expectation]:
    listed = list(domain.program.of("Console")) if domain.program is not None else []
    consoles = [console for console in listed if console.name in monitors]
    acceptor = _Acceptor(domain.peer, domain.resource)
    for program, monitor in trays:
        for director in dialled_directors(program, domain.peer.name, alone):
            console = _partner(monitor, listed)
            yield _expect("9", _Resources(monitor, director, console), domain, acceptor, topology)
            consoles = [one for one in consoles if one is not console]
    for console in consoles:
        yield _expect("9", _Resources(permit=console), domain, acceptor, topology)


def _partner(monitor: Resource, listed: list[Resource]) -> Resource | None:
    """Return the Director's Console for a monitor: by name, else by the shared password."""
    named = [console for console in listed if console.name == monitor.name]
    secret = linking.secret_of(monitor)
    shared = [c for c in listed if secret is not None and linking.secret_of(c) == secret]
    return next(iter(named or shared), None)


def _daemons(
    number: str,
    watched: _Watched,
    daemon: Daemon,
    domain: DirectorDomain,
    topology: TopologyBuilder,
) -> Iterator[Expectation]:
    marked = topology.marked(daemon.own[0].program) if len(daemon.own) == 1 else []
    acceptor = _Acceptor(daemon.peer, daemon.own_resource)
    for monitor, resource in watched.of(daemon.peer):
        match = _marked_for(monitor, resource, marked)
        found = _Resources(monitor, resource, match)
        yield _expect(number, found, domain, acceptor, topology)
        marked = [one for one in marked if one is not match]
    for one in marked:
        yield _expect(number, _Resources(permit=one), domain, acceptor, topology)


def _marked_for(monitor: Resource, resource: Resource, marked: list[Resource]) -> Resource | None:
    """Return which of a daemon's Director resources that are marked ``Monitor = yes`` is for a tray
    monitor: by name, else by the shared password, else the only one."""
    named = [one for one in marked if one.name == monitor.name]
    secret = linking.secret_of(resource)
    shared = [m for m in marked if secret is not None and linking.secret_of(m) == secret]
    found = named or shared or (marked if len(marked) == 1 else [])
    return found[0] if found else None


def _expect(
    number: str,
    resources: _Resources,
    domain: DirectorDomain,
    acceptor: _Acceptor,
    topology: TopologyBuilder,
) -> Expectation:
    monitor, for_acceptor, permit = resources
    shown = monitor or permit
    name = shown.name if shown is not None else ""
    peer = topology.registry.peer(
        Role.TRAY_MONITOR, name, shown.source if shown is not None else None
    )
    tls, tls_source = effective.tls_policy(for_acceptor, permit)
    kind = "R_CONSOLE" if number == "9" else "R_DIRECTOR"
    return Expectation(
        connection=number,
        initiator=peer,
        acceptor=acceptor.peer,
        target=target_of(for_acceptor, acceptor.peer.role, topology, acceptor.own),
        permission=Permission.ALLOWED,
        permission_source=peer.source,
        heartbeat=_heartbeat(monitor),
        tls=tls,
        tls_source=tls_source,
        claims=effective.claim(monitor) + effective.claim(permit),
        acceptor_claims=effective.claim(acceptor.own),
        resources=effective.head_lines(for_acceptor, monitor, permit),
        director=domain.peer.name,
        dialler=entry(monitor if number == "9" else for_acceptor, kind, name=name),
    )


def _heartbeat(monitor: Resource | None) -> Heartbeat:
    """No directive sets a timer; the monitor asks for the status every RefreshInterval."""
    if monitor is None:
        return Heartbeat(0, None, _NONE, None, _SLOWEST)
    refresh = min(monitor.number("RefreshInterval", _REFRESH), _SLOWEST)
    return Heartbeat(0, None, _NONE, effective.setting(monitor, "RefreshInterval"), refresh)
