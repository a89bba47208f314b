"""The two resources that meet on a connection: the initiator's for the acceptor, and the acceptor's
for the initiator (bareos.md §3.4, §3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.config.resources import Affected, Program, Resource
from auditor.site.checks.ties import Tie, ties
from auditor.site.checks.view import SiteView, label_of
from auditor.site.director_domain import DirectorDomain
from auditor.site.model import Role

TO_CLIENT = "ConnectionFromDirectorToClient"
TO_DIRECTOR = "ConnectionFromClientToDirector"


@dataclass(frozen=True, slots=True)
class Pair:
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
        yield from _console(view, label_of(program), list(program.of("Director", "Console")))
    for program in view.programs(Program.TRAY_MONITOR):
        monitor = next(program.of("Monitor"), None)
        if monitor is not None:
            yield from _tray(view, label_of(program), monitor, list(program.resources), known)


def _daemon(tie: Tie) -> Iterator[Pair]:
    director, daemon = str(tie.domain.peer), str(tie.daemon.peer)
    for entry in tie.entries:
        if not entry.flag("Monitor", False):
            # A storage has no such switch, so that the default counts.
            if tie.side.flag(TO_CLIENT, True) and entry.flag(TO_CLIENT, True):
                yield Pair(tie.numbers, director, daemon, tie.side, entry, tie.side)
            if entry.flag(TO_DIRECTOR, False):
                yield Pair(("4",), daemon, director, entry, tie.side, entry)


def _console(view: SiteView, console: str, resources: list[Resource]) -> Iterator[Pair]:
    """A bconsole uses its first Console for every Director, and none where it has none (§1.1)."""
    named = next((one for one in resources if one.type == "Console"), None)
    for dialled in (one for one in resources if one.type == "Director"):
        domain = view.director_of(dialled)
        if domain is None or domain.resource is None:
            continue
        director = str(domain.peer)
        if named is None:
            yield Pair(("2",), console, director, dialled, domain.resource, dialled)
        else:
            for listed in consoles_named(domain, named.name):
                yield Pair(("1",), console, director, named, listed, named)


def _tray(
    view: SiteView,
    label: str,
    monitor: Resource,
    resources: list[Resource],
    known: list[Tie],
) -> Iterator[Pair]:
    for resource in resources:
        if resource.type == "Director":
            domain = view.director_of(resource)
            for listed in consoles_named(domain, monitor.name) if domain is not None else ():
                yield Pair(("9",), label, str(domain and domain.peer), resource, listed, monitor)
        for tie in monitored(view, resource, known):
            number = "10" if resource.type == "Client" else "11"
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
