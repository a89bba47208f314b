"""What a daemon listens on, held against what others dial (bareos.md §0, §5.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Listen, Problem, Source
from auditor.site.checks.dials import Acceptor, Dial, acceptors
from auditor.site.checks.view import SiteView, problem
from auditor.site.networks import family, is_local, same_network
from auditor.site.resolver import canonical

_WILDCARDS = frozenset({"0.0.0.0", "::"})
#: Places of one problem; a site may have a thousand.
MOST_PLACES = 6


def check_listening(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each daemon that does not listen on an address that others dial."""
    for acceptor in acceptors(view):
        dials = [one for one in acceptor.dials if not one.local]
        remote = [one for one in dials if one.addresses]
        if all(is_local(socket.address) for socket in acceptor.sockets):
            # A name that nobody resolves here may mean the machine itself, but not on two hosts.
            missed = [one for one in dials if one.addresses or one.from_elsewhere]
            if missed:
                what = "on this machine only"
                yield _own(ProblemKind.LISTENS_ON_LOOPBACK, acceptor, missed, what)
            continue
        families = {socket.family for socket in acceptor.sockets}
        other = [one for one in remote if families.isdisjoint(map(family, one.addresses))]
        if other:
            what = f"over IPv{min(families)} only"
            yield _own(ProblemKind.LISTENS_ON_OTHER_FAMILY, acceptor, other, what)
        elsewhere = [one for one in remote if one not in other and _elsewhere(acceptor, one)]
        if elsewhere:
            yield _own(ProblemKind.LISTENS_ELSEWHERE, acceptor, elsewhere, "")


def reached(acceptor: Acceptor, dial: Dial) -> list[Listen]:
    """Return the sockets that a dial can reach, whatever their port; a host name may be any."""
    families = set(map(family, dial.addresses))
    return [
        socket
        for socket in acceptor.sockets
        if socket.family in families
        and (
            socket.address in _WILDCARDS
            or canonical(socket.address) is None
            or canonical(socket.address) in dial.addresses
        )
    ]


def _elsewhere(acceptor: Acceptor, dial: Dial) -> bool:
    """Tell whether a daemon listens on another address of the very network that is dialled: where
    the networks differ, a router may translate the one into the other."""
    literals = [canonical(socket.address) for socket in acceptor.sockets]
    return not reached(acceptor, dial) and any(
        same_network(one, wanted) for one in literals if one for wanted in dial.addresses
    )


def _own(kind: ProblemKind, acceptor: Acceptor, dials: list[Dial], what: str) -> Problem:
    """Return a problem at the daemon's own address, or at what is dialled where others dial it
    rightly."""
    listed = ", ".join(dict.fromkeys(socket.address for socket in acceptor.sockets))
    dialled = ", ".join(dict.fromkeys(one.text for one in dials))
    here = acceptor.where("Address", "Addresses")
    lines = tuple(dict.fromkeys(one.resource.where(one.key) for one in dials))
    told = f"{acceptor.label} listens {what} ({listed})" if what else f"listens on {listed}"
    told = told if what else f"{acceptor.label} {told}"
    return problem(
        kind,
        f"{told}, but {dialled} is dialled ({places(lines)})",
        (acceptor.own, "Address" if acceptor.own.get("Address") else "Addresses"),
        acceptor.label,
        others=lines[:MOST_PLACES],
        affects=acceptor.affected(dials),
        remedy=f"Remove the address at {here}, so that it listens on all; or write "
        f"{dials[0].text} there.",
    )


def places(lines: Sequence[Source]) -> str:
    """Return the first of several places in words; ``others`` of a problem has more of them."""
    more = len(lines) - 1
    aside = f" and {more} other place{'s' if more > 1 else ''}" if more else ""
    return f"{lines[0]}{aside}"
