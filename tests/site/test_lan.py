"""LanAddress pairs, and storages that are one daemon (bareos.md §4.5, §4.6)."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import FD1, FD2, SD1, SD2, edited
from site_of import at, ids, row, site_of

LAN = {"fd1": "10.5.0.31", "fd2": "10.5.0.32", "sd1": "10.5.0.20", "sd2": "10.5.0.21"}
PLAIN = {"fd1": FD1, "fd2": FD2, "sd1": SD1, "sd2": SD2}


def with_lan(*names: str) -> str:
    """The Director's file in which these have a LanAddress."""
    text = edited("dir", "Director {", "Director {")
    for name in names:
        address = f"Name = {name}; Address = {PLAIN[name]}"
        assert address in text
        text = text.replace(address, f"{address}; LanAddress = {LAN[name]}")
    return text


@pytest.mark.parametrize(
    ("wanted", "acceptor", "initiator"),
    [("6:fd1>sd1", "sd1", "fd1"), ("7:sd1>fd2", "fd2", "sd1"), ("8:sd1>sd2", "sd2", "sd1")],
)
def test_only_a_pair_dials_the_lan_address(
    wanted: str, acceptor: str, initiator: str, tmp_path: Path
) -> None:
    for names, pair in (((), False), ((acceptor,), False), ((initiator,), False)):
        found = row(site_of(tmp_path / "-".join(names), dir=with_lan(*names)), wanted)
        assert (found.address, found.lan.pair) == (PLAIN[acceptor], pair)
    found = row(site_of(tmp_path / "both", dir=with_lan(acceptor, initiator)), wanted)
    assert (found.address, found.lan.pair) == (LAN[acceptor], True)
    assert found.addresses == {LAN[acceptor]}
    assert found.lan.plain == {PLAIN[acceptor]}


def test_control_connections_never_dial_a_lan_address(tmp_path: Path) -> None:
    site = site_of(tmp_path, dir=with_lan("fd1", "fd2", "sd1", "sd2"))
    assert row(site, "3:dir>fd1").address == FD1
    assert row(site, "5a:dir>sd1").address == row(site, "5b:dir>sd1").address == SD1


def test_a_lan_address_without_a_pair_is_known_all_the_same(tmp_path: Path) -> None:
    found = row(site_of(tmp_path, dir=with_lan("sd1")), "6:fd1>sd1")
    assert (found.addresses, found.lan.addresses) == ({SD1}, {LAN["sd1"]})
    assert LAN["sd1"] in found.acceptor.addresses


def test_a_pair_names_both_lines_or_the_resource_without_one(tmp_path: Path) -> None:
    changed = with_lan("sd1").replace("; LanAddress", "\n  LanAddress")
    found = row(site_of(tmp_path, dir=changed), "6:fd1>sd1")
    assert [at(source) for source in found.lan.sources] == ["dir:9", "dir:4"]


# ------------------------------------------------------------------ one daemon, two Storages

TWO = "Storage { Name = sd1b; Address = %s; Password = sd1pw; Device = d1; Media Type = G }\n"


def with_second(address: str = SD1) -> str:
    return edited("dir", "FileSet {", TWO % address + "FileSet {")


def test_two_storages_of_one_daemon_are_one_peer_with_two_connections(tmp_path: Path) -> None:
    site = site_of(tmp_path, dir=with_second())
    assert ids(site, "5a") == ["5a:dir>sd1", "5a:dir>sd2", "5a:dir>sd1(sd1b)"]
    assert row(site, "5a:dir>sd1").acceptor == row(site, "5a:dir>sd1(sd1b)").acceptor


@pytest.mark.parametrize("port", ["", "Port = 9103; "])
def test_a_daemon_copies_not_to_itself(port: str, tmp_path: Path) -> None:
    changed = with_second().replace("sd1b; ", f"sd1b; {port}")
    site = site_of(tmp_path, dir=changed)
    assert [r for r in ids(site, "8") if "sd2" not in r] == []


@pytest.mark.parametrize("changes", [{"Address": "SD1.example"}, {"Port": "9113"}])
def test_another_spelling_makes_another_daemon_of_it(
    changes: dict[str, str], tmp_path: Path
) -> None:
    """Bareos compares address text, port and password (§4.6), so it would copy to itself."""
    changed = with_second(changes.get("Address", SD1))
    if "Port" in changes:
        changed = changed.replace("sd1b; ", "sd1b; Port = 9113; ")
    site = site_of(tmp_path, dir=changed, hosts=f"{SD1} sd1.example\n")
    assert [r for r in ids(site, "8") if "sd2" not in r] == [
        "8:sd1>sd1(sd1,sd1b)",
        "8:sd1>sd1(sd1b,sd1)",
    ]


def test_addresses_differ_not_by_upper_case(tmp_path: Path) -> None:
    changed = edited("dir", f"sd1; Address = {SD1}", "sd1; Address = SD1.Example")
    changed = changed.replace("FileSet {", TWO % "sd1.example" + "FileSet {")
    site = site_of(tmp_path, dir=changed, hosts=f"{SD1} sd1.example\n")
    assert [r for r in ids(site, "8") if "sd2" not in r] == []


def test_a_single_storage_has_no_second_control_connection(tmp_path: Path) -> None:
    lines = edited("dir", "Storage = sd2", "Storage = sd1").splitlines(keepends=True)
    changed = "".join(line for line in lines if "Name = sd2" not in line)
    assert ids(site_of(tmp_path, dir=changed, sd2=None), "5b", "8") == []


# ------------------------------------------------------------------ NDMP


@pytest.mark.parametrize("protocol", ["NDMPv2", "NDMPv3", "ndmpv4"])
def test_ndmp_is_outside_the_numbering(protocol: str, tmp_path: Path) -> None:
    changed = edited("dir", "fd1; Address", f"fd1; Protocol = {protocol}; Port = 10000; Address")
    changed = changed.replace("sd2; Address", f"sd2; Protocol = {protocol}; Address")
    site = site_of(tmp_path, dir=changed)
    assert [r for r in ids(site, "3", "5a", "6", "8") if "fd1" in r or "sd2" in r] == []


def test_localhost_in_a_storage_is_every_clients_own_host(tmp_path: Path) -> None:
    """A trap of the field (§7 no. 9): each File Daemon then dials itself."""
    site = site_of(tmp_path, dir=edited("dir", f"sd1; Address = {SD1}", "sd1; Address = localhost"))
    found = row(site, "6:fd1>sd1")
    assert found.addresses == {"127.0.0.1", "::1"}
    assert not found.acceptor.generic
