"""Names by which one side calls another that does not know them (bareos.md §3.4, §5.8)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Program, ProgramConfig, Resource
from auditor.site import linking
from auditor.site.checks.pairs import TO_DIRECTOR, consoles_named
from auditor.site.checks.ties import Tie, listens_there, ties
from auditor.site.checks.view import SiteView, dials_itself, label_of, problem
from auditor.site.director_domain import DirectorDomain

#: How many names that are known a sentence lists.
_MOST_NAMES = 8


def check_names(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each client, Director or console whose name the other side lacks."""
    for program in view.programs(Program.FILE_DAEMON):
        own = linking.own_resource(program)
        for entry in program.of("Director") if own is not None else ():
            dials = entry.flag(TO_DIRECTOR, False) and entry.text("Address")
            if own is not None and dials and not entry.flag("Monitor", False):
                yield from _client(view, program, own, entry)
    for tie in ties(view):
        yield from _director(view, tie)
    for program in view.programs(Program.CONSOLE):
        named = next(program.of("Console"), None)
        yield from _console(view, program, named, "1") if named is not None else ()
    for program in view.programs(Program.TRAY_MONITOR):
        named = next(program.of("Monitor"), None)
        yield from _console(view, program, named, "9") if named is not None else ()


def _client(
    view: SiteView, program: ProgramConfig, own: Resource, entry: Resource
) -> Iterator[Problem]:
    """Connection 4 is accepted under the name of one of the Director's Clients only (§5.8)."""
    daemon, director = view.daemon_of(program), f"director {entry.name}"
    affects = (Affected("4", daemon, director),)
    if " " in own.name:
        yield problem(
            ProblemKind.CLIENT_NAME_WITH_BLANK,
            f"the name {own.name!r} has a blank, and no Director can read it in the hello of a "
            "client that dials",
            (own, "Name"),
            daemon,
            others=(entry.where(TO_DIRECTOR),),
            affects=affects,
            remedy=f"Write a Name without blanks at {own.where('Name')}, and the same in the "
            "Director's Client.",
        )
        return
    domains = [d for d in view.directors() if d.peer.name == entry.name]
    if any(view.may_be_another(entry, domain) for domain in domains):
        return
    if not domains or not all(_lacks(domain, "Client", own.name) for domain in domains):
        return
    secret = linking.secret_of(entry)
    taken = {one.name for p in view.programs(Program.FILE_DAEMON) for one in p.of("Client")}
    meant = [
        client
        for domain in domains
        for client in (domain.program.of("Client") if domain.program is not None else ())
        if secret is not None and linking.secret_of(client) == secret and client.name not in taken
    ]
    hint = f"; Client {meant[0].name} has its password" if len(meant) == 1 else ""
    others = tuple(one.where("Name") for one in meant[:1]) or (domains[0].peer.source,)
    yield problem(
        ProblemKind.CLIENT_UNKNOWN,
        f"{daemon} dials {director} as {own.name!r}, and that Director has no Client of this "
        f"name{hint}",
        (own, "Name"),
        daemon,
        others=tuple(one for one in others if one is not None),
        affects=affects,
        remedy=f"Write the same Name at {own.where('Name')} and in the Director's Client"
        + (f" at {others[0]}." if meant else "."),
    )


def _lacks(domain: DirectorDomain, kind: str, name: str) -> bool:
    """Tell whether a Director whose whole configuration is at hand has no such resource."""
    program = domain.program
    return program is not None and program.whole and all(r.name != name for r in program.of(kind))


def _director(view: SiteView, tie: Tie) -> Iterator[Problem]:
    """A daemon knows its Directors by their names (§5.8)."""
    if tie.entries or not tie.program.whole:
        return
    listed = [one for one in tie.program.of("Director") if not one.flag("Monitor", False)]
    secret = linking.secret_of(tie.side)
    meant = [one for one in listed if secret is not None and linking.secret_of(one) == secret]
    others = {domain.peer.name for domain in view.directors()}
    meant = [one for one in meant if one.name not in others]
    if not meant and not listens_there(tie):
        return  # only the name ties it: it may be a daemon of another Director
    director, daemon = str(tie.domain.peer), str(tie.daemon.peer)
    at = meant[0] if meant else tie.own
    own = tie.domain.resource
    named = own.where("Name") if own is not None else tie.side.source
    yield problem(
        ProblemKind.DIRECTOR_UNKNOWN,
        f"{daemon} knows {_listed([one.name for one in listed])}, but the Director that dials it "
        f"is called {tie.domain.peer.name!r} ({named})",
        (at, "Name"),
        daemon,
        others=(named,),
        affects=tuple(Affected(number, director, daemon) for number in tie.numbers),
        remedy=f"Write Name = {tie.domain.peer.name} into the Director resource at "
        f"{at.where('Name')}.",
    )


def _console(
    view: SiteView, program: ProgramConfig, named: Resource, number: str
) -> Iterator[Problem]:
    """A named console is known to the Director by its name; so is a tray monitor."""
    for dialled in program.of("Director"):
        domain = view.director_of(dialled)
        if domain is None or domain.program is None or not _lacks(domain, "Console", named.name):
            continue
        if view.may_be_another(dialled, domain) or dials_itself(program, dialled, domain.program):
            continue
        label, director = label_of(program), str(domain.peer)
        listed = [one.name for one in domain.program.of("Console")]
        yield problem(
            ProblemKind.CONSOLE_UNKNOWN,
            f"{label} dials {director}, which knows {_listed(listed)} only",
            (named, "Name"),
            label,
            others=tuple(
                one.where("Name") for name in listed for one in consoles_named(domain, name)
            )[:_MOST_NAMES],
            affects=(Affected(number, label, director),),
            remedy=f"Write the Name of one of the Director's Consoles at {named.where('Name')}, "
            f"or add a Console {named.name} to the Director.",
        )


def _listed(names: list[str]) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(map(repr, names[:_MOST_NAMES])) + more
