"""Connections 1 and 2: consoles to the Director (bareos.md §1.1).

A console may be started on any machine, so it has no address unless the site file gives it one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.config.resources import Program, ProgramConfig, Resource
from auditor.site import effective, linking
from auditor.site.director_domain import DirectorDomain, dialled_directors
from auditor.site.entries import entry
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Claim, Expectation, Permission, Role
from auditor.site.target import target_of
from auditor.site.topology import TopologyBuilder

#: The name that the default console uses instead of one of its own (bareos.md §3.4).
DEFAULT_CONSOLE = "*UserAgent*"


class Bconsole(NamedTuple):
    """One bconsole configuration and the resources it really uses."""

    program: ProgramConfig
    director: Resource
    """Its Director resource for the Director in question."""
    console: Resource | None
    """The first Console it has read: bconsole uses no other (bareos.md §1.1)."""


def bconsoles(domain: DirectorDomain, topology: TopologyBuilder, alone: bool) -> list[Bconsole]:
    """Return the bconsole configurations that dial this Director; ``alone``: there is no other
    Director, so the label in them need not agree."""
    return [
        Bconsole(program, director, next(program.of("Console"), None))
        for program in topology.programs(Program.CONSOLE)
        for director in dialled_directors(program, domain.peer.name, alone)
    ]


def expect_consoles(
    domain: DirectorDomain, topology: TopologyBuilder, monitors: frozenset[str], *, alone: bool
) -> Iterator[Expectation]:
    """Yield connection 1 for every named console and 2 for every default one."""
    known = bconsoles(domain, topology, alone)
    default = [one for one in known if one.console is None]
    for one in _or_none(default):
        yield _default(domain, topology, one)
    named = [one for one in known if one.console is not None]
    listed = list(domain.program.of("Console")) if domain.program is not None else []
    known_names = {console.name for console in listed}
    for console in listed:
        if console.name in monitors:
            continue
        partners = [one for one in named if _same_console(one.console, console, known_names)]
        for one in _or_none(partners):
            yield _named(domain, topology, console, one)
        named = [one for one in named if one not in partners]
    for one in named:
        yield _named(domain, topology, None, one)


def _or_none(found: list[Bconsole]) -> Sequence[Bconsole | None]:
    """Return the list, or one None that stands for a console that nobody has configured."""
    return found or (None,)


def _same_console(one: Resource | None, console: Resource, names: set[str]) -> bool:
    """Match by name; a name the Director does not know is matched by the shared password."""
    if one is None or one.name == console.name:
        return one is not None
    if one.name in names:
        return False
    secret = linking.secret_of(one)
    return secret is not None and secret == linking.secret_of(console)


def _heartbeat(one: Bconsole | None) -> Heartbeat:
    if one is None:
        return Heartbeat(None, None, "no bconsole configuration is at hand")
    chain = [one.director, one.console] if one.console is not None else [one.director]
    return effective.heartbeat(*chain)


def _default(
    domain: DirectorDomain, topology: TopologyBuilder, one: Bconsole | None
) -> Expectation:
    director = one.director if one is not None else None
    # Dir->Director's policy is what the acceptor uses for the default console (bareos.md §3.7).
    tls, tls_source = effective.tls_policy(director, domain.resource)
    peer = topology.registry.peer(
        Role.CONSOLE, DEFAULT_CONSOLE, director.source if director else None
    )
    return Expectation(
        connection="2",
        initiator=peer,
        acceptor=domain.peer,
        target=target_of(director, Role.DIRECTOR, topology, domain.resource),
        permission=Permission.ALLOWED,
        permission_source=domain.peer.source,
        heartbeat=_heartbeat(one),
        tls=tls,
        tls_source=tls_source,
        claims=(Claim(DEFAULT_CONSOLE, None),),
        acceptor_claims=effective.claim(domain.resource),
        resources=effective.head_lines(director, domain.resource),
        director=domain.peer.name,
        dialler=entry(director, "R_CONSOLE", name=DEFAULT_CONSOLE),
        label=one.program.label if one is not None else "",
    )


def _named(
    domain: DirectorDomain, topology: TopologyBuilder, listed: Resource | None, one: Bconsole | None
) -> Expectation:
    console = one.console if one is not None else None
    director = one.director if one is not None else None
    tls, tls_source = effective.tls_policy(console, listed)
    shown = listed or console
    name = shown.name if shown is not None else ""
    peer = topology.registry.peer(Role.CONSOLE, name, shown.source if shown is not None else None)
    return Expectation(
        connection="1",
        initiator=peer,
        acceptor=domain.peer,
        target=target_of(director, Role.DIRECTOR, topology, domain.resource),
        permission=Permission.ALLOWED,
        permission_source=peer.source,
        heartbeat=_heartbeat(one),
        tls=tls,
        tls_source=tls_source,
        claims=effective.claim(console) + effective.claim(listed),
        acceptor_claims=effective.claim(domain.resource),
        resources=effective.head_lines(director, console, listed),
        director=domain.peer.name,
        dialler=entry(console, "R_CONSOLE"),
        label=one.program.label if one is not None else "",
    )
