"""LanAddress: it counts only where both ends of a data connection have one (bareos.md §4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Resource
from auditor.site.checks.view import SiteView, problem
from auditor.site.director_domain import Daemon, DirectorDomain
from auditor.site.jobs import Plan, plan
from auditor.site.networks import same_lan
from auditor.site.resolver import canonical


def check_lan(view: SiteView) -> Iterator[Problem]:
    """Yield a problem for each LanAddress without a partner, or with one in another network."""
    for domain in view.directors():
        if domain.program is None or not domain.program.whole:
            continue
        clients, storages = _with_lan(domain.clients), _with_lan(domain.storages)
        if not clients or not storages:
            for one in (*clients, *(storages if len(storages) < 2 else ())):
                yield _without_partner(domain, one)
        elif any(one.text("LanAddress") for one in clients):
            yield from _apart(domain, plan(domain.program), clients, storages)


def _with_lan(daemons: Iterable[Daemon]) -> list[Resource]:
    sides = (one.director_side for one in daemons)
    return [one for one in sides if one is not None and one.text("LanAddress")]


def _without_partner(domain: DirectorDomain, one: Resource) -> Problem:
    other = "Storage" if one.type == "Client" else "Client"
    here = one.where("LanAddress")
    return problem(
        ProblemKind.LAN_ADDRESS_UNUSED,
        f"this LanAddress is never dialled, because no {other} has one",
        (one, "LanAddress"),
        str(domain.peer),
        remedy=f"Write a LanAddress into the {other} of the same LAN too, or remove it at {here}.",
    )


def _apart(
    domain: DirectorDomain, planned: Plan, clients: list[Resource], storages: list[Resource]
) -> Iterator[Problem]:
    by_name = {one.name: one for one in clients}, {one.name: one for one in storages}
    names = {id(one.director_side): str(one.peer) for one in domain.daemons}
    for client, storage in planned.data:
        one, other = by_name[0].get(client), by_name[1].get(storage)
        if one is None or other is None or _one_lan(one, other):
            continue
        ends = names[id(one)], names[id(other)]
        passive = one.flag("Passive", False)
        dialled = one if passive else other
        yield problem(
            ProblemKind.LAN_ADDRESSES_APART,
            f"jobs of Client {client} dial the LanAddress {dialled.text('LanAddress')}, but the "
            f"other end's, {(other if passive else one).text('LanAddress')}, is in another network",
            (dialled, "LanAddress"),
            str(domain.peer),
            others=(one.where("LanAddress"), other.where("LanAddress")),
            affects=(Affected("7", *ends[::-1]) if passive else Affected("6", *ends),),
            remedy=f"Remove the LanAddress at {one.where('LanAddress')} or at "
            f"{other.where('LanAddress')}, or correct the one that is wrong.",
        )


def _one_lan(one: Resource, other: Resource) -> bool:
    """Tell whether two LanAddresses may lie in one LAN; a name may lie anywhere."""
    left, right = canonical(one.text("LanAddress")), canonical(other.text("LanAddress"))
    if left is None or right is None:
        return True
    return same_lan(left, right)
