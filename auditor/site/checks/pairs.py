"""The two resources that meet on a connection: the initiator's for the acceptor, and the acceptor's
for the initiator (bareos.md §3.4, §3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from auditor.config.resources import Affected, Program, ProgramConfig, Resource
from auditor.site.checks.ties import Tie, ties
from auditor.site.checks.view import SiteView, dials_itself, label_of
from auditor.site.director_domain import DirectorDomain
from auditor.site.model import Role

TO_CLIENT = "ConnectionFromDirectorToClient"
TO_DIRECTOR = "ConnectionFromClientToDirector"


class Pair(NamedTuple):
    """Two resources that must agree for connections of some numbers to be accepted."""

    numbers: tuple[str, ...]
    initiator: str
    """Role and name, such as ``director dir``."""
    acceptor: str
    near: Resource
    """The initiator's resource: its TLS directives count."""
    far: Resource
    """The acceptor's resource for the initiator: its Password and TLS directives count."""
    secret: Resource
    """The initiator's resource whose Password counts; mostly ``near``."""
    doubtful: bool = False
    """Whether the initiator dials its own host, and the acceptor seems to be on another."""

    @property
    def affects(self) -> tuple[Affected, ...]:
        """The connections, for problems that concern all of them."""
        return tuple(Affected(number, self.initiator, self.acceptor) for number in self.numbers)


def pairs(view: SiteView) -> Iterator[Pair]:
    """Yield every pair of the site of which both resources are certain."""
    known = list(ties(view))
    for tie in known:
        yield from _daemon(tie)
    for program in view.programs(Program.CONSOLE):
        yield from _console(view, program)
    for program in view.programs(Program.TRAY_MONITOR):
        monitor = next(program.of("Monitor"), None)
        if monitor is not None:
            yield from _tray(view, program, monitor, known)


def _daemon(tie: Tie) -> Iterator[Pair]:
    director, daemon = str(tie.domain.peer), str(tie.daemon.peer)
    program = tie.domain.program
    doubtful = program is not None and dials_itself(program, tie.side, tie.program)
    for entry in tie.entries:
        if not entry.flag("Monitor", False):
            # A storage has no such switch, so that the default counts.
            if tie.side.flag(TO_CLIENT, True) and entry.flag(TO_CLIENT, True):
                yield Pair(tie.numbers, director, daemon, tie.side, entry, tie.side, doubtful)
            if entry.flag(TO_DIRECTOR, False):
                doubtful = program is not None and dials_itself(tie.program, entry, program)
                yield Pair(("4",), daemon, director, entry, tie.side, entry, doubtful)


def _console(view: SiteView, program: ProgramConfig) -> Iterator[Pair]:
    """A bconsole uses its first Console for every Director, and none where it has none (§1.1)."""
    console, named = label_of(program), next(program.of("Console"), None)
    for dialled in program.of("Director"):
        domain = view.director_of(dialled)
        if domain is None or domain.program is None or domain.resource is None:
            continue
        if view.may_be_another(dialled, domain):
            continue
        director, doubtful = str(domain.peer), dials_itself(program, dialled, domain.program)
        if named is None:
            yield Pair(("2",), console, director, dialled, domain.resource, dialled, doubtful)
        else:
            for listed in consoles_named(domain, named.name):
                yield Pair(("1",), console, director, named, listed, named, doubtful)


def _tray(
    view: SiteView, program: ProgramConfig, monitor: Resource, known: list[Tie]
) -> Iterator[Pair]:
    label = label_of(program)
    for resource in program.of("Director"):
        domain = view.director_of(resource)
        if domain is None or domain.program is None:
            continue
        doubtful = dials_itself(program, resource, domain.program)
        for listed in consoles_named(domain, monitor.name):
            yield Pair(("9",), label, str(domain.peer), resource, listed, monitor, doubtful)
    for resource in program.of("Client", "Storage"):
        number = "10" if resource.type == "Client" else "11"
        for tie in monitored(view, resource, known):
            for entry in tie.program.of("Director"):
                if entry.name == monitor.name:
                    daemon = str(tie.daemon.peer)
                    yield Pair((number,), label, daemon, resource, entry, resource)


def monitored(view: SiteView, resource: Resource, known: list[Tie]) -> Iterator[Tie]:
    """Yield the daemon, once, that a tray monitor's Client or Storage means: by its address."""
    role = {"Client": Role.FILE_DAEMON, "Storage": Role.STORAGE_DAEMON}.get(resource.type)
    target = view.resolve(resource.text("Address"))
    found = {
        id(tie.program): tie
        for tie in known
        if tie.daemon.peer.role is role and tie.daemon.peer.located
        if target & view.resolve(tie.side.text("Address"))
    }
    if len(found) == 1:
        yield from found.values()


def consoles_named(domain: DirectorDomain, name: str) -> Iterator[Resource]:
    """Yield the Director's Console of that name, if its configuration is at hand."""
    listed = domain.program.of("Console") if domain.program is not None else iter(())
    return (one for one in listed if one.name == name)
