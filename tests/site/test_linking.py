"""Joins a Director's resources with the daemons' own files (bareos.md §5.8)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

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
from auditor.site.linking import Daemons, link, listening, own_resource

AT = Source("x", 1)
HOSTS = defaultdict(frozenset[str], {"sd.example": frozenset({"192.0.2.1"})})
HERE, THERE = Secret(b"here"), Secret(b"there")


def resource(type_: str, name: str = "", **settings: Value) -> Resource:
    listed = {key: Setting(key, value, AT) for key, value in settings.items()}
    return Resource(type_, name, AT, listed)


def daemon(*resources: Resource, program: Program = Program.FILE_DAEMON) -> ProgramConfig:
    return ProgramConfig(program, "x", "", resources)


def listens(*addresses: str, port: int | None = None) -> tuple[Listen, ...]:
    return tuple(Listen(address, port, 4) for address in addresses)


def linked(
    clients: list[Resource], programs: list[ProgramConfig], *, whole: bool = True
) -> list[ProgramConfig | None]:
    """What is linked, with a Director whose name they have."""
    director = daemon(resource("Director", "dir"), program=Program.DIRECTOR)
    known = Daemons(programs)
    found = link(replace(director, whole=whole), clients, known, lambda name: HOSTS[name])
    return [found.get(index) for index in range(len(clients))]


def fd(name: str, password: Secret = HERE, *, at: tuple[Listen, ...] = ()) -> ProgramConfig:
    own = resource("Client", name, **({"Addresses": at} if at else {}))
    return daemon(own, resource("Director", "dir", Password=password))


def client(name: str, password: Secret = HERE, **settings: Value) -> Resource:
    return resource("Client", name, Password=password, **settings)


A, B = fd("a"), fd("b")


def test_where_a_daemon_listens_is_written_in_three_ways() -> None:
    own = resource("Client", "fd", Address=listens("192.0.2.1"), SourceAddress=listens("192.0.2.9"))
    assert listening(own) == listens("192.0.2.1")
    assert listening(resource("Client", "fd", Port=(Listen("", 9112, 4),)))[0].port == 9112
    assert listening(resource("Client", "fd")) == ()


@pytest.mark.parametrize(
    ("clients", "links"),
    [
        ([client("a")], [A]),
        ([client("b", THERE)], [B]),
        ([client("A")], [None]),
        ([client("x")], [None]),
        ([client("x"), client("y"), client("a")], [None, None, A]),
        ([client("x"), client("a")], [B, A]),
        ([client("a"), client("b")], [A, B]),
    ],
    ids=[
        "name",
        "name beats password",
        "not the name",
        "password alone",
        "one has it",
        "the last",
        "both",
    ],
)
def test_an_exact_name_links_and_an_equal_password_does_not(
    clients: list[Resource], links: list[ProgramConfig | None]
) -> None:
    assert linked(clients, [A, B]) == links


@pytest.mark.parametrize(
    ("last", "program", "whole", "same"),
    [
        (client("x"), fd("y"), True, True),
        (client("x"), fd("y"), False, False),
        (client("x"), fd("y", THERE), True, False),
        (client("x"), daemon(resource("Client", "y"), resource("Director", "other",
         Password=HERE)), True, False),
    ],
    ids=["the last", "of a part", "another password", "another Director's"],
)  # fmt: skip
def test_the_last_of_both_sides_belong_together(
    last: Resource, program: ProgramConfig, whole: bool, same: bool
) -> None:
    """A client that calls itself otherwise than the Director calls it (§5.8)."""
    found = linked([client("a"), last], [A, program], whole=whole)
    assert found == [A, program if same else None]
    assert linked([client("a"), last, client("z")], [A, program], whole=whole)[1:] == [None, None]


def test_one_client_and_one_daemon_with_one_password_are_not_one() -> None:
    """As in a copy that was made to be shown, with one text in place of every password."""
    assert linked([client("x")], [A]) == [None]


def test_two_daemons_of_one_name_are_told_apart_by_their_addresses() -> None:
    here, there = (fd("bareos-fd", at=listens(f"192.0.2.{host}")) for host in (1, 2))
    wanted = [client("one", Address="192.0.2.2"), client("bareos-fd", Address="192.0.2.9")]
    assert linked(wanted, [here, there]) == [there, here]
    assert linked([client("bareos-fd")], [here, there]) == [None]


@pytest.mark.parametrize(
    ("dialled", "own", "same"),
    [
        ({"Address": "192.0.2.1"}, listens("192.0.2.1"), True),
        ({"LanAddress": "10.1.0.1"}, listens("192.0.2.1", "10.1.0.1"), True),
        ({"Address": "2001:DB8::1"}, listens("2001:db8:0::1"), True),
        ({"Address": "192.0.2.1", "Port": 9112}, listens("192.0.2.1", port=9112), True),
        ({"Address": "192.0.2.1", "Port": 9102}, listens("192.0.2.1"), True),
        ({"Address": "192.0.2.1"}, listens("192.0.2.1", port=9112), False),
        ({"Address": "192.0.2.1"}, listens("0.0.0.0"), False),
        ({"Address": "127.0.0.1"}, listens("127.0.0.1"), False),
        ({"Address": "fd.example"}, listens("fd.example"), False),
        ({}, listens(""), False),
    ],
    ids=[
        "address", "LAN", "spelling", "port", "its default", "another port", "everywhere",
        "loopback", "a name", "nothing",
    ],
)  # fmt: skip
def test_addresses_are_compared_as_literals(
    dialled: dict[str, Value], own: tuple[Listen, ...], same: bool
) -> None:
    """A name may mean different hosts to two machines, and a loopback means each of them."""
    program = fd("fd", at=own)
    assert linked([client("x", **dialled)], [program]) == [program if same else None]


@pytest.mark.parametrize(
    ("address", "same"),
    [("192.0.2.1", True), ("fd.example", True), ("localhost", False), ("127.0.0.1", False)],
)
def test_two_clients_that_are_dialled_alike_are_one_daemon(address: str, same: bool) -> None:
    both = [client("a", Address=address), client("x", Address=address)]
    assert linked(both, [A]) == [A, A if same else None]
    assert linked([both[0], client("x", Address=address, Port=9112)], [A]) == [A, None]


# ------------------------------------------------------------------ storages


def sd(*devices: str, director: str = "dir", password: Secret = HERE) -> ProgramConfig:
    return daemon(
        resource("Storage", "own"), resource("Director", director, Password=password),
        *(resource("Device", device) for device in devices), program=Program.STORAGE_DAEMON,
    )  # fmt: skip


def storage(*devices: str, at: str = "192.0.2.1", password: Secret = HERE) -> Resource:
    return resource("Storage", "File", Password=password, Device=devices, Address=at)


ONE, TWO = sd("d1", "d2"), sd("d3")


@pytest.mark.parametrize(
    ("storages", "links"),
    [
        ([storage("d1")], [ONE]),
        ([storage("d1", "d2")], [ONE]),
        ([storage("d1", "d3")], [None]),
        ([storage("d1", "d9")], [None]),
        ([storage()], [None]),
        ([storage("d1", password=THERE)], [ONE]),
        ([storage("d1"), storage("d3", at="192.0.2.2")], [ONE, TWO]),
        ([storage("d1"), storage("d1", at="192.0.2.2")], [None, None]),
        ([storage("d1"), storage("d2", at="192.0.2.2")], [ONE, ONE]),
        ([storage("d1"), storage("d1", at="sd.example")], [ONE, ONE]),
    ],
    ids=[
        "device", "all of them", "of two daemons", "one that it lacks", "none",
        "other password",
        "two daemons", "one device at two addresses", "two devices at two addresses",
        "one device at two spellings",
    ],
)  # fmt: skip
def test_a_storage_is_known_by_its_devices(
    storages: list[Resource], links: list[ProgramConfig | None]
) -> None:
    assert linked(storages, [ONE, TWO]) == links


@pytest.mark.parametrize(
    ("program", "same"),
    [
        (sd("d1", password=THERE), True),
        (sd("d1", director="other"), True),
        (sd("d1", director="other", password=THERE), False),
    ],
    ids=["the Director's name", "the password", "neither"],
)
def test_a_device_needs_a_second_witness(program: ProgramConfig, same: bool) -> None:
    assert linked([storage("d1")], [program]) == [program if same else None]
    assert linked([storage("d1")], [program], whole=False) == [None]


def test_a_device_that_two_daemons_have_links_neither() -> None:
    assert linked([storage("FileStorage")], [sd("FileStorage"), sd("FileStorage")]) == [None]


def test_a_file_without_the_daemons_own_resource_is_linked_by_nothing() -> None:
    part = daemon(resource("Director", "dir", Password=HERE))
    assert own_resource(part) is None
    assert linked([client("", Address="192.0.2.1")], [part]) == [None]
