"""What is dialled of each daemon whose own configuration is at hand, and where that is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.config.resources import Affected, Listen, Program, ProgramConfig, Resource, Source
from auditor.site import linking
from auditor.site.checks.pairs import TO_CLIENT, TO_DIRECTOR, monitored
from auditor.site.checks.ties import Tie, ties
from auditor.site.checks.view import SiteView, label_of
from auditor.site.connections import default_ports
from auditor.site.director_domain import Daemon
from auditor.site.model import Role
from auditor.site.networks import is_local
from auditor.site.resolver import canonical, is_loopback


class Dial(NamedTuple):
    """One Address and Port that somebody dials."""

    numbers: tuple[str, ...]
    initiator: str
    """Role and name; empty: several."""
    program: ProgramConfig
    """Whose configuration says so."""
    resource: Resource
    key: str
    """The directive: ``Address`` or ``LanAddress``."""
    addresses: frozenset[str]
    """The address resolved, without what a name means on this machine alone."""
    port: int
    from_elsewhere: bool = False
    """Several hosts are told to dial it, so that one of them is not the acceptor's own."""

    @property
    def text(self) -> str:
        """The address as written."""
        return self.resource.text(self.key)

    @property
    def local(self) -> bool:
        """Whether it means the machine that dials."""
        return is_local(self.text)


@dataclass(frozen=True, slots=True)
class Acceptor:
    """A daemon with its own configuration, and all that is dialled of it."""

    label: str
    role: Role
    program: ProgramConfig
    own: Resource
    dials: list[Dial] = field(default_factory=list)

    @property
    def default(self) -> int:
        """The port on which its role listens where nothing is written."""
        return default_ports()[self.role]

    @property
    def sockets(self) -> tuple[Listen, ...]:
        """What it listens on; a host name is left as it is."""
        every = (Listen("0.0.0.0", None, 4), Listen("::", None, 6))
        listed = linking.listening(self.own) or every
        return tuple(
            one if one.port is not None else one._replace(port=self.default) for one in listed
        )

    def where(self, *keys: str) -> Source:
        """Return where the first of these listening directives is written, else the head."""
        written = (self.own.where(key) for key in keys if self.own.get(key))
        return next(written, self.own.source)

    def affected(self, dials: list[Dial]) -> tuple[Affected, ...]:
        """Return the connections that these dials open."""
        found = (Affected(n, one.initiator, self.label) for one in dials for n in one.numbers)
        return tuple(dict.fromkeys(found))


def acceptors(view: SiteView) -> Iterator[Acceptor]:
    """Yield every daemon whose configuration and diallers are certain."""
    known = list(ties(view))
    directors = {
        id(domain): Acceptor(str(domain.peer), Role.DIRECTOR, domain.program, domain.resource)
        for domain in view.directors()
        if domain.program is not None and domain.resource is not None
    }
    for program, resource, number, label in _to_directors(view):
        domain = view.director_of(resource)
        if domain is not None:
            dial = _dial(view, (number,), label, program, resource)
            directors[id(domain)].dials.append(dial)
    yield from directors.values()
    daemons: dict[int, Acceptor] = {}
    for tie in known:
        one = Acceptor(str(tie.daemon.peer), tie.daemon.peer.role, tie.program, tie.own)
        daemons.setdefault(id(tie.program), one).dials.extend(_by_director(view, tie))
    for program in view.programs(Program.TRAY_MONITOR):
        for resource in program.of("Client", "Storage"):
            number = "10" if resource.type == "Client" else "11"
            for tie in monitored(view, resource, known):
                dial = _dial(view, (number,), label_of(program), program, resource)
                daemons[id(tie.program)].dials.append(dial)
    yield from daemons.values()


def _to_directors(view: SiteView) -> Iterator[tuple[ProgramConfig, Resource, str, str]]:
    for program in view.config.programs:
        for resource in program.of("Director"):
            if program.program is Program.CONSOLE:
                number = "1" if any(program.of("Console")) else "2"
            elif program.program is Program.TRAY_MONITOR:
                number = "9"
            elif program.program is Program.FILE_DAEMON and resource.flag(TO_DIRECTOR, False):
                number = "4"
            else:
                continue
            if resource.text("Address"):
                label = view.daemon_of(program) if number == "4" else label_of(program)
                yield program, resource, number, label


def _by_director(view: SiteView, tie: Tie) -> Iterator[Dial]:
    """The Director dials the Address itself, and tells others to dial it, or the LanAddress where
    both ends have one (bareos.md §4.5)."""
    program, director = tie.domain.program, str(tie.domain.peer)
    if program is None:
        return
    client = tie.side.type == "Client"
    data = ("7",) if client and tie.side.flag("Passive", False) else () if client else ("6",)
    partners = tie.domain.storages if client else tie.domain.clients
    paired = tie.side.text("LanAddress") and any(
        other.director_side is not None and other.director_side.text("LanAddress")
        for other in partners
    )
    if tie.side.flag(TO_CLIENT, True):  # else its Address may be any
        yield _dial(view, tie.numbers, director, program, tie.side)
    if data:
        told = _dial(view, data, "", program, tie.side, "LanAddress" if paired else "Address")
        yield told._replace(from_elsewhere=_several_hosts(partners))


def _several_hosts(daemons: Iterable[Daemon]) -> bool:
    """Tell whether those told to dial are on two hosts; an address and a name may be one."""
    sides = (one.director_side for one in daemons if not one.passive)
    written = {side.text("Address").lower() for side in sides if side is not None}
    remote = {one for one in written if one and not is_local(one)}
    literal = {one for one in remote if canonical(one) is not None}
    return len(literal) > 1 or len(remote - literal) > 1


def _dial(
    view: SiteView,
    numbers: tuple[str, ...],
    initiator: str,
    program: ProgramConfig,
    resource: Resource,
    key: str = "Address",
) -> Dial:
    default = {"Client": Role.FILE_DAEMON, "Storage": Role.STORAGE_DAEMON}
    port = resource.number("Port", default_ports()[default.get(resource.type, Role.DIRECTOR)])
    text = resource.text(key)
    addresses = view.resolve(text)
    if not is_local(text):
        addresses = frozenset(one for one in addresses if not is_loopback(one))
    return Dial(numbers, initiator, program, resource, key, addresses, port)
