"""Ports that are dialled and not listened on (bareos.md §0).

Both are written in different files, and a router that forwards ports may rightly make them differ.
So a difference is a fault only where nothing can forward, or where nobody would.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Problem, Source
from auditor.site.checks.dials import Acceptor, Dial, acceptors
from auditor.site.checks.listening import MOST_PLACES, places, reached
from auditor.site.checks.view import SiteView, problem
from auditor.site.connections import default_ports
from auditor.site.networks import family, is_public
from auditor.site.resolver import canonical


def check_ports(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each port that is dialled and on which nobody listens."""
    taken = {
        (address, row.port): str(row.acceptor)
        for row in view.rows
        for address in row.addresses
        if row.acceptor.name
    }
    for acceptor in acceptors(view):
        judged = [
            (one, _wrong(acceptor, one))
            for one in acceptor.dials
            if one.addresses or _beside(acceptor, one)
        ]
        wrong = [one for one, bad in judged if bad]
        right = [one for one, bad in judged if not bad]
        kinds = {id(one): _kind(acceptor, one, right, taken) for one in wrong}
        sure = [one for one in wrong if kinds[id(one)] is ProblemKind.PORT_NOT_LISTENED]
        if sure and not right and len(sure) == len(wrong) and _written(acceptor):
            yield _at_acceptor(acceptor, sure)
            continue
        seen: set[Source] = set()
        for one in wrong:
            kind, at = kinds[id(one)], one.resource.where("Port")
            if kind is not None and at not in seen:
                seen.add(at)
                yield _at_dialler(
                    kind, acceptor, one, [d for d in wrong if d.resource is one.resource]
                )


def _beside(acceptor: Acceptor, dial: Dial) -> bool:
    """Tell whether both have their files in one folder, and so run on one host, whatever address
    the name that is dialled has."""
    return acceptor.program.confdir == dial.program.confdir


def _wrong(acceptor: Acceptor, dial: Dial) -> bool:
    if not 0 < dial.port < 1 << 16:  # which has a rule of its own
        return False
    sockets = reached(acceptor, dial) if dial.addresses else acceptor.sockets
    return bool(sockets) and all(socket.port != dial.port for socket in sockets)


def _kind(
    acceptor: Acceptor, dial: Dial, right: list[Dial], taken: dict[tuple[str, int], str]
) -> ProblemKind | None:
    """Return what a wrong port is; None: a router that forwards it explains it."""
    if dial.key == "LanAddress":
        return ProblemKind.LAN_ADDRESS_WITH_FORWARDED_PORT
    literal = any(canonical(one.address) in dial.addresses for one in acceptor.sockets)
    another = any(
        taken.get((address, dial.port), acceptor.label) != acceptor.label
        for address in dial.addresses
    )
    of_another_role = dial.port in set(default_ports().values()) - {acceptor.default}
    dialled_rightly = any(not one.addresses.isdisjoint(dial.addresses) for one in right)
    if dial.local or literal or another or of_another_role or dialled_rightly:
        return ProblemKind.PORT_NOT_LISTENED
    # Hardly anybody forwards ports of IPv6 addresses, of which there are enough.
    outside = any(family(one) == 4 and is_public(one) for one in dial.addresses)
    if outside or dial.resource.text("LanAddress"):
        return None
    # Who forwards a port gives the unusual number to the outside.
    if dial.port == acceptor.default:
        return ProblemKind.PORT_NOT_LISTENED
    return ProblemKind.PORT_PERHAPS_FORWARDED


def _written(acceptor: Acceptor) -> bool:
    return any(acceptor.own.get(key) for key in ("Port", "Addresses"))


def _listed(acceptor: Acceptor) -> str:
    return ", ".join(dict.fromkeys(str(socket.port) for socket in acceptor.sockets))


def _at_acceptor(acceptor: Acceptor, dials: list[Dial]) -> Problem:
    ports = ", ".join(dict.fromkeys(str(one.port) for one in dials))
    lines = tuple(dict.fromkeys(one.resource.where("Port") for one in dials))
    key = "Port" if acceptor.own.get("Port") else "Addresses"
    return problem(
        ProblemKind.PORT_NOT_LISTENED,
        f"{acceptor.label} listens on port {_listed(acceptor)}, but {ports} is dialled "
        f"({places(lines)})",
        (acceptor.own, key),
        acceptor.label,
        others=lines[:MOST_PLACES],
        affects=acceptor.affected(dials),
        remedy=f"Write Port = {acceptor.sockets[0].port} at {places(lines)}, or remove the port at "
        f"{acceptor.own.where(key)}.",
    )


def _at_dialler(kind: ProblemKind, acceptor: Acceptor, dial: Dial, dials: list[Dial]) -> Problem:
    listens = acceptor.where("Port", "Addresses")
    return problem(
        kind,
        f"port {dial.port} of {dial.text} is dialled, but {acceptor.label} listens on port "
        f"{_listed(acceptor)} ({listens})",
        (dial.resource, "Port"),
        dial.initiator or acceptor.label,
        others=(listens,),
        affects=acceptor.affected(dials),
        remedy=f"Write Port = {acceptor.sockets[0].port} at {dial.resource.where('Port')}.",
    )
