"""Why a login was refused: the cause, both its lines, and what to write; with a part of the files
less is said, and never something else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from scene import (
    CON,
    DIR,
    FD1,
    FD2,
    FD3,
    NETWORK,
    SD1,
    Wire,
    audit,
    cleartext,
    edited,
    failed,
    half_a_login,
    network,
    only,
    refused,
)

D, FD, SD = 9101, 9102, 9103
DIRECTOR, CONSOLE = "R_DIRECTOR\x1edir", "R_CONSOLE\x1e*UserAgent*"
HELLO = cleartext('Director dir calling Version="26.0.0"', "", proven=False)


def finding(folder: Path, tape: Wire, files: Mapping[str, str] | None = None) -> pd.Series:
    return only(audit(folder, tape.turn_away(), files), "login-refused")


def lines(found: pd.Series) -> list[str]:
    """Return its sources as ``host:line``."""
    return [
        f"{path.rpartition('/')[0].rpartition('/')[2]}:{line}"
        for path, _, line in (source.rpartition(":") for source in found["sources"])
    ]


def asking(acceptor: str, port: int, alert: int = 47) -> Wire:
    return Wire().dial(DIR, acceptor, port, refused(DIRECTOR, alert))


OTHER_PASSWORD = {
    "fd1": (edited("fd1", "= fd1pw", "= wrong"), asking(FD1, FD), "Client fd1"),
    "sd1": (edited("sd1", "= sd1pw", "= wrong"), asking(SD1, SD, 51), "Storage sd1"),
    "con": (
        edited("con", "= dirpw", "= wrong"),
        Wire().dial(CON, DIR, D, refused(CONSOLE, 20)),
        "Director dir",
    ),
    "fd3": (
        edited("fd3", "= fd3pw", "= wrong"),
        Wire().dial(FD3, DIR, D, refused("R_CLIENT\x1efd3")),
        "Director dir",
    ),
}


@pytest.mark.parametrize("host", OTHER_PASSWORD)
def test_of_two_passwords_that_differ_both_lines_are_named(host: str, tmp_path: Path) -> None:
    text, tape, resource = OTHER_PASSWORD[host]
    files = network(**{host: text})
    found = finding(tmp_path, tape, files)
    assert (found["verdict"], found["severity"]) == ("fail", "high")
    assert f"because the Password of {resource} (" in found["message"]
    assert sorted(line.partition(":")[0] for line in lines(found)) == sorted({"dir", host})
    for source in found["sources"]:
        path, _, line = source.rpartition(":")
        assert "Password" in Path(path).read_text().splitlines()[int(line) - 1]
        assert source in found["remedy"]
    assert "wrong" not in str(found.to_dict()).replace("wrong-key", "")


def test_equal_passwords_leave_a_daemon_that_runs_with_others(tmp_path: Path) -> None:
    found = finding(tmp_path, asking(FD1, FD))
    assert "the Passwords there are equal" in found["message"]
    assert "not reloaded" in found["message"]
    assert set(lines(found)) == {"dir:4", "fd1:3"}


@pytest.mark.parametrize(("gone", "left"), [("fd1", {"dir:4"}), ("dir", {"fd1:3"})])
def test_with_one_end_only_it_says_which_file_is_not_at_hand(
    gone: str, left: set[str], tmp_path: Path
) -> None:
    files = network(**{gone: None}, fd2=None, fd3=None, con=None, tray=None)
    found = finding(tmp_path, asking(FD1, FD), files)
    assert "not that of" not in found["message"]
    assert "own file is not at hand" in found["message"]
    assert set(lines(found)) == left


def test_without_a_configuration_it_is_a_wrong_password_all_the_same(tmp_path: Path) -> None:
    found = finding(tmp_path, asking(FD1, FD), {})
    assert "because the passwords of the two ends differ" in found["message"]
    assert lines(found) == []


@pytest.mark.parametrize("alert", [40, 115])
def test_of_a_name_that_is_not_known_those_that_are_known_are_listed(
    alert: int, tmp_path: Path
) -> None:
    files = network(fd1=edited("fd1", "Name = dir;", "Name = bareos-dir;"))
    found = finding(tmp_path, asking(FD1, FD, alert), files)
    assert "file daemon fd1 knows no Director 'dir', only 'bareos-dir' (" in found["message"]
    assert "fd1:3" in lines(found)


def test_a_client_and_a_console_that_the_director_does_not_know(tmp_path: Path) -> None:
    tape = Wire().dial(FD3, DIR, D, refused("R_CLIENT\x1efd-three", 40))
    files = network(fd3=edited("fd3", "Name = fd3;", "Name = fd-three;"))
    found = finding(tmp_path, tape, files)
    assert "director dir knows no Client 'fd-three', only 'fd1' (" in found["message"]
    assert "identity-mismatch" not in failed(audit(tmp_path / "again", tape, files))


def test_what_an_include_may_hold_is_not_called_unknown(tmp_path: Path) -> None:
    """An include that runs a command may define the Director that is missing."""
    unread = edited("fd1", "Name = dir;", "Name = bareos-dir;") + '@|"/etc/bareos/more.sh"\n'
    found = finding(tmp_path, asking(FD1, FD, 40), network(fd1=unread))
    assert "knows no" not in found["message"]


def test_the_web_ui_needs_tls_off_in_the_directors_console(tmp_path: Path) -> None:
    """bareos.md §1.1: it cannot use TLS-PSK; §3.2: TlsRequire = no does not help it."""
    said = cleartext("admin calling version 23.0.0", "", proven=False)
    found = finding(tmp_path, Wire().dial(CON, DIR, D, said))
    assert "TERMINATE, because Console admin (" in found["message"]
    assert "PHP web UI" in found["message"]
    assert found["remedy"].startswith("Write TlsEnable = no in Console admin at ")
    assert "TlsRequire = no does not help" in found["remedy"]
    assert lines(found) == ["dir:10"]


def test_tls_that_is_off_at_one_end_is_named_with_both_lines(tmp_path: Path) -> None:
    off = edited("dir", "Password = fd1pw", "Password = fd1pw; TLS Enable = no")
    result = audit(tmp_path, Wire().dial(DIR, FD1, FD, HELLO).turn_away(), network(dir=off))
    found = only(result, "login-refused")
    assert "because TLS is off in Client fd1 (" in found["message"]
    assert set(lines(found)) == {"dir:4", "fd1:3"}
    assert "cleartext-though-tls-required" not in failed(result)


def test_a_director_in_cleartext_without_its_file_was_not_reloaded(tmp_path: Path) -> None:
    files = {"fd1/bareos-fd.conf": NETWORK["fd1/bareos-fd.conf"]}
    found = finding(tmp_path, Wire().dial(DIR, FD1, FD, HELLO), files)
    assert "Director dir (" in found["message"]
    assert "has it enabled" in found["message"]
    assert lines(found) == ["fd1:3"]


def test_a_file_daemon_in_cleartext_is_let_in_where_tls_is_not_required(tmp_path: Path) -> None:
    """bareos.md §3.2: so its refusal has another cause."""
    hello = cleartext('Client fd3 FdProtocolVersion=54 calling Version="26.0.0"', "", proven=False)
    loose = edited("dir", "Password = fd3pw", "Password = fd3pw; TLS Require = no")
    for text, expected in ((NETWORK["dir/bareos-dir.conf"], True), (loose, False)):
        folder = tmp_path / str(expected)
        found = finding(folder, Wire().dial(FD3, DIR, D, hello), network(dir=text))
        assert ("has it enabled" in found["message"]) is expected


def test_a_direction_that_the_acceptor_forbids(tmp_path: Path) -> None:
    """bareos.md §4.3: it refuses after TLS and Hello have succeeded."""
    tape = Wire().dial(FD1, DIR, D, half_a_login("R_CLIENT\x1efd1"))
    result = audit(tmp_path, tape.turn_away())
    found = only(result, "login-refused")
    assert "Client fd1 (" in found["message"]
    assert "Connection From Client To Director is no" in found["message"]
    assert lines(found) == ["dir:4"]
    assert failed(result) == ["login-refused"]  # and not a second time by the permission

    found = finding(tmp_path / "other", Wire().dial(DIR, FD3, FD, half_a_login(DIRECTOR)))
    assert "Connection From Director To Client is no" in found["message"]
    assert lines(found) == ["fd3:4"]


def test_a_forbidden_direction_is_told_too_where_another_cause_refused_it(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD3, FD, refused(DIRECTOR)).turn_away()
    files = network(fd3=edited("fd3", "= fd3pw", "= wrong"))
    result = audit(tmp_path, tape, files)
    assert {"director-dials-forbidden-client", "login-refused"} <= set(failed(result))


def test_a_stranger_is_told_as_a_stranger_only(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial("10.0.0.66", FD1, FD, HELLO).turn_away())
    assert "login-refused" not in set(result.findings["rule"])
    assert "unknown-initiator" in failed(result)


def test_a_refused_login_passes_nothing_and_no_verdict_is_pass(tmp_path: Path) -> None:
    result = audit(tmp_path, asking(SD1, SD).turn_away())
    assert result.verdict == "fail"
    about = {rule.id for rule in result.rules if rule.about == "flows"}
    assert {rule: count for rule, count in result.passed.items() if count and rule in about} == {}


def test_a_file_daemon_takes_no_console(tmp_path: Path) -> None:
    tape = Wire().dial(FD2, FD1, FD, refused(CONSOLE, 115))
    found = only(audit(tmp_path, tape.turn_away()), "login-refused")
    assert "because a file daemon takes no consoles" in found["message"]
