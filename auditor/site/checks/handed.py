"""Addresses that a Director hands to others, who must resolve and reach them (bareos.md §1.5)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Resource, Source
from auditor.site.checks.pairs import TO_CLIENT
from auditor.site.checks.view import SiteView, problem
from auditor.site.director_domain import Daemon, DirectorDomain, is_ndmp
from auditor.site.networks import family, is_local, is_private, is_public
from auditor.site.resolver import canonical

_MOST = 6


def check_handed(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each address that others may not resolve, may not reach, or that two
    clients share; and for NDMP without its port."""
    for domain in view.directors():
        for number, target, told in domain.handed_out():
            yield from _without_dot(domain, target, told, number)
        yield from _private(view, domain)
        yield from _shared(domain)
        for resource in domain.program.of("Client", "Storage") if domain.program else ():
            if is_ndmp(resource) and resource.number("Port", 9102) in {9102, 9103}:
                yield _ndmp(domain, resource)


def _affected(number: str, told: list[Daemon], target: Daemon) -> tuple[Affected, ...]:
    return tuple(Affected(number, str(one.peer), str(target.peer)) for one in told)


def _without_dot(
    domain: DirectorDomain, target: Daemon, told: list[Daemon], number: str
) -> Iterator[Problem]:
    side = target.director_side
    if side is None or not told:
        return
    name = side.text("Address")
    if not name or "." in name or canonical(name) is not None or is_local(name):
        return
    yield problem(
        ProblemKind.NAME_WITHOUT_DOT,
        f"{domain.peer} tells {len(told)} daemons to dial {name!r}, a name without a dot: each "
        "must resolve it by itself",
        (side, "Address"),
        str(domain.peer),
        affects=_affected(number, told, target),
        remedy=f"Write the full name or the address at {side.where('Address')}.",
    )


def _private(view: SiteView, domain: DirectorDomain) -> Iterator[Problem]:
    """One problem for all storages, since it is mostly one client that is elsewhere."""
    private = [one for one in domain.storages if _all(view, one.director_side, public=False)]
    active = [one for one in domain.clients if not one.passive]
    public = [one for one in active if _all(view, one.director_side, public=True)]
    told = [
        (client, storage)
        for storage in private
        for client in public
        if not (_has_lan(client) and _has_lan(storage))
        if _families(view, client) & _families(view, storage)
    ]
    if not told:
        return
    side = told[0][1].director_side
    assert side is not None
    lines = [_line(one) for pair in zip(*told, strict=True) for one in pair][1:]
    shown = ", ".join(list(dict.fromkeys(str(client.peer) for client, _ in told))[:_MOST])
    yield problem(
        ProblemKind.ADDRESS_PRIVATE,
        f"{shown} with a public address is told to dial the private {side.text('Address')} of "
        f"Storage {side.name}",
        (side, "Address"),
        str(domain.peer),
        others=tuple(dict.fromkeys(lines))[:_MOST],
        affects=tuple(Affected("6", str(c.peer), str(s.peer)) for c, s in told),
        remedy=f"Write an address at {side.where('Address')} that is reached from there, with the "
        "private one as LanAddress; or make the client passive.",
    )


def _line(daemon: Daemon) -> Source:
    side = daemon.director_side
    return side.where("Address") if side is not None else Source("", 0)


def _families(view: SiteView, daemon: Daemon) -> set[int]:
    """A host may well have a public address of IPv6 beside a private one of IPv4."""
    side = daemon.director_side
    return set(map(family, view.resolve(side.text("Address")))) if side is not None else set()


def _has_lan(daemon: Daemon) -> bool:
    return daemon.director_side is not None and bool(daemon.director_side.text("LanAddress"))


def _all(view: SiteView, side: Resource | None, *, public: bool) -> bool:
    """Tell whether every known address is public, or every one private (no loopback)."""
    if side is None:
        return False
    found = view.resolve(side.text("Address"))
    return bool(found) and all(map(is_public if public else is_private, found))


def _shared(domain: DirectorDomain) -> Iterator[Problem]:
    """Two Clients may well be one File Daemon, with one password and one configuration."""
    first: dict[tuple[str, int], Daemon] = {}
    for client in domain.clients:
        side = client.director_side
        address = side.text("Address").lower() if side is not None else ""
        if side is None or not address or not _is_dialled(side):
            continue
        key = (canonical(address) or address, side.number("Port", 9102))
        earlier = first.setdefault(key, client)
        if earlier is client or earlier.director_side is None or _one_daemon(earlier, client):
            continue
        there = earlier.director_side.where("Address")
        yield problem(
            ProblemKind.CLIENTS_AT_ONE_ADDRESS,
            f"Client {side.name} has the address and port of Client "
            f"{earlier.director_side.name} ({there}), but they are two File Daemons",
            (side, "Address"),
            str(domain.peer),
            others=(there,),
            affects=(Affected("3", str(domain.peer), str(client.peer)),),
            remedy=f"Correct the Address at {side.where('Address')} or at {there}.",
        )


def _is_dialled(client: Resource) -> bool:
    """A client that dials by itself may have any Address, unless storages dial it."""
    return client.flag(TO_CLIENT, True) or client.flag("Passive", False)


def _one_daemon(one: Daemon, other: Daemon) -> bool:
    left, right = one.director_side, other.director_side
    if len(one.own) == 1 and len(other.own) == 1:
        return one.own[0].program is other.own[0].program
    passwords = [side.get("Password") for side in (left, right) if side is not None]
    return len({item.value for item in passwords if item is not None}) < 2


def _ndmp(domain: DirectorDomain, resource: Resource) -> Problem:
    written = resource.where("Port") if resource.get("Port") else resource.where("Protocol")
    return problem(
        ProblemKind.NDMP_WITHOUT_PORT,
        f"{resource.type} {resource.name} speaks NDMP, but port {_port(resource)} is dialled",
        (resource, "Port" if resource.get("Port") else "Protocol"),
        str(domain.peer),
        others=(resource.where("Protocol"),),
        remedy=f"Write Port = 10000, or as the data server has it, at {written}.",
    )


def _port(resource: Resource) -> int:
    return resource.number("Port", 9102 if resource.type == "Client" else 9103)
