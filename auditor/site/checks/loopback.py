"""``localhost`` and loopback addresses where somebody else is meant (bareos.md §1.5, §7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, ProgramConfig, Resource
from auditor.site import linking
from auditor.site.checks.dials import Acceptor, Dial, acceptors
from auditor.site.checks.pairs import pairs
from auditor.site.checks.passwords import disagree
from auditor.site.checks.view import SiteView, problem
from auditor.site.connections import default_ports
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.networks import family, is_local
from auditor.site.resolver import is_loopback


def check_loopback(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each address that means another machine on each machine that dials it."""
    handed: set[int] = set()
    for domain in view.directors():
        for number, target, told in domain.handed_out():
            for found, side in _handed(view, domain, target, told, number):
                handed.add(id(side))
                yield found
    others = {(pair.initiator, pair.acceptor) for pair in pairs(view) if disagree(pair)}
    for acceptor in acceptors(view):
        for dial in acceptor.dials:
            meant = (dial.initiator, acceptor.label) not in others
            if dial.local and meant and id(dial.resource) not in handed:
                handed.add(id(dial.resource))
                yield from _dialled(view, acceptor, dial)


def _handed(
    view: SiteView, domain: DirectorDomain, target: Daemon, told: list[Daemon], number: str
) -> Iterator[tuple[Problem, Resource]]:
    """The Director hands an address to others that means the machine of whoever dials it."""
    side = target.director_side
    if side is None or not is_local(side.text("Address")):
        return
    lan = bool(side.text("LanAddress"))
    remote = [
        one
        for one in told
        if one.director_side is not None
        and not is_local(one.director_side.text("Address"))
        and not (lan and one.director_side.text("LanAddress"))
    ]
    remote = _on_other_hosts(view, domain, remote)
    if not remote:
        return
    director = str(domain.peer)
    lines = tuple(
        one.director_side.where("Address") for one in remote[:3] if one.director_side is not None
    )
    shown = ", ".join(dict.fromkeys(str(one.peer) for one in remote[:3]))
    found = problem(
        ProblemKind.LOOPBACK_HANDED_OUT,
        f"{director} tells {shown} to dial {side.text('Address')} for {side.type} {side.name}: "
        "each of them then dials itself",
        (side, "Address"),
        director,
        others=lines,
        affects=tuple(Affected(number, str(one.peer), str(target.peer)) for one in remote),
        remedy=f"Write the address by which the others reach {side.type} {side.name} at "
        f"{side.where('Address')}.",
    )
    yield found, side


def _on_other_hosts(
    view: SiteView, domain: DirectorDomain, daemons: Iterable[Daemon]
) -> list[Daemon]:
    """Return those that surely run on another host than the Director: their address is none of
    its own, or, where its own are not known, there are several hosts of which it can be one, or
    another daemon of their kind runs on its host."""
    listed = list(daemons)
    known = [frozenset(a for a in view.resolve(_text(one)) if not is_loopback(a)) for one in listed]
    if domain.peer.located:
        there = domain.peer.addresses
        return [
            one
            for one, at in zip(listed, known, strict=True)
            if (at.isdisjoint(there) if at else _runs_beside(domain, one))
        ]
    names = [_text(one).lower().partition(".")[0] for one in listed]
    hosts = list(zip(known, names, strict=True))
    if len(listed) == 1:
        return listed if _runs_beside(domain, listed[0]) else []
    return listed if any(_differ(hosts[0], other) for other in hosts[1:]) else []


def _runs_beside(domain: DirectorDomain, daemon: Daemon) -> bool:
    """Tell whether the Director's host runs another daemon of this kind: one that it dials by a
    loopback address, on the same port, with another password. One daemon has one for a Director."""
    side = daemon.director_side
    if side is None or (secret := linking.secret_of(side)) is None:
        return False
    kind = domain.clients if side.type == "Client" else domain.storages
    default = default_ports()[daemon.peer.role]
    beside = (one.director_side for one in kind if is_local(_text(one)))
    return any(
        one is not None
        and one.number("Port", default) == side.number("Port", default)
        and linking.secret_of(one) not in {None, secret}
        for one in beside
    )


def _differ(one: tuple[frozenset[str], str], other: tuple[frozenset[str], str]) -> bool:
    """Tell whether two daemons surely have two hosts. One host may have an address in each family,
    and a name with and without its domain."""
    (left, name), (right, another) = one, other
    if not left and not right:
        return name != another
    common = set(map(family, left)) & set(map(family, right))
    return bool(common) and left.isdisjoint(right)


def _text(daemon: Daemon) -> str:
    return daemon.director_side.text("Address") if daemon.director_side is not None else ""


def _dialled(view: SiteView, acceptor: Acceptor, dial: Dial) -> Iterator[Problem]:
    here, there = dial.program, acceptor.program
    if here.confdir == there.confdir or _runs_here(view, acceptor, here):
        return
    apart = _apart(view, here, there)
    if not apart and not (here.host and there.host and here.host != there.host):
        return
    kind = ProblemKind.LOOPBACK_DIALLED if apart else ProblemKind.LOOPBACK_DOUBTFUL
    why = "runs on another host" if apart else "has its configuration with another host's"
    at = acceptor.own.where("Address") if acceptor.own.get("Address") else acceptor.own.source
    yield problem(
        kind,
        f"{dial.initiator} dials {dial.text}, its own host, but {acceptor.label} {why} ({at})",
        (dial.resource, dial.key),
        dial.initiator,
        others=(at,),
        affects=acceptor.affected([dial]),
        remedy=f"Write {_reached_at(acceptor)} at {dial.resource.where(dial.key)}.",
    )


def _reached_at(acceptor: Acceptor) -> str:
    """Return the address by which everybody else dials a daemon; else words for it."""
    others = {dial.text for dial in acceptor.dials if not dial.local}
    if len(others) == 1:
        return f"{others.pop()}, by which others dial {acceptor.label},"
    return f"the address of {acceptor.label}"


def _runs_here(view: SiteView, acceptor: Acceptor, program: ProgramConfig) -> bool:
    """Tell whether a daemon of the acceptor's kind has its configuration beside the dialler's."""
    kind = acceptor.program.program
    return any(one.confdir == program.confdir for one in view.programs(kind))


def _apart(view: SiteView, one: ProgramConfig, other: ProgramConfig) -> bool:
    """Tell whether two programs run on two hosts: daemons beside them have different addresses."""
    left, right = _addresses(view, one), _addresses(view, other)
    return bool(left) and bool(right) and left.isdisjoint(right)


def _addresses(view: SiteView, program: ProgramConfig) -> set[str]:
    found: set[str] = set()
    for domain in view.domains:
        if domain.program is not None and domain.program.confdir == program.confdir:
            found |= domain.peer.addresses
        for daemon in domain.daemons:
            if len(daemon.own) == 1 and daemon.own[0].program.confdir == program.confdir:
                found |= daemon.peer.addresses
    return {address for address in found if not is_loopback(address)}
