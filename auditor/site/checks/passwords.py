"""Passwords that two ends of a connection must share, and do not (bareos.md §3.4)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Resource, Source
from auditor.site import linking
from auditor.site.checks.pairs import Pair, pairs
from auditor.site.checks.view import SiteView, problem


def check_passwords(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for every two Password lines that must be equal and are not."""
    found: dict[frozenset[Source], list[Pair]] = {}
    for pair in pairs(view):
        if disagree(pair) and not pair.doubtful:
            lines = frozenset({pair.secret.where("Password"), pair.far.where("Password")})
            found.setdefault(lines, []).append(pair)
    for same in found.values():
        affects = tuple(affected for pair in same for affected in pair.affects)
        yield _differ(same[0], affects)


def disagree(pair: Pair) -> bool:
    """Tell whether both passwords are known, and differ."""
    left, right = linking.secret_of(pair.secret), linking.secret_of(pair.far)
    return left is not None and right is not None and left != right


def _differ(pair: Pair, affects: tuple[Affected, ...]) -> Problem:
    ends = (pair.secret, pair.initiator), (pair.far, pair.acceptor)
    # The daemon, console or monitor is named first: mostly it is the one that was set up last.
    (one, daemon), (other, director) = sorted(ends, key=lambda end: end[1].startswith("director "))
    here, there = one.where("Password"), other.where("Password")
    return problem(
        ProblemKind.PASSWORD_DIFFERS,
        f"the Password of {_shown(one)} at {daemon} is not that of {_at(other, director)} "
        f"({there})",
        (one, "Password"),
        daemon,
        others=(there,),
        affects=affects,
        remedy=f"Write the same Password at {here} and at {there}.",
    )


def _at(resource: Resource, director: str) -> str:
    """A default console has the password of the Director itself."""
    shown = _shown(resource)
    return director if shown.lower() == director.lower() else f"{shown} at {director}"


def _shown(resource: Resource) -> str:
    return f"{resource.type} {resource.name}"
