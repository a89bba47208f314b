"""Who may log in to which daemon, from its own configuration alone (bareos.md §3.4, §4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from auditor.config.resources import ProgramConfig, Resource
from auditor.site.checks.ties import ties
from auditor.site.checks.view import SiteView
from auditor.site.consoles import DEFAULT_CONSOLE
from auditor.site.entries import Entry, Guests, Switch, entry
from auditor.site.model import Peer, Role

TO_CLIENT = Switch("ConnectionFromDirectorToClient", True)
TO_DIRECTOR = Switch("ConnectionFromClientToDirector", False)


def guests(view: SiteView) -> Mapping[tuple[Role, str], Guests]:
    """Return by role and name the guests of each daemon whose configuration is certain: that of a
    Director's client or storage by what ``checks.ties`` asks for, not by an equal password.

    Where two configurations may be that of one name, neither is told.
    """
    found: dict[tuple[Role, str], Guests] = {}
    programs: dict[tuple[Role, str], set[int]] = {}
    told: dict[tuple[Role, int, int], Guests] = {}  # one daemon may serve many Directors
    for door in _doors(view):
        key = door.peer.role, door.peer.name
        programs.setdefault(key, set()).add(id(door.program))
        one = door.peer.role, id(door.program), id(door.own)
        if one not in told:
            told[one] = Guests(tuple(_entries(door)), door.program.whole)
        found[key] = told[one]
    return {key: one for key, one in found.items() if len(programs[key]) == 1}


class _Door(NamedTuple):
    peer: Peer
    program: ProgramConfig
    own: Resource | None


def _doors(view: SiteView) -> Iterator[_Door]:
    tied = {id(tie.daemon) for tie in ties(view)}
    for domain in view.domains:
        if domain.program is not None:
            yield _Door(domain.peer, domain.program, domain.resource)
        for daemon in domain.daemons:
            if len(daemon.own) == 1 and (daemon.director_side is None or id(daemon) in tied):
                yield _Door(daemon.peer, daemon.own[0].program, daemon.own[0].resource)


def _entries(door: _Door) -> Iterator[Entry]:
    resources = door.program.of
    if door.peer.role is not Role.DIRECTOR:
        switch = TO_CLIENT if door.peer.role is Role.FILE_DAEMON else None
        listed = [entry(one, "R_DIRECTOR", switch=switch) for one in resources("Director")]
    else:
        listed = [entry(one, "R_CLIENT", switch=TO_DIRECTOR) for one in resources("Client")]
        listed += [entry(one, "R_CONSOLE") for one in resources("Console")]
        listed.append(entry(door.own, "R_CONSOLE", name=DEFAULT_CONSOLE))
    return (one for one in listed if one is not None)
