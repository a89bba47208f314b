"""Joins a Director's resources with the daemons' own files (bareos.md §5.8)."""

from __future__ import annotations

import pytest

from auditor.config.resources import (
    Listen,
    Program,
    ProgramConfig,
    Resource,
    Secret,
    Setting,
    Source,
    Value,
)
from auditor.site.linking import (
    link,
    listening,
    own_resource,
    same_address,
    same_device,
    same_name,
    same_password,
)

AT = Source("x", 1)
HERE, THERE = Secret(b"here"), Secret(b"there")


def resource(type_: str, name: str = "", **settings: Value) -> Resource:
    listed = {key: Setting(key, value, AT) for key, value in settings.items()}
    return Resource(type_, name, AT, listed)


def daemon(*resources: Resource, program: Program = Program.FILE_DAEMON) -> ProgramConfig:
    return ProgramConfig(program, "x", "", resources)


def listens(*addresses: str) -> tuple[Listen, ...]:
    return tuple(Listen(address, None, 4) for address in addresses)


@pytest.mark.parametrize(("name", "same"), [("fd1", True), ("FD1", False), ("", False)])
def test_names_are_compared_exactly(name: str, same: bool) -> None:
    assert same_name(resource("Client", "fd1"), daemon(resource("Client", name))) is same


@pytest.mark.parametrize(
    ("dialled", "own", "same"),
    [
        ({"Address": "192.0.2.1"}, listens("192.0.2.1"), True),
        ({"LanAddress": "10.1.0.1"}, listens("192.0.2.1", "10.1.0.1"), True),
        ({"Address": "2001:DB8::1"}, listens("2001:db8:0::1"), True),
        ({"Address": "192.0.2.1"}, listens("0.0.0.0"), False),
        ({"Address": "fd.example"}, listens("fd.example"), False),
        ({}, listens(""), False),
    ],
    ids=["address", "LAN", "spelling", "everywhere", "a name", "nothing"],
)
def test_addresses_are_compared_as_literals(
    dialled: dict[str, Value], own: tuple[Listen, ...], same: bool
) -> None:
    """A name may mean different hosts to two machines, so it links nothing."""
    fd = daemon(resource("Client", "fd", Addresses=own))
    assert same_address(resource("Client", "x", **dialled), fd) is same


@pytest.mark.parametrize(
    ("password", "same"), [(HERE, True), (THERE, True), (Secret(b"x"), False), (None, False)]
)
def test_any_director_of_the_daemon_may_have_the_password(
    password: Secret | None, same: bool
) -> None:
    fd = daemon(
        resource("Director", "a", Password=HERE), resource("Director", "b", Password=THERE),
        resource("Director", "c"),
    )  # fmt: skip
    client = resource("Client", "x", **({"Password": password} if password else {}))
    assert same_password(client, fd) is same


@pytest.mark.parametrize(
    ("devices", "same"),
    [(("d1",), True), (("d1", "changer"), True), (("d1", "d9"), False), ((), False)],
)
def test_a_storage_daemon_must_have_every_device_that_is_named(
    devices: tuple[str, ...], same: bool
) -> None:
    sd = daemon(
        resource("Device", "d1"), resource("Device", "d2"), resource("Autochanger", "changer"),
        program=Program.STORAGE_DAEMON,
    )  # fmt: skip
    assert same_device(resource("Storage", "s", Device=devices), sd) is same


def test_a_file_without_the_daemons_own_resource_links_by_password_only() -> None:
    part = daemon(resource("Director", "dir", Password=HERE))
    client = resource("Client", "", Address="192.0.2.1", Password=HERE)
    assert own_resource(part) is None
    found = [test(client, part) for test in (same_name, same_address, same_password)]
    assert found == [False, False, True]


def test_where_a_daemon_listens_is_written_in_three_ways() -> None:
    own = resource("Client", "fd", Address=listens("192.0.2.1"), SourceAddress=listens("192.0.2.9"))
    assert listening(own) == listens("192.0.2.1")
    assert listening(resource("Client", "fd", Port=(Listen("", 9112, 4),)))[0].port == 9112
    assert listening(resource("Client", "fd")) == ()


# ------------------------------------------------------------------ candidates


def fd(name: str, password: Secret = HERE) -> ProgramConfig:
    return daemon(resource("Client", name), resource("Director", "dir", Password=password))


A, B, OTHER = fd("a"), fd("b"), fd("c", THERE)
CRITERIA = [same_name, same_password]


def client(name: str, password: Secret = HERE) -> Resource:
    return resource("Client", name, Password=password)


@pytest.mark.parametrize(
    ("clients", "exclusive", "links"),
    [
        ([client("a")], False, [(A,)]),
        ([client("x")], False, [(A, B)]),
        ([client("x", THERE)], False, [(OTHER,)]),
        ([client("c")], False, [(OTHER,)]),
        ([client("x", Secret(b"x"))], False, [()]),
        ([client("a"), client("x")], False, [(A,), (A, B)]),
        ([client("a"), client("x")], True, [(A,), (B,)]),
        ([client("x"), client("y"), client("a")], True, [(B,), (B,), (A,)]),
        ([client("a"), client("a")], True, [(A,), (A,)]),
        ([client("a"), client("b"), client("x")], True, [(A,), (B,), (A, B)]),
    ],
    ids=[
        "name first", "by password", "one left", "name beats password", "none",
        "taken and shared", "taken and exclusive", "in rounds",
        "one for two", "never down to nothing",
    ],
)  # fmt: skip
def test_criteria_narrow_from_strong_to_weak(
    clients: list[Resource], exclusive: bool, links: list[tuple[ProgramConfig, ...]]
) -> None:
    found = link(clients, [A, B, OTHER], CRITERIA, exclusive=exclusive)
    assert [found[index] for index in range(len(clients))] == links
