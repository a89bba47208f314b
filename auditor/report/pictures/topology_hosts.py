"""Which ends of a topology are at one address, and so drawn in one frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from auditor.report.told.topology import Node
from auditor.site.model import Role
from auditor.site.resolver import is_loopback

#: Whose place a frame takes; the first of these that is in it.
_ORDER = (
    Role.DIRECTOR,
    Role.STORAGE_DAEMON,
    Role.CATALOG,
    Role.FILE_DAEMON,
    Role.TRAY_MONITOR,
    Role.CONSOLE,
    "",
)
#: Addresses that tell no host from others.
_ANYWHERE = frozenset({"", "0.0.0.0", "::"})


class Unit(NamedTuple):
    """Ends that are drawn below each other: one alone, or all at one address."""

    nodes: list[Node]
    address: str = ""
    """Of all of them; empty: one alone."""

    @property
    def role(self) -> str:
        """The role by which it has its place."""
        return self.nodes[0].role


def units(nodes: Iterable[Node]) -> list[Unit]:
    """Return who stands together, in the order of the first of each, within a unit the weightiest
    first. Who has several addresses stands where most others do; a stranger always stands alone."""
    known = list(nodes)
    at: dict[str, list[Node]] = {}
    for node in known:
        for address in _told_apart(node):
            at.setdefault(address, []).append(node)
    address_of = {
        node.name: max(_told_apart(node), key=lambda one: len(at[one]), default="")
        for node in known
    }
    found: dict[str, list[Node]] = {}
    for node in known:
        address = address_of[node.name]
        found.setdefault(f"at {address}" if address else f"is {node.name}", []).append(node)
    return [
        Unit(sorted(some, key=_rank), key.removeprefix("at ") if len(some) > 1 else "")
        for key, some in found.items()
    ]


def _told_apart(node: Node) -> list[str]:
    """Return the addresses by which a node may share a host with others."""
    if node.stranger or node.count > 1:
        return []
    return [one for one in node.addresses if one not in _ANYWHERE and not _is_loopback(one)]


def _is_loopback(address: str) -> bool:
    try:
        return is_loopback(address)
    except ValueError:  # a report that was read back may have anything there
        return False


def _rank(node: Node) -> int:
    return _ORDER.index(node.role) if node.role in _ORDER else len(_ORDER)
