"""One peer from all the resources that describe it (bareos.md §0, §5.7)."""

from __future__ import annotations

import pytest

from auditor.config.resources import Listen, Resource, Setting, Source, Value
from auditor.site.model import Role
from auditor.site.peer_registry import PeerRegistry, generic
from auditor.site.resolver import Resolver
from auditor.site.site_file import SiteFile

AT = Source("x", 1)
HOSTS = {"fd.example": frozenset({"192.0.2.1", "2001:db8::1"})}
KNOWN = {
    "file daemon fd": frozenset({"198.51.100.1"}),
    "file daemon gone": frozenset({"198.51.100.9"}),
}


def resource(**settings: Value) -> Resource:
    return Resource(
        "Client", "fd", AT, {key: Setting(key, value, AT) for key, value in settings.items()}
    )


def registry() -> PeerRegistry:
    return PeerRegistry(Resolver(HOSTS, system=False), SiteFile(daemons=KNOWN))


def listens(*ends: tuple[str, int | None]) -> tuple[Listen, ...]:
    return tuple(Listen(address, port, 4) for address, port in ends)


def test_a_peer_is_at_every_address_that_any_resource_or_the_site_file_names() -> None:
    own = resource(
        Addresses=listens(("192.0.2.2", None), ("0.0.0.0", None)),
        SourceAddress=listens(("192.0.2.3", None)),
    )
    dialled = resource(Address="fd.example", LanAddress="10.1.0.1")
    peer = registry().peer(Role.FILE_DAEMON, "fd", AT, dialled, own=own)
    assert peer.addresses == {
        "192.0.2.1", "2001:db8::1", "10.1.0.1", "192.0.2.2", "192.0.2.3", "198.51.100.1",
    }  # fmt: skip
    assert (str(peer), peer.source, peer.generic) == ("file daemon fd", AT, False)


@pytest.mark.parametrize(
    ("dialled", "own", "ports"),
    [
        ({}, None, {9102}),
        ({"Port": 9202}, None, {9202}),
        ({}, {}, {9102}),
        ({"Port": 9202}, {}, {9102}),
        ({"Port": 9202}, {"Port": listens(("", 9112))}, {9112}),
        ({}, {"Addresses": listens(("192.0.2.2", None), ("192.0.2.3", 9112))}, {9102, 9112}),
    ],
    ids=["nothing", "dialled", "own, default", "dialled and own", "both ports", "two listen"],
)
def test_a_peer_listens_where_its_own_file_says_or_else_where_it_is_dialled(
    dialled: dict[str, Value], own: dict[str, Value] | None, ports: set[int]
) -> None:
    """§0: what is dialled may be forwarded to it, or be another daemon's."""
    owned = None if own is None else resource(**own)
    peer = registry().peer(Role.FILE_DAEMON, "x", None, resource(**dialled), own=owned)
    assert peer.ports == ports


def test_a_console_listens_nowhere() -> None:
    assert registry().peer(Role.CONSOLE, "admin", None).ports == frozenset()


def test_the_catalog_is_where_its_own_directives_say() -> None:
    peer = registry().peer(Role.CATALOG, "cat", None, resource(DbAddress="192.0.2.5", DbPort=5433))
    assert (peer.addresses, peer.ports) == ({"192.0.2.5"}, {5433})


def test_a_daemon_of_the_site_file_that_no_peer_is_is_left_over() -> None:
    known = registry()
    assert known.unused == ["file daemon fd", "file daemon gone"]
    found = known.peer(Role.FILE_DAEMON, "other", None, aliases=["fd"])
    assert found.addresses == {"198.51.100.1"}
    known.peer(Role.STORAGE_DAEMON, "gone", None)
    assert known.unused == ["file daemon gone"]


@pytest.mark.parametrize(
    ("role", "ports", "shown"),
    [(Role.STORAGE_DAEMON, {9103}, "any storage daemon"), (Role.CONSOLE, set(), "any console")],
)
def test_a_generic_peer_stands_for_any_of_its_role(role: Role, ports: set[int], shown: str) -> None:
    peer = generic(role)
    assert (peer.ports, str(peer), peer.located) == (ports, shown, False)
