"""Connections 9, 10 and 11: the tray monitor (bareos.md §1.8).

Its sockets never carry a HeartbeatInterval. Like a console it may run anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.config.resources import Configuration, Program, ProgramConfig, Resource
from auditor.site import facts, linking
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.model import (
    Expectation,
    Heartbeat,
    Peer,
    Permission,
    Role,
)
from auditor.site.target import dialled
from auditor.site.topology import TopologyBuilder

_NONE = Heartbeat(0, None, "the tray monitor never sets one")

#: What the packages call the monitor where nothing else tells which Console is one.
_CONVENTION = "bareos-mon"


def monitor_names(config: Configuration) -> frozenset[str]:
    """Return every name that a tray monitor uses: its own, and what daemons mark as a monitor."""
    names = {
        resource.name
        for program in config.programs
        for resource in program.resources
        if resource.type == "Monitor"
        or (resource.type == "Director" and resource.flag("Monitor", False))
    }
    return frozenset(names or {_CONVENTION})


def expect_monitors(
    estate: DirectorDomain, surveyor: TopologyBuilder, monitors: frozenset[str], *, alone: bool
) -> Iterator[Expectation]:
    """Yield 9, 10 and 11: those that tray configurations name, and, for daemons that none of
    them names, those that the daemon's own Monitor entries allow."""
    trays = [
        (program, monitor)
        for program in surveyor.programs(Program.TRAY_MONITOR)
        for monitor in program.of("Monitor")
    ]
    yield from _directors(estate, surveyor, trays, monitors, alone)
    for number, kind, daemons in (
        ("10", "Client", estate.clients),
        ("11", "Storage", estate.storages),
    ):
        for daemon in daemons:
            if not daemon.peer.generic:
                yield from _daemons(number, kind, daemon, estate, surveyor, trays)


_Trays = list[tuple[ProgramConfig, Resource]]


class _Words(NamedTuple):
    """Who says what of one monitor's connection; any of them may be missing."""

    monitor: Resource | None = None
    """The tray monitor's own Monitor resource."""
    entry: Resource | None = None
    """The tray monitor's resource for the acceptor."""
    allowed: Resource | None = None
    """The acceptor's resource for the monitor."""


class _Acceptor(NamedTuple):
    peer: Peer
    own: Resource | None
    """The resource in which it describes itself."""


def _directors(
    estate: DirectorDomain,
    surveyor: TopologyBuilder,
    trays: _Trays,
    monitors: frozenset[str],
    alone: bool,
) -> Iterator[Expectation]:
    listed = list(estate.program.of("Console")) if estate.program is not None else []
    consoles = [console for console in listed if console.name in monitors]
    acceptor = _Acceptor(estate.peer, estate.resource)
    for program, monitor in trays:
        for entry in program.of("Director"):
            if entry.name != estate.peer.name and not alone:
                continue
            console = _partner(monitor, listed)
            yield _expect("9", _Words(monitor, entry, console), estate, acceptor, surveyor)
            consoles = [one for one in consoles if one is not console]
    for console in consoles:
        yield _expect("9", _Words(allowed=console), estate, acceptor, surveyor)


def _partner(monitor: Resource, listed: list[Resource]) -> Resource | None:
    """Return the Director's Console for a monitor: by name, else by the shared password."""
    named = [console for console in listed if console.name == monitor.name]
    secret = linking.secret_of(monitor)
    shared = [c for c in listed if secret is not None and linking.secret_of(c) == secret]
    return next(iter(named or shared), None)


def _daemons(
    number: str,
    kind: str,
    daemon: Daemon,
    estate: DirectorDomain,
    surveyor: TopologyBuilder,
    trays: _Trays,
) -> Iterator[Expectation]:
    marked = [
        entry
        for owned in daemon.own[:1]
        if len(daemon.own) == 1
        for entry in owned.program.of("Director")
        if entry.flag("Monitor", False)
    ]
    acceptor = _Acceptor(daemon.peer, facts.own(daemon))
    for program, monitor in trays:
        for entry in program.of(kind):
            target = surveyor.book.resolve(entry.text("Address"))
            if target & daemon.peer.addresses if target else entry.name == daemon.peer.name:
                match = _marked_for(monitor, entry, marked)
                words = _Words(monitor, entry, match)
                yield _expect(number, words, estate, acceptor, surveyor)
                marked = [one for one in marked if one is not match]
    for one in marked:
        yield _expect(number, _Words(allowed=one), estate, acceptor, surveyor)


def _marked_for(monitor: Resource, entry: Resource, marked: list[Resource]) -> Resource | None:
    """Return the daemon's Monitor entry for a tray: by name, else password, else the only one."""
    named = [one for one in marked if one.name == monitor.name]
    secret = linking.secret_of(entry)
    shared = [m for m in marked if secret is not None and linking.secret_of(m) == secret]
    found = named or shared or (marked if len(marked) == 1 else [])
    return found[0] if found else None


def _expect(
    number: str,
    words: _Words,
    estate: DirectorDomain,
    acceptor: _Acceptor,
    surveyor: TopologyBuilder,
) -> Expectation:
    monitor, entry, allowed = words
    shown = monitor or allowed
    name = shown.name if shown is not None else ""
    peer = surveyor.book.peer(Role.TRAY_MONITOR, name, shown.source if shown is not None else None)
    tls, tls_source = facts.tls_policy(entry, allowed)
    return Expectation(
        connection=number,
        initiator=peer,
        acceptor=acceptor.peer,
        target=dialled(entry, acceptor.peer.role, surveyor),
        permission=Permission.ALLOWED,
        permission_source=peer.source,
        heartbeat=_NONE,
        tls=tls,
        tls_source=tls_source,
        claims=facts.claim(monitor) + facts.claim(allowed),
        acceptor_claims=facts.claim(acceptor.own),
        resources=facts.heads(entry, monitor, allowed),
        director=estate.peer.name,
    )
