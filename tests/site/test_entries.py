"""By which resource each end makes or accepts a login (bareos.md §3.2, §3.4, §3.7, §4.3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import edited, network
from site_of import row, site_of

from auditor.site.entries import Guests
from auditor.site.model import Role, Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return site_of(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "kind", "name", "label"),
    [
        ("2:*UserAgent*>dir(con/bconsole.conf)", "R_CONSOLE", "*UserAgent*", "Director dir"),
        ("3:dir>fd1", "R_DIRECTOR", "fd1", "Client fd1"),
        ("4:fd3>dir", "R_CLIENT", "dir", "Director dir"),
        ("5a:dir>sd1", "R_DIRECTOR", "sd1", "Storage sd1"),
        ("9:bareos-mon>dir", "R_CONSOLE", "bareos-mon", "Monitor bareos-mon"),
        ("10:bareos-mon>fd1", "R_DIRECTOR", "bareos-mon", "Client fd1"),
    ],
)
def test_who_dials_takes_its_own_resource(
    site: Site, wanted: str, kind: str, name: str, label: str
) -> None:
    number, _, ends = wanted.partition(":")
    rows = [r for r in site.expectations if r.id.startswith(f"{number}:{ends.partition('(')[0]}")]
    found = [r.dialler for r in rows if r.dialler is not None]
    assert [(one.kind, one.name, one.label) for one in found] == [(kind, name, label)]


def test_a_jobs_key_is_in_no_file(site: Site) -> None:
    assert {r.dialler for r in site.expectations if r.connection in {"6", "7", "8", "12"}} == {None}


def names(guests: Guests, kind: str) -> list[str]:
    return sorted(entry.name for entry in guests.of(kind))


def test_a_daemon_accepts_those_whom_its_own_configuration_names(site: Site) -> None:
    director = site.guests[Role.DIRECTOR, "dir"]
    assert names(director, "R_CLIENT") == ["fd1", "fd2", "fd3"]
    assert names(director, "R_CONSOLE") == ["*UserAgent*", "admin", "bareos-mon"]
    assert names(site.guests[Role.FILE_DAEMON, "fd1"], "R_DIRECTOR") == ["bareos-mon", "dir"]
    assert names(site.guests[Role.STORAGE_DAEMON, "sd2"], "R_DIRECTOR") == ["dir"]
    assert director.whole


def test_nobody_knows_who_is_accepted_by_a_daemon_whose_file_is_not_at_hand(tmp_path: Path) -> None:
    guests = site_of(tmp_path, fd1=None, dir=None).guests
    assert (Role.FILE_DAEMON, "fd1") not in guests
    assert (Role.DIRECTOR, "dir") not in guests
    assert (Role.FILE_DAEMON, "fd2") in guests


def test_what_could_not_be_read_may_name_more(tmp_path: Path) -> None:
    unread = edited("fd1", "Director { Name = dir", '@|"/etc/more.sh"\nDirector { Name = dir')
    site = site_of(tmp_path, network(fd1=unread))
    assert not site.guests[Role.FILE_DAEMON, "fd1"].whole


def test_equal_passwords_have_equal_secrets(site: Site) -> None:
    dialler = row(site, "3:dir>fd1").dialler
    (entry,) = [e for e in site.guests[Role.FILE_DAEMON, "fd1"].entries if e.name == "dir"]
    assert dialler is not None
    assert dialler.secret == entry.secret is not None
    assert (dialler.password.line, entry.password.line) == (4, 3)


@pytest.mark.parametrize(
    ("written", "client", "console"),
    [("", False, False), ("; TLS Require = no", True, False), ("; TLS Enable = no", True, True)],
)
def test_who_may_come_in_cleartext(
    written: str, client: bool, console: bool, tmp_path: Path
) -> None:
    text = edited("dir", "Password = fd1pw", f"Password = fd1pw{written}")
    text = text.replace("Password = adminpw", f"Password = adminpw{written}")
    director = site_of(tmp_path, dir=text).guests[Role.DIRECTOR, "dir"]
    taken = {e.name: e.takes_cleartext for e in director.entries}
    assert (taken["fd1"], taken["admin"]) == (client, console)


def test_the_direction_that_an_acceptor_forbids(site: Site) -> None:
    """bareos.md §4.3: by default a Director takes no 4, and a File Daemon takes every 3."""
    clients = site.guests[Role.DIRECTOR, "dir"].of("R_CLIENT")
    assert {e.name: e.forbidden is None for e in clients} == {
        "fd1": False,
        "fd2": False,
        "fd3": True,
    }
    (entry,) = site.guests[Role.FILE_DAEMON, "fd3"].entries
    assert entry.forbidden is not None
    assert entry.switch == "ConnectionFromDirectorToClient"
    assert all(e.forbidden is None for e in site.guests[Role.STORAGE_DAEMON, "sd1"].entries)
