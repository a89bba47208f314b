"""Which daemon of a Director surely has which configuration, whatever their passwords say.

The site links what probably belongs together, and a password that both ends share is one of its
witnesses. Who says that two passwords differ needs others: the same name, the address that the
daemon listens on, or a device that no other Storage Daemon has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from auditor.config.resources import Program, ProgramConfig, Resource
from auditor.site import linking
from auditor.site.checks.view import SiteView
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.model import Role
from auditor.site.resolver import canonical, is_loopback


class Tie(NamedTuple):
    """A daemon of a Director, both of whose sides are known."""

    domain: DirectorDomain
    daemon: Daemon
    side: Resource
    """The Director's Client or Storage."""
    program: ProgramConfig
    own: Resource
    """The daemon's own Client or Storage."""

    @property
    def entries(self) -> list[Resource]:
        """The Director resources of the daemon that have this Director's name."""
        name = self.domain.peer.name
        return [one for one in self.program.of("Director") if one.name == name]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of the Director's connections to it."""
        return ("3",) if self.daemon.peer.role is Role.FILE_DAEMON else ("5a", "5b")


def ties(view: SiteView) -> Iterator[Tie]:
    """Yield every daemon of every configured Director that is certain to have the configuration
    it was linked with."""
    for domain in view.directors():
        for daemon in domain.daemons:
            side = daemon.director_side
            if side is None or len(daemon.own) != 1:
                continue
            tie = Tie(domain, daemon, side, daemon.own[0].program, daemon.own[0].resource)
            if _certain(tie, view) and not _of_another(tie, view):
                yield tie


def listens_there(tie: Tie) -> bool:
    """Tell whether the daemon listens at just the address that the Director dials."""
    wanted = {canonical(tie.side.text(key)) for key in ("Address", "LanAddress")} - {None}
    listened = {canonical(listen.address) for listen in linking.listening(tie.own)}
    return any(one is not None and not is_loopback(one) for one in wanted & listened)


def _certain(tie: Tie, view: SiteView) -> bool:
    if tie.own.name == tie.side.name or listens_there(tie):
        return True
    return tie.program.program is Program.STORAGE_DAEMON and _only_one_with_device(tie, view)


def _only_one_with_device(tie: Tie, view: SiteView) -> bool:
    """Tell whether no other Storage Daemon has the devices, and no other Storage names them."""
    having = [p for p in view.programs(Program.STORAGE_DAEMON) if linking.same_device(tie.side, p)]
    naming = {
        storage.text("Address").lower()
        for domain in view.directors()
        for storage in _sides(domain.storages)
        if linking.same_device(storage, tie.program)
    }
    return having == [tie.program] and len(naming) == 1 and not _of_another_site(tie, view)


def _of_another_site(tie: Tie, view: SiteView) -> bool:
    """Tell whether a File Daemon of the same host has a password for a Director of this name that
    none of its Clients has: the host rather belongs to another Director."""
    known = {linking.secret_of(side) for side in _sides(tie.domain.clients)}
    return any(
        linking.secret_of(entry) not in known
        for program in view.programs(Program.FILE_DAEMON)
        if program.confdir == tie.program.confdir
        for entry in program.of("Director")
        if entry.name == tie.domain.peer.name and linking.secret_of(entry) is not None
    )


def _of_another(tie: Tie, view: SiteView) -> bool:
    """Tell whether the daemon's password is that of another Client or Storage of a Director of
    this name that has no configuration of its own here: it is rather that one's daemon."""
    secrets = {linking.secret_of(entry) for entry in tie.entries} - {None}
    if not secrets or linking.secret_of(tie.side) in secrets:
        return False
    client = tie.daemon.peer.role is Role.FILE_DAEMON
    return any(
        other.director_side is not None and linking.secret_of(other.director_side) in secrets
        for domain in view.directors()
        if domain.peer.name == tie.domain.peer.name
        for other in (domain.clients if client else domain.storages)
        if other is not tie.daemon and not _has_its_own(other, tie.program)
    )


def _has_its_own(daemon: Daemon, program: ProgramConfig) -> bool:
    return len(daemon.own) == 1 and daemon.own[0].program is not program


def _sides(daemons: Iterable[Daemon]) -> Iterator[Resource]:
    return (one.director_side for one in daemons if one.director_side is not None)
