"""Who may dial whom between a Director and its clients (bareos.md §1.3, §4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Program, Resource, Source
from auditor.site.checks.pairs import TO_CLIENT, TO_DIRECTOR
from auditor.site.checks.ties import ties
from auditor.site.checks.view import SiteView, problem

_SPELT = {TO_CLIENT: "Connection From Director To Client"}
_SPELT[TO_DIRECTOR] = "Connection From Client To Director"


def check_directions(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each client with which the Director's side or both sides together leave
    no direction, or one that the other side refuses."""
    judged: set[int] = set()
    for program in view.programs(Program.FILE_DAEMON):
        for entry in program.of("Director"):
            if not entry.flag("Monitor", False):
                for found in _alone(entry, view.daemon_of(program)):
                    judged.add(id(entry))
                    yield found
    tied: dict[int, Resource] = {
        id(tie.side): entry
        for tie in ties(view)
        if tie.side.type == "Client"
        for entry in tie.entries
        if not entry.flag("Monitor", False)
    }
    for domain in view.directors():
        for client in domain.clients:
            side = client.director_side
            if side is None:
                continue
            far = tied.get(id(side))
            director, daemon = str(domain.peer), str(client.peer)
            if not side.flag(TO_CLIENT, True) and not side.flag(TO_DIRECTOR, False):
                yield _both_off(side, director, _affected(director, daemon))
            elif far is not None and id(far) not in judged:
                yield from _together(side, far, director, daemon)


def _alone(entry: Resource, daemon: str) -> Iterator[Problem]:
    """What a File Daemon's own Director resource forbids by itself."""
    director = f"director {entry.name}"
    to_client, to_director = entry.flag(TO_CLIENT, True), entry.flag(TO_DIRECTOR, False)
    if not to_client and not to_director:
        yield _both_off(entry, daemon, _affected(director, daemon))
    elif to_director and not entry.text("Address"):
        here = entry.where(TO_DIRECTOR)
        yield problem(
            ProblemKind.CLIENT_INITIATED_WITHOUT_ADDRESS,
            f"{daemon} is to dial {director}, but this resource has no Address, so it does not",
            (entry, TO_DIRECTOR),
            daemon,
            others=(entry.source,),
            affects=(Affected("4", daemon, director),),
            remedy=f"Write Address = (that of the Director) beside {here}.",
        )


def _both_off(resource: Resource, daemon: str, affects: tuple[Affected, ...]) -> Problem:
    lines = tuple(resource.where(key) for key in (TO_CLIENT, TO_DIRECTOR))
    return problem(
        ProblemKind.DIRECTIONS_BOTH_OFF,
        f"{resource.type} {resource.name} forbids both directions, so that Director and client "
        "never meet",
        (resource, TO_CLIENT),
        daemon,
        others=lines,
        affects=affects,
        remedy=f"Remove {_SPELT[TO_CLIENT]} = no at {lines[0]}, or write "
        f"{_SPELT[TO_DIRECTOR]} = yes there and in the other side's resource.",
    )


def _together(side: Resource, entry: Resource, director: str, daemon: str) -> Iterator[Problem]:
    out = side.flag(TO_CLIENT, True), entry.flag(TO_CLIENT, True)
    back = side.flag(TO_DIRECTOR, False), entry.flag(TO_DIRECTOR, False)
    if not all(out) and not all(back):
        keys = (TO_CLIENT, TO_DIRECTOR)
        yield _problem(
            ProblemKind.DIRECTIONS_DISAGREE,
            f"{director} and {daemon} allow no common direction: what the one dials the other "
            "refuses",
            (side, entry, director),
            tuple(resource.where(key) for key in keys for resource in (side, entry)),
            _affected(director, daemon),
            _common(side, entry),
        )
    elif back == (False, True):
        yield _problem(
            ProblemKind.CLIENT_INITIATED_ONE_SIDED,
            f"{daemon} dials {director} and is sent away every minute, because Client "
            f"{side.name} does not allow it",
            (side, entry, director),
            (entry.where(TO_DIRECTOR), side.where(TO_DIRECTOR)),
            (Affected("4", daemon, director),),
            f"Write {_SPELT[TO_DIRECTOR]} = yes at {side.where(TO_DIRECTOR)}, or remove it at "
            f"{entry.where(TO_DIRECTOR)}.",
        )
    elif back == (True, False):
        yield _problem(
            ProblemKind.CLIENT_INITIATED_IN_VAIN,
            f"{director} expects {daemon} to dial, but the client's Director resource does not "
            "say so",
            (side, entry, director),
            (side.where(TO_DIRECTOR), entry.where(TO_DIRECTOR)),
            (Affected("4", daemon, director),),
            f"Write {_SPELT[TO_DIRECTOR]} = yes with an Address at {entry.where(TO_DIRECTOR)}, "
            f"or remove it at {side.where(TO_DIRECTOR)}.",
        )
    elif out == (True, False):
        yield _problem(
            ProblemKind.DIRECT_DIAL_REFUSED,
            f"{director} may dial {daemon}, which refuses it after the handshake",
            (side, entry, director),
            (side.where(TO_CLIENT), entry.where(TO_CLIENT)),
            (Affected("3", director, daemon),),
            f"Write {_SPELT[TO_CLIENT]} = no at {side.where(TO_CLIENT)}.",
        )


def _common(side: Resource, entry: Resource) -> str:
    """Return what to write so that one direction is allowed on both sides."""
    ways = (TO_DIRECTOR, False), (TO_CLIENT, True)
    lines = {
        key: [one.where(key) for one in (side, entry) if not one.flag(key, default)]
        for key, default in ways
    }
    told = [
        f"{_SPELT[key]} = yes at {' and at '.join(map(str, where))}" for key, where in lines.items()
    ]
    return f"Write {' or '.join(told)}."


def _problem(
    kind: ProblemKind,
    message: str,
    ends: tuple[Resource, Resource, str],
    lines: tuple[Source, ...],
    affects: tuple[Affected, ...],
    remedy: str,
) -> Problem:
    side, _, director = ends
    return Problem(
        kind,
        message,
        lines[0],
        f"Client {side.name}",
        director,
        others=lines[1:],
        affects=affects,
        remedy=remedy,
    )


def _affected(director: str, daemon: str) -> tuple[Affected, ...]:
    return (Affected("3", director, daemon), Affected("4", daemon, director))
