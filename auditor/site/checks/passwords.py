"""Passwords that two ends of a connection must share, and do not (bareos.md §3.4)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Program, Resource
from auditor.site import linking
from auditor.site.checks.ties import ties
from auditor.site.checks.view import SiteView, label_of


def check_passwords(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for every two Password lines that must be equal and are not."""
    yield from _daemons(view)
    for program in view.programs(Program.CONSOLE):
        yield from _console(view, label_of(program), list(program.of("Director", "Console")))


def _daemons(view: SiteView) -> Iterator[Problem]:
    for tie in ties(view):
        entries = [entry for entry in tie.entries if not entry.flag("Monitor", False)]
        if len(entries) == 1:
            director, daemon = str(tie.domain.peer), str(tie.daemon.peer)
            affects = [Affected(number, director, daemon) for number in tie.numbers]
            if tie.side.type == "Client":
                affects.append(Affected("4", daemon, director))
            yield from _differ(entries[0], tie.side, daemon, director, tuple(affects))


def _console(view: SiteView, console: str, resources: list[Resource]) -> Iterator[Problem]:
    """A bconsole uses its first Console for every Director, and none where it has none (§1.1)."""
    named = next((one for one in resources if one.type == "Console"), None)
    for dialled in (one for one in resources if one.type == "Director"):
        domain = view.director_of(dialled)
        if domain is None or domain.program is None or domain.resource is None:
            continue
        director = str(domain.peer)
        if named is None:
            affects = (Affected("2", console, director),)
            yield from _differ(dialled, domain.resource, console, director, affects)
            continue
        for listed in domain.program.of("Console"):
            if listed.name == named.name:
                affects = (Affected("1", console, director),)
                yield from _differ(named, listed, console, director, affects)


def _differ(
    one: Resource, other: Resource, daemon: str, director: str, affects: tuple[Affected, ...]
) -> Iterator[Problem]:
    left, right = linking.secret_of(one), linking.secret_of(other)
    if left is None or right is None or left == right:
        return
    here, there = one.where("Password"), other.where("Password")
    yield Problem(
        ProblemKind.PASSWORD_DIFFERS,
        f"the Password of {one.type} {one.name} at {daemon} is not that of {other.type} "
        f"{other.name} at {director} ({there})",
        here,
        f"{one.type} {one.name}",
        daemon,
        others=(there,),
        affects=affects,
        remedy=f"Write the same Password at {here} and at {there}.",
    )
