"""HeartbeatIntervals that act on less than they seem to (bareos.md §0, §1.2, §1.3, §8)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Program, Resource
from auditor.config.values import MAX_KEEPIDLE_S
from auditor.site.checks.pairs import TO_CLIENT, TO_DIRECTOR
from auditor.site.checks.ties import ties
from auditor.site.checks.view import SiteView, label_of, problem
from auditor.site.director_domain import Daemon, DirectorDomain

_KEY = "HeartbeatInterval"
_MOST = 6


def check_heartbeats(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each HeartbeatInterval that does not act where it seems to."""
    tied = {id(tie.side) for tie in ties(view)}
    for domain in view.directors():
        idle: set[int] = set()
        for client in domain.clients:
            for found in _client_initiated(domain, client, id(client.director_side) in tied):
                idle.add(id(client.director_side))
                yield found
        for daemon in domain.daemons:
            side, director = daemon.director_side, domain.resource
            if side is not None and director is not None:
                yield from _zero(side, director, str(domain.peer))
        yield from _director_only(domain, idle)
    for program in view.programs(Program.CONSOLE):
        console = next(program.of("Console"), None)
        for dialled in program.of("Director"):
            if console is not None:
                yield from _zero(dialled, console, label_of(program))


def _client_initiated(domain: DirectorDomain, client: Daemon, tied: bool) -> Iterator[Problem]:
    """The waiting connection 4 has the heartbeat of the File Daemon's own Client (§1.3)."""
    side = client.director_side
    if side is None or not side.flag(TO_DIRECTOR, False) or not _acts(side):
        return
    own = client.own_resource if tied else None
    entry = client.director_resource if tied else None
    dialled = side.flag(TO_CLIENT, True)
    waits = entry is not None and entry.flag(TO_DIRECTOR, False)
    if dialled and not (waits and own is not None and not own.number(_KEY)):
        return
    written, director = side.where(_KEY), str(domain.peer)
    where = f"{own.source}" if own is not None else "the client's own configuration"
    yield problem(
        ProblemKind.HEARTBEAT_WITHOUT_EFFECT,
        f"this HeartbeatInterval does not act on connection 4: {client.peer} opens it itself, with "
        f"the HeartbeatInterval of the Client resource in its own configuration",
        (side, _KEY),
        director,
        others=(own.where(_KEY),) if own is not None else (),
        affects=(Affected("4", str(client.peer), director),),
        remedy=f"Write HeartbeatInterval = {side.number(_KEY)} into the Client resource of the "
        f"File Daemon ({where}); at {written} it keeps 3 only.",
    )


def _zero(near: Resource, beyond: Resource, daemon: str) -> Iterator[Problem]:
    """An explicit 0 counts as not written (bareos.md §1.2)."""
    if near.get(_KEY) is None or near.number(_KEY) or beyond.number(_KEY) <= 0:
        return
    there = beyond.where(_KEY)
    yield problem(
        ProblemKind.HEARTBEAT_ZERO_IGNORED,
        f"this 0 does not switch the heartbeat off: {beyond.number(_KEY)} s of {beyond.type} "
        f"{beyond.name} count ({there})",
        (near, _KEY),
        daemon,
        others=(there,),
        remedy=f"Remove it at {near.where(_KEY)}; to have no heartbeat here, remove the one at "
        f"{there} and write it into the other resources.",
    )


def _director_only(domain: DirectorDomain, idle: set[int]) -> Iterator[Problem]:
    """The Director's heartbeats keep 3, 5a and 5b; 4, 6 and 7 have those of their initiators.

    Only where no daemon of which it is known has one of its own. ``idle`` are the ids of Clients
    whose heartbeat acts on nothing.
    """
    daemons = domain.daemons
    sides = [one.director_side for one in daemons if id(one.director_side) not in idle]
    written = [one for one in (domain.resource, *sides) if one and _acts(one)]
    known = [(one, one.own_resource) for one in daemons]
    if not written or any(own is not None and own.number(_KEY) > 0 for _, own in known):
        return
    passive = [one for one in domain.clients if _flag(one, "Passive")]
    dialling = [
        one for one in domain.clients if not _flag(one, "Passive") or _flag(one, TO_DIRECTOR)
    ]
    initiators = {id(one) for one in (*dialling, *(domain.storages if passive else ()))}
    found = [(one, own) for one, own in known if own is not None and id(one) in initiators]
    without = list({id(own): one for one, own in found}.values())
    lines = list(dict.fromkeys(own.source for _, own in found))[:_MOST]
    if not without:
        return
    names = ", ".join(str(one.peer) for one in without[:_MOST])
    yield problem(
        ProblemKind.HEARTBEAT_AT_DIRECTOR_ONLY,
        f"the Director's HeartbeatInterval keeps 3 and 5a; what {names} dial by themselves (4, 6, "
        "7) has the system's two hours",
        (written[0], _KEY),
        str(domain.peer),
        others=tuple(lines),
        remedy=f"Write HeartbeatInterval = {written[0].number(_KEY)} into the Client or Storage "
        f"resource at {', '.join(map(str, lines))}.",
    )


def _acts(resource: Resource) -> bool:
    """Tell whether a heartbeat is written that the kernel takes; another has its own rule."""
    return 0 < resource.number(_KEY) <= MAX_KEEPIDLE_S


def _flag(client: Daemon, name: str) -> bool:
    return client.director_side is not None and client.director_side.flag(name, False)
