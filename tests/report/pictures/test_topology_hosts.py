"""Who stands in one frame."""

from __future__ import annotations

import pytest

from auditor.report.pictures.topology_hosts import units
from auditor.report.told.topology import Node


def node(name: str, role: str, *addresses: str, stranger: bool = False, count: int = 1) -> Node:
    return Node(name, role, dict.fromkeys(addresses), stranger=stranger, count=count)


def shown(*nodes: Node) -> list[tuple[str, list[str]]]:
    return [(unit.address, [one.name for one in unit.nodes]) for unit in units(nodes)]


@pytest.mark.parametrize("address", ["10.0.0.1", "2001:db8::1", "backup.example"])
def test_what_is_at_one_address_stands_together_the_director_first(address: str) -> None:
    nodes = (
        node("fd", "file daemon", address),
        node("other", "file daemon", "10.0.0.2"),
        node("sd", "storage daemon", address, "10.9.9.9"),
        node("dir", "director", address),
    )
    assert shown(*nodes) == [(address, ["dir", "sd", "fd"]), ("", ["other"])]
    assert [unit.role for unit in units(nodes)] == ["director", "file daemon"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.9.9.9", "0.0.0.0", "::", ""])
def test_an_address_that_every_host_has_joins_nobody(address: str) -> None:
    found = shown(node("a", "director", address), node("b", "file daemon", address))
    assert found == [("", ["a"]), ("", ["b"])]


def test_who_has_several_addresses_stands_where_most_others_do() -> None:
    found = shown(
        node("a", "director", "10.0.0.1"),
        node("b", "file daemon", "10.0.0.2", "10.0.0.1"),
        node("c", "storage daemon", "10.0.0.1"),
        node("d", "console", "10.0.0.2"),
    )
    assert found == [("10.0.0.1", ["a", "c", "b"]), ("", ["d"])]


def test_strangers_and_what_stands_for_several_are_in_no_frame() -> None:
    found = shown(
        node("a", "director", "10.0.0.1"),
        node("x", "", "10.0.0.1", stranger=True),
        node("9 more", "file daemon", "10.0.0.1", count=9),
        node("who", "no role of ours", "10.0.0.5"),
        node("else", "", "10.0.0.5"),
    )
    assert found == [
        ("", ["a"]),
        ("", ["x"]),
        ("", ["9 more"]),
        ("10.0.0.5", ["else", "who"]),
    ]
