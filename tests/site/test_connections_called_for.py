"""What a configuration says of each of the thirteen connections (bareos.md §0)."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import CON, DB, DIR, FD1, FD2, SD1, SD2, edited
from site_of import at, ids, number, row, site_of

from auditor.site.model import Permission, TlsPolicy

REQUIRED, ALLOWED, FORBIDDEN = Permission.REQUIRED, Permission.ALLOWED, Permission.FORBIDDEN


# ------------------------------------------------------------------ who dials whom, and where


@pytest.mark.parametrize(
    ("wanted", "address", "port"),
    [
        ("1:admin>dir", "", 9101),
        ("3:dir>fd1", FD1, 9102),
        ("4:fd3>dir", DIR, 9101),
        ("5a:dir>sd1", SD1, 9103),
        ("5b:dir>sd2", SD2, 9103),
        ("6:fd1>sd1", SD1, 9103),
        ("7:sd1>fd2", FD2, 9102),
        ("8:sd1>sd2", SD2, 9103),
        ("9:bareos-mon>dir", DIR, 9101),
        ("10:bareos-mon>fd1", FD1, 9102),
        ("11:bareos-mon>sd1", SD1, 9103),
        ("12:dir>cat", DB, 5432),
    ],
)
def test_every_number_has_its_ends_and_target(
    wanted: str, address: str, port: int, tmp_path: Path
) -> None:
    found = row(site_of(tmp_path), wanted)
    assert (found.address, found.port) == (address, port)
    assert found.addresses == (frozenset({address}) if address else frozenset())


def test_every_pair_of_client_and_storage_may_meet_by_hand(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    assert ids(site, "6") == [f"6:fd{n}>sd{m}" for n in (1, 2, 3) for m in (1, 2)]
    assert ids(site, "8") == ["8:sd1>sd2", "8:sd2>sd1"]


def test_an_expectation_names_every_line_behind_it(tmp_path: Path) -> None:
    found = row(site_of(tmp_path), "4:fd3>dir")
    assert [at(source) for source in found.sources] == ["fd3:4", "fd3:3", "fd3:2", "dir:6"]


def test_a_port_and_an_address_may_be_spelt_with_their_aliases(tmp_path: Path) -> None:
    changed = edited("dir", f"fd1; Address = {FD1}", "fd1; FdAddress = 10.1.1.1; FD Port = 19102")
    found = row(site_of(tmp_path, dir=changed), "3:dir>fd1")
    assert (found.address, found.port) == ("10.1.1.1", 19102)


# ------------------------------------------------------------------ permission

TO_CLIENT = "Connection From Director To Client"
TO_DIRECTOR = "Connection From Client To Director"


def test_a_client_may_be_dialled_and_may_not_dial_by_default(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    assert row(site, "3:dir>fd1").permission is ALLOWED
    assert row(site, "4:fd1>dir").permission is FORBIDDEN
    assert at(row(site, "3:dir>fd1").permission_source) == "dir:4"


def test_each_of_both_files_can_forbid_that_the_director_dials(tmp_path: Path) -> None:
    director_side = edited("dir", "Password = fd1pw", f"Password = fd1pw; {TO_CLIENT} = no")
    director_resource = edited("fd1", "Password = fd1pw", f"Password = fd1pw\n  {TO_CLIENT} = no")
    for name, changes in (("dir", {"dir": director_side}), ("fd1", {"fd1": director_resource})):
        found = row(site_of(tmp_path / name, **changes), "3:dir>fd1")
        assert found.permission is FORBIDDEN
        assert at(found.permission_source).startswith(name)


def test_a_client_that_both_files_let_dial_is_required_to(tmp_path: Path) -> None:
    found = row(site_of(tmp_path), "4:fd3>dir")
    assert (found.permission, at(found.permission_source)) == (REQUIRED, "fd3:4")


@pytest.mark.parametrize(("host", "place"), [("dir", "dir:6"), ("fd3", "fd3:3")])
def test_a_client_that_one_file_does_not_let_dial_may_not(
    host: str, place: str, tmp_path: Path
) -> None:
    changed = edited(host, f"{TO_DIRECTOR} = yes; ", "")
    found = row(site_of(tmp_path, **{host: changed}), "4:fd3>dir")
    assert (found.permission, at(found.permission_source)) == (FORBIDDEN, place)


def test_a_client_without_the_directors_address_is_not_required_to_dial(tmp_path: Path) -> None:
    """The File Daemon refuses such a resource for this use (§1.3)."""
    changed = edited("fd3", f"Address = {DIR}", "Port = 9101")
    assert row(site_of(tmp_path, fd3=changed), "4:fd3>dir").permission is ALLOWED


def test_a_client_whose_own_file_is_missing_may_dial_if_the_director_says_so(
    tmp_path: Path,
) -> None:
    found = row(site_of(tmp_path, fd3=None), "4:fd3>dir")
    assert (found.permission, at(found.permission_source)) == (ALLOWED, "dir:7")


def test_passive_turns_the_data_channel_round(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    assert (row(site, "6:fd1>sd1").permission, row(site, "7:sd1>fd1").permission) == (
        ALLOWED,
        FORBIDDEN,
    )
    assert (row(site, "6:fd2>sd1").permission, row(site, "7:sd1>fd2").permission) == (
        FORBIDDEN,
        ALLOWED,
    )
    assert at(row(site, "7:sd1>fd2").passive.source) == "dir:5"


# ------------------------------------------------------------------ heartbeats


@pytest.mark.parametrize(
    ("wanted", "seconds", "place"),
    [
        ("3:dir>fd1", 60, "dir:2"),
        ("4:fd3>dir", 30, "fd3:2"),
        ("5a:dir>sd1", 60, "dir:2"),
        ("5b:dir>sd2", 60, "dir:2"),
        ("6:fd1>sd1", 30, "fd1:2"),
        ("7:sd1>fd2", 20, "sd1:2"),
        ("8:sd2>sd1", 20, "sd2:2"),
        ("9:bareos-mon>dir", 0, ""),
        ("12:dir>cat", 0, ""),
    ],
)
def test_only_the_initiators_heartbeat_counts(
    wanted: str, seconds: int, place: str, tmp_path: Path
) -> None:
    found = row(site_of(tmp_path), wanted).heartbeat
    assert (found.seconds, at(found.source)) == (seconds, place)


def with_beats(director: str, client: str) -> str:
    changed = edited("dir", "; Heartbeat Interval = 60", director)
    return changed.replace("Password = fd1pw", f"Password = fd1pw{client}")


@pytest.mark.parametrize(
    ("director", "client", "seconds", "place"),
    [
        ("; Heartbeat Interval = 60", "; Heartbeat Interval = 6", 6, "dir:4"),
        ("; Heartbeat Interval = 60", "; Heartbeat Interval = 0", 60, "dir:2"),
        ("; Heartbeat Interval = 60", "", 60, "dir:2"),
        ("", "; Heartbeat Interval = 6", 6, "dir:4"),
        ("", "; Heartbeat Interval = 0", 0, "dir:4"),
        ("; Heartbeat Interval = 0", "", 0, "dir:2"),
        ("", "", 0, "dir:4"),
        ("", "; Heartbeat Interval = 1 min 30 s", 90, "dir:4"),
        ("", "; Heartbeat Interval = 32767", 32767, "dir:4"),
        ("; Heartbeat Interval = 60", "; Heartbeat Interval = 32768", 0, "dir:4"),
        ("; Heartbeat Interval = 12 hours", "", 0, "dir:2"),
    ],
)
def test_the_clients_heartbeat_beats_the_directors_unless_it_is_0(
    director: str, client: str, seconds: int, place: str, tmp_path: Path
) -> None:
    """An explicit 0 cannot switch the Director's off (§1.2); the kernel takes 32767 s (§1.0)."""
    found = row(site_of(tmp_path, dir=with_beats(director, client)), "3:dir>fd1").heartbeat
    assert (found.seconds, at(found.source)) == (seconds, place)
    assert bool(found.reason) is (seconds == 0)


def test_the_storages_heartbeat_beats_the_directors(tmp_path: Path) -> None:
    changed = edited("dir", "Password = sd1pw", "Password = sd1pw; Heartbeat Interval = 8")
    site = site_of(tmp_path, dir=changed)
    assert row(site, "5a:dir>sd1").heartbeat.seconds == 8
    assert row(site, "5a:dir>sd2").heartbeat.seconds == 60


CONSOLE = "Console {{ Name = admin; Password = adminpw{} }}\n"


@pytest.mark.parametrize(
    ("director", "console", "seconds"),
    [
        ("; Heartbeat Interval = 10", "; Heartbeat Interval = 5", 10),
        ("; Heartbeat Interval = 0", "; Heartbeat Interval = 5", 5),
        ("", "; Heartbeat Interval = 5", 5),
        ("", "", 0),
    ],
)
def test_bconsoles_director_beats_its_console(
    director: str, console: str, seconds: int, tmp_path: Path
) -> None:
    changed = edited("con", "; Heartbeat Interval = 10", director) + CONSOLE.format(console)
    found = [r for r in site_of(tmp_path, con=changed).expectations if r.connection == "1"]
    assert [r.heartbeat.seconds for r in found] == [seconds]


def test_the_directors_heartbeat_is_none_of_a_consoles(tmp_path: Path) -> None:
    found = row(site_of(tmp_path, con=None), "1:admin>dir").heartbeat
    assert (found.seconds, found.reason) == (None, "no bconsole configuration is at hand")


@pytest.mark.parametrize(
    ("wanted", "host", "whose"),
    [("6:fd1>sd1", "fd1", "file daemon fd1"), ("7:sd1>fd2", "sd1", "storage daemon sd1")],
)
def test_a_heartbeat_of_a_missing_file_is_unknown(
    wanted: str, host: str, whose: str, tmp_path: Path
) -> None:
    found = row(site_of(tmp_path, **{host: None}), wanted).heartbeat
    assert found.seconds is None
    assert f"the configuration of {whose} is not at hand" in found.reason


def test_a_connection_string_may_set_the_catalogs_keepalive(tmp_path: Path) -> None:
    plain = edited("dir", "DbName = bareos", 'DbName = "dbname=bareos"')
    assert row(site_of(tmp_path / "1", dir=plain), "12:dir>cat").heartbeat.seconds == 0
    keepalive = edited("dir", "DbName = bareos", 'DbName = "dbname=bareos keepalives_idle=60"')
    found = row(site_of(tmp_path / "2", dir=keepalive), "12:dir>cat").heartbeat
    assert (found.seconds, at(found.source)) == (None, "dir:3")


# ------------------------------------------------------------------ TLS (§3.7)

OFF, LAX = "; TLS Enable = no", "; TLS Require = no"


def tls_of(folder: Path, wanted: str, *changes: tuple[str, str, str]) -> tuple[TlsPolicy, str]:
    """The policy of a row after ``(host, anchor, directives)`` changes."""
    files: dict[str, str] = {}
    for host, anchor, directives in changes:
        files[host] = edited(host, anchor, anchor + directives)
    found = next(r for r in site_of(folder, **files).expectations if r.id.startswith(wanted))
    return found.tls, at(found.tls_source)


CLIENT, DIRECTOR_RESOURCE = ("dir", "Password = fd1pw"), ("fd1", "Password = fd1pw")


@pytest.mark.parametrize(
    ("director_side", "director_resource", "policy", "place"),
    [
        ("", "", TlsPolicy.REQUIRED, "dir:4"),
        (OFF, "", TlsPolicy.REQUIRED, "fd1:3"),
        ("", OFF, TlsPolicy.REQUIRED, "dir:4"),
        (OFF, OFF, TlsPolicy.OFF, "dir:4"),
        (LAX, LAX, TlsPolicy.ALLOWED, "dir:4"),
        (LAX, OFF, TlsPolicy.ALLOWED, "dir:4"),
        (OFF, LAX, TlsPolicy.ALLOWED, "fd1:3"),
        (OFF + LAX, OFF, TlsPolicy.OFF, "dir:4"),
    ],
)
def test_the_stricter_end_decides_the_policy(
    director_side: str, director_resource: str, policy: TlsPolicy, place: str, tmp_path: Path
) -> None:
    found = tls_of(
        tmp_path, "3:dir>fd1", (*CLIENT, director_side), (*DIRECTOR_RESOURCE, director_resource)
    )
    assert found == (policy, place)


@pytest.mark.parametrize(
    ("wanted", "changes"),
    [
        ("4:fd3", [("dir", "Password = fd3pw", OFF), ("fd3", "Password = fd3pw", OFF)]),
        ("5a:dir>sd1", [("dir", "Password = sd1pw", OFF), ("sd1", "Password = sd1pw", OFF)]),
        ("6:fd1>sd1", [("dir", "Password = sd1pw", OFF)]),
        ("7:sd1>fd2", [("dir", "Password = fd2pw", OFF)]),
        ("8:sd1>sd2", [("dir", "Password = sd2pw", OFF)]),
        ("2:", [("dir", "Password = dirpw", OFF), ("con", "Password = dirpw", OFF)]),
        ("1:", [("dir", "Password = adminpw", OFF)]),
        ("9:", [("dir", "Password = monpw", OFF), ("tray", f"dir; Address = {DIR}", OFF)]),
        ("10:", [("fd1", "Password = fdmonpw", OFF), ("tray", "Password = fdmonpw", OFF)]),
        ("11:", [("sd1", "Password = sdmonpw", OFF), ("tray", "Password = sdmonpw", OFF)]),
        ("12:", []),
    ],
)
def test_the_resources_of_the_table_decide_each_policy(
    wanted: str, changes: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    assert tls_of(tmp_path, wanted, *changes)[0] is TlsPolicy.OFF


@pytest.mark.parametrize("wanted", ["4:fd3", "5a:dir>sd1", "6:fd1", "7:sd1>fd2", "8:sd1", "2:"])
def test_tls_is_required_by_default(wanted: str, tmp_path: Path) -> None:
    assert tls_of(tmp_path, wanted)[0] is TlsPolicy.REQUIRED


@pytest.mark.parametrize(
    ("wanted", "host", "anchor"),
    [
        ("6:fd1>sd1", "fd1", "Client { Name = fd1"),
        ("6:fd1>sd1", "sd1", "Storage { Name = sd1"),
        ("7:sd1>fd2", "fd2", "Client { Name = fd2"),
        ("3:dir>fd1", "dir", "Director { Name = dir"),
        ("5a:dir>sd1", "sd1", "Storage { Name = sd1"),
    ],
)
def test_the_other_resources_do_not(wanted: str, host: str, anchor: str, tmp_path: Path) -> None:
    assert tls_of(tmp_path, wanted, (host, anchor, OFF))[0] is TlsPolicy.REQUIRED


# ------------------------------------------------------------------ names


def test_a_hello_carries_the_name_of_its_own_daemon(tmp_path: Path) -> None:
    site = site_of(tmp_path)
    claims = {r.id.partition(":")[0]: {c.name for c in r.claims} for r in site.expectations}
    assert claims["3"] == claims["5a"] == claims["5b"] == {"dir"}
    assert claims["4"] == {"fd3"}
    assert claims["1"] == {"admin"}
    assert claims["2"] == {"*UserAgent*"}
    assert claims["9"] == claims["10"] == claims["11"] == {"bareos-mon"}
    assert claims["6"] == claims["7"] == claims["8"] == set()


def test_both_files_words_on_a_name_are_kept_apart(tmp_path: Path) -> None:
    changed = edited("fd1", "Director { Name = dir", "Director { Name = other")
    found = row(site_of(tmp_path, fd1=changed), "3:dir>fd1")
    assert [(claim.name, at(claim.source)) for claim in found.claims] == [
        ("dir", "dir:2"),
        ("other", "fd1:3"),
    ]


# ------------------------------------------------------------------ the catalog


@pytest.mark.parametrize("address", ["", "; DbAddress = /run/postgresql"])
def test_a_catalog_behind_a_socket_is_no_connection(address: str, tmp_path: Path) -> None:
    site = site_of(tmp_path, dir=edited("dir", f"; DbAddress = {DB}", address))
    assert ids(site, "12") == []


def test_a_catalog_is_dialled_where_its_port_says(tmp_path: Path) -> None:
    changed = edited("dir", f"DbAddress = {DB}", f"DbAddress = {DB}; DbPort = 6543")
    found = number(site_of(tmp_path, dir=changed), "12")
    assert (found.port, found.tls) == (6543, TlsPolicy.OFF)


# ------------------------------------------------------------------ where daemons are


def peer(folder: Path, wanted: str, **changes: str | None) -> tuple[set[str], set[int]]:
    site = site_of(folder, **changes)
    (found,) = {p for p in site.peers if str(p) == wanted}
    return set(found.addresses), set(found.ports)


def test_a_daemon_is_at_its_listening_and_source_addresses_too(tmp_path: Path) -> None:
    changed = edited(
        "fd1",
        "Client { Name = fd1",
        "Client { Name = fd1\n Addresses = {\n ipv4 = {\n addr = 10.2.0.31\n port = 19102\n }\n"
        " ipv6 = {\n addr = 2001:db8::31\n }\n }\n SourceAddress = 10.3.0.31\n ",
    )
    assert peer(tmp_path, "file daemon fd1", fd1=changed) == (
        {FD1, "10.2.0.31", "2001:db8::31", "10.3.0.31"},
        {9102, 19102},
    )


def test_a_wildcard_is_no_address(tmp_path: Path) -> None:
    changed = edited("fd1", "Client { Name = fd1", "Client { Name = fd1; Address = 0.0.0.0")
    assert peer(tmp_path, "file daemon fd1", fd1=changed) == ({FD1}, {9102})


@pytest.mark.parametrize(("own", "ports"), [("", {9102}), ("; Port = 29102", {29102})])
def test_a_daemon_listens_where_its_own_file_says(
    own: str, ports: set[int], tmp_path: Path
) -> None:
    """What is dialled and what is listened on are two settings; the row has the former (§0)."""
    director_side = edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; Port = 19102")
    changed = edited("fd1", "Client { Name = fd1", f"Client {{ Name = fd1{own}")
    assert peer(tmp_path, "file daemon fd1", dir=director_side, fd1=changed)[1] == ports


def test_without_its_own_file_a_daemon_listens_where_it_is_dialled(tmp_path: Path) -> None:
    director_side = edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; Port = 19102")
    assert peer(tmp_path, "file daemon fd1", dir=director_side, fd1=None)[1] == {19102}


def test_the_director_is_where_others_dial_it(tmp_path: Path) -> None:
    assert peer(tmp_path / "1", "director dir") == ({DIR}, {9101})
    alone = {"con": None, "tray": None, "fd3": None}
    assert peer(tmp_path / "2", "director dir", **alone) == (set(), {9101})


def test_a_console_may_dial_from_anywhere(tmp_path: Path) -> None:
    assert peer(tmp_path, "console admin")[0] == set()


def test_a_console_dials_where_its_file_says(tmp_path: Path) -> None:
    changed = f"Director {{ Name = dir; Address = {CON}; Port = 19101; Password = dirpw }}\n"
    found = next(r for r in site_of(tmp_path, con=changed).expectations if r.connection == "2")
    assert (found.address, found.port) == (CON, 19101)
