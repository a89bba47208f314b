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
    half_a_login,
    network,
    refused,
)

import auditor

D, FD, SD = 9101, 9102, 9103
DIRECTOR, CONSOLE = "R_DIRECTOR\x1edir", "R_CONSOLE\x1e*UserAgent*"
HELLO = cleartext('Director dir calling Version="26.0.0"', "", proven=False)


#: What a site file says of where fd1 is, which its own tree does not.
PLACED = f"daemons:\n  file daemon fd1: {{addresses: {FD1}}}\n"


def flow(
    folder: Path, tape: Wire, files: Mapping[str, str] | None = None, site: str = ""
) -> pd.Series:
    """Return the only flow, which was refused; where a problem explains it, that is the finding."""
    result = audit(folder, tape.turn_away(), files, site=site)
    (found,) = (row for _, row in result.flows.iterrows())
    assert found["login_refused"]
    assert "login-refused" in told(result)
    return found


def told(result: auditor.Audit) -> set[str]:
    """Return the rules that fail, those that another finding explains included."""
    fails = result.findings.query("verdict == 'fail'")
    return {rule for rules in fails["rules"] for rule in rules}


def lines(found: pd.Series) -> list[str]:
    """Return the places that the cause names as ``host:line``."""
    return [
        f"{path.rpartition('/')[0].rpartition('/')[2]}:{line}"
        for path, _, line in (source.rpartition(":") for source in found["cause_sources"])
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
    found = flow(tmp_path, tape, files)
    assert f"because the Password of {resource} (" in found["cause"]
    assert sorted(line.partition(":")[0] for line in lines(found)) == sorted({"dir", host})
    for source in found["cause_sources"]:
        path, _, line = source.rpartition(":")
        assert "Password" in Path(path).read_text().splitlines()[int(line) - 1]
        assert source in found["cause_remedy"]
    assert "wrong" not in str(found.to_dict()).replace("wrong-key", "")


def test_equal_passwords_leave_a_daemon_that_runs_with_others(tmp_path: Path) -> None:
    found = flow(tmp_path, asking(FD1, FD))
    assert "the Passwords there are equal" in found["cause"]
    assert "not reloaded" in found["cause"]
    assert set(lines(found)) == {"dir:4", "fd1:3"}


@pytest.mark.parametrize(("gone", "left"), [("fd1", {"dir:4"}), ("dir", {"fd1:3"})])
def test_with_one_end_only_it_says_which_file_is_not_at_hand(
    gone: str, left: set[str], tmp_path: Path
) -> None:
    files = network(**{gone: None}, fd2=None, fd3=None, con=None, tray=None)
    found = flow(tmp_path, asking(FD1, FD), files, PLACED)
    assert "not that of" not in found["cause"]
    assert "own file is not at hand" in found["cause"]
    assert set(lines(found)) == left


def test_one_of_many_clients_is_not_taken_for_the_one_whose_file_is_at_hand(
    tmp_path: Path,
) -> None:
    """A File Daemon's own tree does not say where it is, so the flow may be another's."""
    files = {"fd2/bareos-fd.conf": NETWORK["fd2/bareos-fd.conf"]}
    found = flow(tmp_path, asking(FD1, FD), files)
    assert lines(found) == []
    found = flow(tmp_path / "name", asking(FD1, FD, 40), files)
    assert "knows no" not in found["cause"]


def test_the_only_director_needs_no_known_address(tmp_path: Path) -> None:
    files = network(fd1=None, fd2=None, fd3=None, con=None, tray=None)
    tape = Wire().dial(FD3, DIR, D, refused("R_CLIENT\x1efd-three", 40))
    assert "director dir knows no Client 'fd-three'" in flow(tmp_path, tape, files)["cause"]


def test_without_a_configuration_it_is_a_wrong_password_all_the_same(tmp_path: Path) -> None:
    found = flow(tmp_path, asking(FD1, FD), {})
    assert "because the passwords of the two ends differ" in found["cause"]
    assert lines(found) == []


@pytest.mark.parametrize("alert", [40, 115])
def test_of_a_name_that_is_not_known_those_that_are_known_are_listed(
    alert: int, tmp_path: Path
) -> None:
    files = network(fd1=edited("fd1", "Name = dir;", "Name = bareos-dir;"))
    found = flow(tmp_path, asking(FD1, FD, alert), files)
    assert "file daemon fd1 knows no Director 'dir', only 'bareos-dir' (" in found["cause"]
    assert "fd1:3" in lines(found)


def test_a_client_and_a_console_that_the_director_does_not_know(tmp_path: Path) -> None:
    tape = Wire().dial(FD3, DIR, D, refused("R_CLIENT\x1efd-three", 40))
    files = network(fd3=edited("fd3", "Name = fd3;", "Name = fd-three;"))
    found = flow(tmp_path, tape, files)
    assert "director dir knows no Client 'fd-three', only 'fd1' (" in found["cause"]
    assert "identity-mismatch" not in told(audit(tmp_path / "again", tape, files))


def test_what_an_include_may_hold_is_not_called_unknown(tmp_path: Path) -> None:
    """An include that runs a command may define the Director that is missing."""
    unread = edited("fd1", "Name = dir;", "Name = bareos-dir;") + '@|"/etc/bareos/more.sh"\n'
    found = flow(tmp_path, asking(FD1, FD, 40), network(fd1=unread))
    assert "knows no" not in found["cause"]


def test_the_web_ui_needs_tls_off_in_the_directors_console(tmp_path: Path) -> None:
    """bareos.md §1.1: it cannot use TLS-PSK; §3.2: TlsRequire = no does not help it."""
    said = cleartext("admin calling version 23.0.0", "", proven=False)
    found = flow(tmp_path, Wire().dial(CON, DIR, D, said))
    assert found["cause"].startswith("because Console admin (")
    assert "PHP web UI" in found["cause"]
    assert found["cause_remedy"].startswith("Write TlsEnable = no in Console admin at ")
    assert "TlsRequire = no does not help" in found["cause_remedy"]
    assert lines(found) == ["dir:10"]


def test_tls_that_is_off_at_one_end_is_named_with_both_lines(tmp_path: Path) -> None:
    off = edited("dir", "Password = fd1pw", "Password = fd1pw; TLS Enable = no")
    tape = Wire().dial(DIR, FD1, FD, HELLO)
    found = flow(tmp_path, tape, network(dir=off))
    assert "because TLS is off in Client fd1 (" in found["cause"]
    assert set(lines(found)) == {"dir:4", "fd1:3"}
    assert "cleartext-though-tls-required" not in told(audit(tmp_path / "again", tape))


def test_a_director_in_cleartext_without_its_file_was_not_reloaded(tmp_path: Path) -> None:
    files = {"fd1/bareos-fd.conf": NETWORK["fd1/bareos-fd.conf"]}
    found = flow(tmp_path, Wire().dial(DIR, FD1, FD, HELLO), files, PLACED)
    assert "Director dir (" in found["cause"]
    assert "has TLS enabled, and who dialled spoke cleartext" in found["cause"]
    assert lines(found) == ["fd1:3"]


def test_a_file_daemon_in_cleartext_is_let_in_where_tls_is_not_required(tmp_path: Path) -> None:
    """bareos.md §3.2: so its refusal has another cause."""
    hello = cleartext('Client fd3 FdProtocolVersion=54 calling Version="26.0.0"', "", proven=False)
    loose = edited("dir", "Password = fd3pw", "Password = fd3pw; TLS Require = no")
    for text, expected in ((NETWORK["dir/bareos-dir.conf"], True), (loose, False)):
        folder = tmp_path / str(expected)
        found = flow(folder, Wire().dial(FD3, DIR, D, hello), network(dir=text))
        assert ("has TLS enabled, and who dialled spoke cleartext" in found["cause"]) is expected


def test_a_direction_that_the_acceptor_forbids(tmp_path: Path) -> None:
    """bareos.md §4.3: it refuses after TLS and Hello have succeeded."""
    tape = Wire().dial(FD1, DIR, D, half_a_login("R_CLIENT\x1efd1"))
    found = flow(tmp_path, tape)
    assert "Client fd1 (" in found["cause"]
    assert "Connection From Client To Director is no" in found["cause"]
    assert lines(found) == ["dir:4"]
    # and not a second time by the permission
    assert "client-dials-director-unasked" not in told(audit(tmp_path / "again", tape))

    found = flow(tmp_path / "other", Wire().dial(DIR, FD3, FD, half_a_login(DIRECTOR)))
    assert "Connection From Director To Client is no" in found["cause"]
    assert lines(found) == ["fd3:4"]


def test_a_forbidden_direction_is_told_too_where_another_cause_refused_it(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD3, FD, refused(DIRECTOR)).turn_away()
    files = network(fd3=edited("fd3", "= fd3pw", "= wrong"))
    result = audit(tmp_path, tape, files)
    assert {"director-dials-forbidden-client", "login-refused"} <= told(result)


def test_a_stranger_is_told_as_a_stranger_only(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial("10.0.0.66", FD1, FD, HELLO).turn_away())
    assert "login-refused" not in told(result)
    assert "unknown-initiator" in told(result)


def test_a_refused_login_passes_nothing_and_no_verdict_is_pass(tmp_path: Path) -> None:
    result = audit(tmp_path, asking(SD1, SD).turn_away())
    assert result.verdict == "fail"
    about = {rule.id for rule in result.rules if rule.about == "flows"}
    assert {rule: count for rule, count in result.passed.items() if count and rule in about} == {}


def test_a_file_daemon_takes_no_console(tmp_path: Path) -> None:
    tape = Wire().dial(FD2, FD1, FD, refused(CONSOLE, 115))
    found = flow(tmp_path, tape)
    assert "because a file daemon takes no consoles" in found["cause"]


def test_attempts_are_counted_and_not_listed(tmp_path: Path) -> None:
    tape = Wire()
    for _ in range(4):
        tape.silence(10).dial(DIR, SD1, SD, refused(DIRECTOR)).turn_away()
    tape.silence(10).dial(DIR, FD1, FD, refused(DIRECTOR)).turn_away()
    found = audit(tmp_path, tape).findings.query("rule == 'login-refused'")
    assert list(found["flows"]) == [["f1", "f2", "f3", "f4"], ["f5"]]
    assert "(× 4)" in found["message"].iloc[0]
    assert set(zip(found["verdict"], found["severity"], strict=True)) == {("fail", "high")}


def test_a_refused_login_counts_whatever_its_number_is(tmp_path: Path) -> None:
    tape = Wire().dial("10.0.9.9", "10.0.9.8", SD, refused(DIRECTOR)).turn_away()
    result = audit(tmp_path, tape, {})
    assert "login-refused" in told(result)
    assert result.verdict == "fail"
