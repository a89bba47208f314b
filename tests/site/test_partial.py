"""Any part of a site may be missing, and there may be more of it than one."""

from __future__ import annotations

from pathlib import Path

import pytest
from bareosconf import plant
from scene import DIR, FD1, NETWORK, SD1, edited, network
from site_of import at, ids, number, row, site_of

from auditor.config.resources import Resource
from auditor.pipeline.network import load_network
from auditor.site.model import Permission
from auditor.site.resolver import Resolver


def alone(*hosts: str) -> dict[str, str]:
    return {path: text for path, text in NETWORK.items() if path.partition("/")[0] in hosts}


def test_a_director_alone_expects_all_but_a_waiting_client(tmp_path: Path) -> None:
    site = site_of(tmp_path, alone("dir"))
    assert ids(site, "1", "2", "9") == ["1:admin>dir", "2:*UserAgent*>dir", "9:bareos-mon>dir"]
    assert row(site, "4:fd3>dir").permission is Permission.ALLOWED
    assert row(site, "6:fd1>sd1").heartbeat.seconds is None
    assert not row(site, "5a:dir>sd1").initiator.located


def test_a_file_daemon_alone_expects_its_director_and_any_storage(tmp_path: Path) -> None:
    site = site_of(tmp_path, alone("fd3"))
    assert ids(site, "3", "4", "6", "7") == ["3:dir>fd3", "4:fd3>dir", "6:fd3>*", "7:*>fd3"]
    assert ids(site, "5a", "8", "12") == []
    waiting = row(site, "4:fd3>dir")
    assert (waiting.permission, waiting.heartbeat.seconds) == (Permission.REQUIRED, 30)
    data = row(site, "6:fd3>*")
    assert (data.passive.value, data.lan.pair, data.permission) == (None, None, Permission.ALLOWED)
    assert data.acceptor.generic
    assert row(site, "3:dir>fd3").heartbeat.seconds is None
    assert str(row(site, "7:*>fd3").initiator) == "any storage daemon"


def test_a_storage_daemon_alone_expects_its_director_and_any_client(tmp_path: Path) -> None:
    site = site_of(tmp_path, alone("sd1"))
    assert ids(site, "5a", "6", "7", "11") == [
        "5a:dir>sd1",
        "6:*>sd1",
        "7:sd1>*",
        "11:bareos-mon>sd1",
    ]
    assert row(site, "7:sd1>*").heartbeat.seconds == 20


def test_a_bconsole_alone_expects_its_director(tmp_path: Path) -> None:
    site = site_of(tmp_path, alone("con"))
    assert [r.connection for r in site.expectations] == ["2"]
    found = number(site, "2")
    assert (found.addresses, found.heartbeat.seconds) == ({DIR}, 10)
    assert found.acceptor.addresses == {DIR}


def test_a_tray_monitor_alone_expects_what_it_watches(tmp_path: Path) -> None:
    site = site_of(tmp_path, alone("tray"))
    assert ids(site, "9", "10", "11") == [
        "9:bareos-mon>dir",
        "10:bareos-mon>fd1",
        "11:bareos-mon>sd1",
    ]
    assert number(site, "11").acceptor.addresses == {SD1}


def test_a_tray_monitor_without_a_director_watches_daemons(tmp_path: Path) -> None:
    text = edited("tray", f"Director {{ Name = dir; Address = {DIR} }}\n", "")
    site = site_of(tmp_path, {"tray/tray-monitor.conf": text})
    assert [r.connection for r in site.expectations] == ["10", "11"]


def test_a_monitor_that_only_the_daemons_name_is_expected(tmp_path: Path) -> None:
    site = site_of(tmp_path, tray=None)
    assert ids(site, "9", "10", "11") == [
        "9:bareos-mon>dir",
        "10:bareos-mon>fd1",
        "11:bareos-mon>sd1",
    ]
    assert at(row(site, "10:bareos-mon>fd1").permission_source) == "fd1:4"


# ------------------------------------------------------------------ several Directors

SECOND = f"""
Director {{ Name = dir2; Password = dir2pw }}
Client {{ Name = fd1; Address = {FD1}; Password = fd1pw2 }}
Storage {{ Name = store; Address = 10.8.0.20; Password = sdpw2; Device = d; Media Type = F }}
FileSet {{ Name = set }}
Messages {{ Name = msg }}
Pool {{ Name = full; Pool Type = Backup }}
Job {{ Name = other; Type = Backup; Client = fd1; Storage = store; Pool = full; FileSet = set
  Messages = msg }}
"""


def test_two_directors_have_a_client_in_common(tmp_path: Path) -> None:
    fd1 = NETWORK["fd1/bareos-fd.conf"] + "Director { Name = dir2; Password = fd1pw2 }\n"
    site = site_of(tmp_path, network(fd1=fd1) | {"dir2/bareos-dir.conf": SECOND})
    assert [r for r in ids(site, "3") if "fd1" in r] == ["3:dir>fd1", "3:dir2>fd1"]
    second = row(site, "3:dir2>fd1")
    assert [claim.name for claim in second.claims] == ["dir2", "dir2"]
    assert second.acceptor.is_same(row(site, "3:dir>fd1").acceptor)
    assert ids(site, "6")[-1] == "6:fd1>store"
    assert site.jobs["dir2"] == {"other"}


def test_a_consoles_label_tells_which_of_two_directors_it_dials(tmp_path: Path) -> None:
    site = site_of(tmp_path, network() | {"dir2/bareos-dir.conf": SECOND})
    found = {r.acceptor.name: r.addresses for r in site.expectations if r.connection == "2"}
    assert found == {"dir": {DIR}, "dir2": frozenset()}


def test_a_director_that_only_a_client_names_may_dial_it_too(tmp_path: Path) -> None:
    fd1 = NETWORK["fd1/bareos-fd.conf"] + (
        "Director { Name = dir2; Password = x; Address = 10.8.0.10\n"
        "  Connection From Client To Director = yes }\n"
    )
    site = site_of(tmp_path, fd1=fd1)
    assert row(site, "3:dir2>fd1").acceptor.addresses == {FD1}
    waiting = row(site, "4:fd1>dir2")
    assert (waiting.permission, waiting.addresses) == (Permission.REQUIRED, {"10.8.0.10"})


def test_a_director_that_a_client_knows_by_another_name_is_no_second_one(tmp_path: Path) -> None:
    """The password that both share tells (§5.8)."""
    site = site_of(tmp_path, fd1=edited("fd1", "Name = dir", "Name = renamed"))
    assert {r.director for r in site.expectations} == {"dir"}


# ------------------------------------------------------------------ consoles

ADMIN = "Console { Name = admin; Password = adminpw }\n"


def consoles(folder: Path, con: str) -> list[tuple[str, str, list[str]]]:
    site = site_of(folder, con=con)
    return [
        (r.connection, r.initiator.name, [at(claim.source) for claim in r.claims])
        for r in site.expectations
        if r.connection in {"1", "2"}
    ]


def test_a_console_resource_makes_a_named_console(tmp_path: Path) -> None:
    found = consoles(tmp_path, NETWORK["con/bconsole.conf"] + ADMIN)
    assert found == [
        ("1", "admin", ["con:3", "dir:10"]),
        ("2", "*UserAgent*", [""]),
    ]


def test_bconsole_uses_no_console_but_its_first(tmp_path: Path) -> None:
    """Both of its search loops look at the first entry only (§1.1)."""
    second = "Console { Name = root; Password = x; Director = dir }\n"
    found = consoles(tmp_path, NETWORK["con/bconsole.conf"] + ADMIN + second)
    assert [name for _, name, _ in found] == ["admin", "*UserAgent*"]


def test_a_console_that_the_director_does_not_know_is_matched_by_its_password(
    tmp_path: Path,
) -> None:
    found = consoles(tmp_path, NETWORK["con/bconsole.conf"] + ADMIN.replace("admin;", "root;"))
    assert ("1", "admin", ["con:3", "dir:10"]) in found


def test_a_console_that_nobody_knows_is_expected_under_its_own_name(tmp_path: Path) -> None:
    stranger = "Console { Name = root; Password = secret }\n"
    found = consoles(tmp_path, NETWORK["con/bconsole.conf"] + stranger)
    assert ("1", "root", ["con:3"]) in found


def test_a_console_is_where_the_site_file_says(tmp_path: Path) -> None:
    site = site_of(tmp_path, site="daemons: {console admin: {addresses: [10.0.0.44]}}")
    assert number(site, "1").initiator.addresses == {"10.0.0.44"}


# ------------------------------------------------------------------ linking


def link(folder: Path, wanted: str, fd: str) -> tuple[int | None, list[str]]:
    """The heartbeat that fd1 is given by its own file, and the problems."""
    site = site_of(folder, alone("dir") | {"some/bareos-fd.conf": fd} if fd else alone("dir"))
    return row(site, wanted).heartbeat.seconds, [problem.message for problem in site.problems]


OWN = "Client {{ Name = {}; Heartbeat Interval = 33{} }}\nDirector {{ Name = {}; Password = {} }}\n"


@pytest.mark.parametrize(
    "own",
    [
        OWN.format("fd1", "", "other", "x"),
        OWN.format("other", f"\n Address = {FD1}\n", "other", "x"),
    ],
    ids=["name", "address"],
)
def test_a_client_is_linked_by_name_or_address(own: str, tmp_path: Path) -> None:
    assert link(tmp_path, "6:fd1>sd1", own)[0] == 33


@pytest.mark.parametrize("password", ["x", "fd1pw"])
def test_a_client_is_not_linked_by_an_equal_password_alone(password: str, tmp_path: Path) -> None:
    assert link(tmp_path, "6:fd1>sd1", OWN.format("other", "", "dir", password))[0] is None


def test_a_stronger_witness_beats_a_weaker_one(tmp_path: Path) -> None:
    """The one has the password of fd1, the other its name."""
    files = alone("dir") | {
        "a/bareos-fd.conf": OWN.format("x", "", "dir", "fd1pw").replace("33", "44"),
        "b/bareos-fd.conf": OWN.format("fd1", "", "dir", "other"),
    }
    assert row(site_of(tmp_path, files), "6:fd1>sd1").heartbeat.seconds == 33


def test_the_last_file_is_that_of_the_last_client(tmp_path: Path) -> None:
    """Equal passwords everywhere, and fd2 calls itself otherwise."""
    changed = edited("dir", "fd2pw", "fd1pw").replace("fd3pw", "fd1pw")
    other = OWN.format("x", "", "dir", "fd1pw")
    site = site_of(tmp_path / "all", network(dir=changed, fd2=other))
    assert row(site, "6:fd1>sd1").heartbeat.seconds == 30
    assert row(site, "6:fd2>sd1").heartbeat.seconds == 33
    some = site_of(tmp_path / "some", network(dir=changed, fd2=other, fd3=None))
    assert row(some, "6:fd2>sd1").heartbeat.seconds is None


def test_a_storage_is_linked_by_the_device_that_it_names(tmp_path: Path) -> None:
    changed = edited("dir", "Name = sd1; ", "Name = store; ").replace("= sd1;", "= store;")
    changed = changed.replace("Storage = sd1", "Storage = store").replace("sd1pw", "other")
    site = site_of(tmp_path, dir=changed)
    assert str(row(site, "5a:dir>sd1(store)").acceptor) == "storage daemon sd1"


def test_equal_devices_and_passwords_are_told_apart_by_address(tmp_path: Path) -> None:
    own = "Storage {{ Name = {}\n Address = {}\n Heartbeat Interval = {}\n }}\n"
    rest = "Director { Name = dir; Password = p }\n"
    rest += "Device { Name = d; Media Type = F; Archive Device = /a }\n"
    director = edited("dir", "sd1pw", "p").replace("sd2pw", "p")
    director = director.replace("Device = d1", "Device = d").replace("Device = d2", "Device = d")
    files = {"dir/bareos-dir.conf": director}
    files["a/bareos-sd.conf"] = own.format("x", "10.0.0.21", 21) + rest
    files["b/bareos-sd.conf"] = own.format("y", "10.0.0.20", 20) + rest
    site = site_of(tmp_path, files)
    assert {
        r.initiator.name: r.heartbeat.seconds for r in site.expectations if r.connection == "8"
    } == {
        "x": 21,
        "y": 20,
    }


def test_what_monitors_watch_is_looked_up_and_not_gone_through_for_each_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(count: int) -> int:
        """Return how often addresses are resolved for so many clients that a monitor watches."""
        clients = "".join(
            f"Client {{ Name = c{n}; Password = p; Address = 10.0.0.{n}\n }}\n"
            for n in range(1, count + 1)
        )
        tree = tmp_path / str(count)
        plant(
            tree,
            {
                "bareos-dir.conf": "Director { Name = d; Password = p\n }\n" + clients,
                "tray-monitor.conf": "Monitor { Name = m; Password = p\n }\n" + clients,
            },
        )
        asked: list[str] = []
        resolve = Resolver.resolve
        with monkeypatch.context() as patched:
            patched.setattr(
                Resolver, "resolve", lambda self, name: asked.append(name) or resolve(self, name)
            )
            site = load_network(config=tree, resolve=False).site
        assert site is not None
        assert sum(row.connection == "10" for row in site.expectations) == count
        return len(asked)

    assert written(80) < 2.2 * written(40)


@pytest.mark.parametrize("kind", ["fd", "sd"])
def test_a_daemon_that_serves_many_directors_is_gone_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    own = {"fd": "FileDaemon", "sd": "Storage"}[kind]

    def asked(count: int) -> int:
        """Return how often resources are asked for a setting for so many Directors."""
        listed = "".join(f"Director {{ Name = d{n}; Password = p\n }}\n" for n in range(count))
        tree = tmp_path / str(count)
        plant(tree, {f"bareos-{kind}.conf": f"{own} {{ Name = x\n }}\n{listed}"})
        calls = [0]
        flag = Resource.flag

        def counted(self: Resource, key: str, default: bool) -> bool:
            calls[0] += 1
            return flag(self, key, default)

        with monkeypatch.context() as patched:
            patched.setattr(Resource, "flag", counted)
            site = load_network(config=tree, resolve=False).site
        assert site is not None
        assert len({row.director for row in site.expectations}) == count
        return calls[0]

    assert asked(80) < 2.2 * asked(40)
