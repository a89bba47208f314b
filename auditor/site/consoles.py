"""Connections 1 and 2: consoles to the Director (bareos.md §1.1).

A console may be started on any machine, so it has no address unless the site file gives it one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.config.resources import Program, ProgramConfig, Resource
from auditor.site import facts, linking
from auditor.site.director_domain import DirectorDomain
from auditor.site.model import Claim, Expectation, Heartbeat, Permission, Role
from auditor.site.target import dialled
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


def bconsoles(estate: DirectorDomain, surveyor: TopologyBuilder, alone: bool) -> list[Bconsole]:
    """Return the bconsole configurations that dial this Director; ``alone``: there is no other
    Director, so the label in them need not agree."""
    return [
        Bconsole(program, director, next(program.of("Console"), None))
        for program in surveyor.programs(Program.CONSOLE)
        for director in program.of("Director")
        if director.name == estate.peer.name or alone
    ]


def expect_consoles(
    estate: DirectorDomain, surveyor: TopologyBuilder, monitors: frozenset[str], *, alone: bool
) -> Iterator[Expectation]:
    """Yield connection 1 for every named console and 2 for every default one."""
    known = bconsoles(estate, surveyor, alone)
    default = [one for one in known if one.console is None]
    for one in _or_none(default):
        yield _default(estate, surveyor, one)
    named = [one for one in known if one.console is not None]
    listed = list(estate.program.of("Console")) if estate.program is not None else []
    for console in listed:
        if console.name in monitors:
            continue
        partners = [one for one in named if _same_console(one.console, console, listed)]
        for one in _or_none(partners):
            yield _named(estate, surveyor, console, one)
        named = [one for one in named if one not in partners]
    for one in named:
        yield _named(estate, surveyor, None, one)


def _or_none(found: list[Bconsole]) -> Sequence[Bconsole | None]:
    """Return the list, or one None that stands for a console that nobody has configured."""
    return found or (None,)


def _same_console(one: Resource | None, console: Resource, listed: list[Resource]) -> bool:
    """Match by name; a name the Director does not know is matched by the shared password."""
    if one is None or one.name == console.name:
        return one is not None
    if any(one.name == other.name for other in listed):
        return False
    secret = linking.secret_of(one)
    return secret is not None and secret == linking.secret_of(console)


def _heartbeat(one: Bconsole | None) -> Heartbeat:
    if one is None:
        return Heartbeat(None, None, "no bconsole configuration is at hand")
    chain = [one.director, one.console] if one.console is not None else [one.director]
    return facts.heartbeat(*chain)


def _default(
    estate: DirectorDomain, surveyor: TopologyBuilder, one: Bconsole | None
) -> Expectation:
    director = one.director if one is not None else None
    # Dir->Director's policy is what the acceptor uses for the default console (bareos.md §3.7).
    tls, tls_source = facts.tls_policy(director, estate.resource)
    peer = surveyor.book.peer(Role.CONSOLE, DEFAULT_CONSOLE, director.source if director else None)
    return Expectation(
        connection="2",
        initiator=peer,
        acceptor=estate.peer,
        target=dialled(director, Role.DIRECTOR, surveyor),
        permission=Permission.ALLOWED,
        permission_source=estate.peer.source,
        heartbeat=_heartbeat(one),
        tls=tls,
        tls_source=tls_source,
        claims=(Claim(DEFAULT_CONSOLE, None),),
        acceptor_claims=facts.claim(estate.resource),
        resources=facts.heads(director, estate.resource),
        director=estate.peer.name,
        label=one.program.root if one is not None else "",
    )


def _named(
    estate: DirectorDomain, surveyor: TopologyBuilder, listed: Resource | None, one: Bconsole | None
) -> Expectation:
    console = one.console if one is not None else None
    director = one.director if one is not None else None
    tls, tls_source = facts.tls_policy(console, listed)
    shown = listed or console
    name = shown.name if shown is not None else ""
    peer = surveyor.book.peer(Role.CONSOLE, name, shown.source if shown is not None else None)
    return Expectation(
        connection="1",
        initiator=peer,
        acceptor=estate.peer,
        target=dialled(director, Role.DIRECTOR, surveyor),
        permission=Permission.ALLOWED,
        permission_source=peer.source,
        heartbeat=_heartbeat(one),
        tls=tls,
        tls_source=tls_source,
        claims=facts.claim(console) + facts.claim(listed),
        acceptor_claims=facts.claim(estate.resource),
        resources=facts.heads(director, console, listed),
        director=estate.peer.name,
        label=one.program.root if one is not None else "",
    )
