"""The site's own topology: who is there, and who dialled whom by which number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from auditor.report.cells import iter_records, number, text, texts
from auditor.report.told.groups import Row
from auditor.report.told.standing import PROOF_COLUMNS, State, state_of
from auditor.report.told.view import View
from auditor.site.connections import connections
from auditor.site.model import Role
from auditor.text.endpoint_text import endpoint_to_text

#: Hosts that a picture names one by one; a table has the others.
_MOST_STRANGERS = 6
#: Clients that are drawn one by one; more are told by what is the same of them.
_MOST_ALIKE = 8
#: What an edge is made of: rows have many more columns.
_NEEDED = (
    *PROOF_COLUMNS,
    *(
        f"{side}_{what}"
        for side in ("initiator", "acceptor")
        for what in ("address", "daemon", "known")
    ),
    "connection",
    "acceptor_port",
    "attempts",
    "identity_elsewhere",
)
_WORST_FIRST = [State.FAIL, State.UNKNOWN, State.PASS]


@dataclass(slots=True)
class Node:
    """One daemon, console, monitor or catalog; a host that the site does not know; or several that
    are alike."""

    name: str
    role: str
    """Empty: not known."""
    addresses: dict[str, None] = field(default_factory=dict)
    seen: bool = False
    stranger: bool = False
    count: int = 1


@dataclass(slots=True)
class Edge:
    """Connections of one number from one to another."""

    initiator: str
    acceptor: str
    number: str
    """Empty: no number fits."""
    state: State = State.PASS
    """The worst of its connections."""
    flows: int = 0
    dialled: dict[str, None] = field(default_factory=dict)
    """Addresses and ports that were dialled."""


@dataclass(frozen=True, slots=True)
class Topology:
    """Who is there, and who dialled whom."""

    nodes: dict[str, Node]
    edges: list[Edge]


def topology(view: View) -> Topology:
    """Return all that were seen or that the configuration names, and each edge that was seen."""
    nodes: dict[str, Node] = {}
    for row in view.expectations:
        for end, addresses in (("initiator", "initiator_addresses"), ("acceptor", "addresses")):
            if not text(row, end).startswith("any "):
                _node(nodes, text(row, end), texts(row, addresses))
    edges: dict[object, Edge] = {}
    for flow in iter_records(view.audit.tables["flows"], _NEEDED):
        initiator, acceptor = (_end(view, nodes, flow, side) for side in ("initiator", "acceptor"))
        key = (initiator, acceptor, text(flow, "connection"))
        edge = edges.setdefault(key, Edge(*key))
        edge.state = min(edge.state, state_of(view, flow), key=_WORST_FIRST.index)
        edge.flows += int(number(flow, "attempts") or 1)
        at = endpoint_to_text(text(flow, "acceptor_address"), flow["acceptor_port"])
        edge.dialled[at] = None
    order = [*connections(), ""]
    return Topology(nodes, sorted(edges.values(), key=lambda edge: order.index(edge.number)))


def _node(nodes: dict[str, Node], name: str, addresses: Iterable[str]) -> Node:
    role = next((str(role) for role in Role if name.startswith(f"{role} ")), "")
    node = nodes.setdefault(name, Node(name, role))
    node.addresses.update(dict.fromkeys(addresses))
    return node


def _end(view: View, nodes: dict[str, Node], flow: Row, side: str) -> str:
    address = text(flow, f"{side}_address")
    name = text(flow, f"{side}_daemon") or address
    elsewhere = side == "initiator" and bool(flow["identity_elsewhere"])
    if elsewhere:  # whoever it is, it is not where that daemon is
        name = f"{name} at {address}"
    node = _node(nodes, name, [address])
    node.seen = True
    unknown = name == address and not flow[f"{side}_known"] and bool(view.expectations)
    node.stranger = node.stranger or elsewhere or unknown
    return name


def drawable(whole: Topology) -> Topology:
    """Return the same with few enough ends for a picture: those that are alike are one."""
    alias = {**_alike(whole), **_strangers(whole)}
    nodes: dict[str, Node] = {}
    for name, node in whole.nodes.items():
        shown = alias.get(name, name)
        if shown not in nodes:
            one = Node(shown, node.role, dict(node.addresses), node.seen, node.stranger)
            nodes[shown] = one
        else:
            nodes[shown].count += 1
            nodes[shown].addresses.clear()
    edges: dict[object, Edge] = {}
    for edge in whole.edges:
        ends = alias.get(edge.initiator, edge.initiator), alias.get(edge.acceptor, edge.acceptor)
        key = (*ends, edge.number)
        one_edge = edges.setdefault(key, Edge(*key))
        one_edge.flows += edge.flows
        one_edge.state = min(one_edge.state, edge.state, key=_WORST_FIRST.index)
    return Topology(nodes, [*edges.values()])


def _alike(whole: Topology) -> dict[str, str]:
    """Name those of a role alike that are too many and have the same edges."""
    signs: dict[str, list[tuple[str, ...]]] = {name: [] for name in whole.nodes}
    for edge in whole.edges:
        signs[edge.initiator].append(("to", edge.acceptor, edge.number, edge.state))
        signs[edge.acceptor].append(("from", edge.initiator, edge.number, edge.state))
    by_role: dict[str, list[str]] = {}
    for name, node in whole.nodes.items():
        if not node.stranger:
            by_role.setdefault(node.role, []).append(name)
    alias: dict[str, str] = {}
    for role, names in by_role.items():
        if len(names) <= _MOST_ALIKE:
            continue
        groups: dict[object, list[str]] = {}
        for name in names:
            groups.setdefault((whole.nodes[name].seen, *sorted(signs[name])), []).append(name)
        ordered = sorted(groups.values(), key=len)
        apart, together = ordered[: _MOST_ALIKE - 1], ordered[_MOST_ALIKE - 1 :]
        for group in filter(None, [*apart, [*chain.from_iterable(together)]]):
            told = f"{len(group)} {role or 'host'}s like {group[0].removeprefix(f'{role} ')}"
            alias |= dict.fromkeys(group if len(group) > 1 else (), told)
    return alias


def _strangers(whole: Topology) -> dict[str, str]:
    names = [name for name, node in whole.nodes.items() if node.stranger]
    rest = names[_MOST_STRANGERS - 1 :] if len(names) > _MOST_STRANGERS else []
    return dict.fromkeys(rest, f"{len(rest)} more unknown hosts")
