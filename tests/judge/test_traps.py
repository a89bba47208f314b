"""Connections that are easily taken for something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import (
    CON,
    DATA,
    DB,
    DIR,
    DIRECTOR,
    ELSEWHERE,
    FD1,
    FD2,
    FD3,
    JOB,
    POSTGRESQL,
    SD1,
    SD2,
    STRANGER,
    TRAY,
    Wire,
    abstained,
    audit,
    cleartext,
    edited,
    failed,
    job,
    network,
    numbers,
    only,
    tls,
)

CONSOLE = tls("R_CONSOLE\x1e*UserAgent*")
FD, SD, D = 9102, 9103, 9101


def dir_line(name: str) -> str:
    return f'Director {name} calling Version="26.0.0"'


# ------------------------------------------------------------------ one host for everything

ONE = "10.0.0.10"
ALL_IN_ONE = {
    "dir/bareos-dir.conf": """
Director { Name = dir; Password = dirpw }
Client { Name = fd; Address = {0}; Password = fdpw }
Client { Name = passive; Address = {0}; Port = 9202; Password = pw; Passive = yes }
Storage { Name = sd; Address = {0}; Password = sdpw; Device = d; Media Type = F }
Console { Name = admin; Password = adminpw }
Console { Name = bareos-mon; Password = monpw }
FileSet { Name = set }
Messages { Name = msg }
Pool { Name = full; Pool Type = Backup }
Job { Name = job1; Type = Backup; Client = fd; Storage = sd; Pool = full; FileSet = set
  Messages = msg }
""",
    "con/bconsole.conf": "Director { Name = dir; Address = {0}; Password = dirpw }\n",
}


@pytest.mark.parametrize("address", ["127.0.0.1", ONE])
def test_daemons_on_one_host_are_told_apart_by_port_and_identity(
    address: str, tmp_path: Path
) -> None:
    files = {path: text.replace("{0}", address) for path, text in ALL_IN_ONE.items()}
    tape = Wire()
    for port, said in (
        (D, CONSOLE),
        (D, tls("R_CONSOLE\x1eadmin")),
        (D, tls("R_CONSOLE\x1ebareos-mon")),
        (SD, DIRECTOR),
        (FD, DIRECTOR),
        (SD, JOB),
        (9202, JOB),
        (D, tls("R_CLIENT\x1efd")),
    ):
        tape.dial(address, address, port, said)
    result = audit(tmp_path, tape, files)
    assert numbers(result) == ["2", "1", "9", "5a", "3", "6", "7", "4"]
    assert failed(result) == ["client-dials-director-unasked"]


def test_a_host_that_answers_itself_at_its_other_address_is_the_same_host(tmp_path: Path) -> None:
    """The kernel takes the dialled address as the source."""
    changes = edited("dir", f"sd1; Address = {SD1}", "sd1; Address = 10.0.1.10")
    tape = Wire().dial("10.0.1.10", "10.0.1.10", SD, DIRECTOR)
    result = audit(tmp_path, tape, network(dir=changes))
    assert numbers(result) == ["5a"]
    assert failed(result) == []


# ------------------------------------------------------------------ ports


def test_a_port_of_the_configuration_is_watched_and_numbered(tmp_path: Path) -> None:
    changes = edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; Port = 19102")
    own = edited("fd1", "Name = fd1;", "Name = fd1; Port = 19102;")
    tray = edited("tray", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; Port = 19102")
    files = network(dir=changes, fd1=own, tray=tray)
    result = audit(tmp_path, Wire().dial(DIR, FD1, 19102, DIRECTOR), files)
    assert numbers(result) == ["3"]
    assert failed(result) == []


def test_a_port_that_only_the_caller_knows_is_watched_and_numbered(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD1, 19102, DIRECTOR).dial(FD1, SD1, SD, JOB)
    assert numbers(audit(tmp_path, tape, {}, ports={"file daemon": 19102})) == ["3", "6"]
    assert numbers(audit(tmp_path, tape, {})) == ["6"]


def test_a_known_host_on_a_port_that_is_none_of_its_own_has_no_number(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(DIR, FD1, SD, DIRECTOR))
    assert numbers(result) == [""]
    assert failed(result) == ["unnumbered-connection"]
    finding = only(result, "unnumbered-connection")
    assert "nothing is expected to dial 10.0.0.31 port 9103" in finding["message"]
    assert [source.rpartition("/")[2] for source in finding["sources"]] == [
        "bareos-dir.conf:2",
        "bareos-dir.conf:4",
    ]


def test_a_known_host_with_no_business_there_has_no_number(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(SD1, DIR, D).silence(3).other())
    assert numbers(result) == [""]
    assert failed(result) == ["unnumbered-connection"]


def test_a_port_used_again_starts_a_new_flow(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, SD, DIRECTOR, source=50000).hang_up()
    tape.silence(5).dial(DIR, SD1, SD, DIRECTOR, source=50000).hang_up()
    assert numbers(audit(tmp_path, tape)) == ["5a", "5a"]


# ------------------------------------------------------------------ 6 and 8

BOTH = {
    "dir": edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {SD1}"),
    "fd1": None,
}


def both(tape: Wire, folder: Path) -> list[str]:
    """Numbers where fd1 and sd1 are one host, and job1 may be its backup or a copy of it."""
    files = network(**BOTH)  # type: ignore[arg-type]
    return numbers(audit(folder, tape, files))


def test_a_job_from_a_host_that_is_both_is_a_backup_where_its_client_is_controlled(
    tmp_path: Path,
) -> None:
    tape = Wire().dial(DIR, SD2, SD, DIRECTOR).dial(DIR, SD1, FD, DIRECTOR)
    assert both(tape.dial(SD1, SD2, SD, tls(job("unplanned"))), tmp_path) == ["5a", "3", "6"]


def test_a_job_from_a_host_that_is_both_is_a_copy_where_its_storage_is_controlled(
    tmp_path: Path,
) -> None:
    tape = Wire().dial(DIR, SD1, SD, DIRECTOR).dial(DIR, SD2, SD, DIRECTOR)
    assert both(tape.dial(SD1, SD2, SD, tls(job("unplanned"))), tmp_path) == ["5a", "5b", "8"]


def test_a_job_from_a_host_that_is_both_stays_open_where_both_are_controlled(
    tmp_path: Path,
) -> None:
    tape = Wire().dial(DIR, SD1, SD, DIRECTOR).dial(DIR, SD2, SD, DIRECTOR)
    tape.dial(DIR, SD1, FD, DIRECTOR)
    assert both(tape.dial(SD1, SD2, SD, tls(job("unplanned"))), tmp_path) == ["5a", "5a", "3", ""]


def test_a_control_connection_that_has_ended_tells_nothing(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, FD, DIRECTOR).hang_up()
    assert both(tape.silence(1).dial(SD1, SD2, SD, tls(job("unplanned"))), tmp_path) == ["3", ""]


def test_a_copied_job_is_told_by_the_storage_that_holds_its_data(tmp_path: Path) -> None:
    assert both(Wire().dial(SD1, SD2, SD, JOB), tmp_path) == ["8"]


def test_a_cleartext_hello_says_itself_which_of_both_it_is(tmp_path: Path) -> None:
    run = "job1.2026-11-22_22.22.37_03"
    tape = Wire()
    tape.dial(SD1, SD2, SD, cleartext(f"Start Job {run}", "R_STORAGE::sd2"))
    tape.dial(SD1, SD2, SD, cleartext(f"Start Storage Job {run}", "R_STORAGE::sd2"))
    assert both(tape, tmp_path) == ["6", "8"]


# ------------------------------------------------------------------ 5a and 5b


def copied(number: int) -> tuple[bytes, bytes]:
    return tls(job("job1", number))


def test_each_of_several_copies_at_once_has_its_own_second_control_connection(
    tmp_path: Path,
) -> None:
    tape = Wire()
    for _ in range(3):
        tape.dial(DIR, SD1, SD, DIRECTOR).dial(DIR, SD2, SD, DIRECTOR)
    for number in range(3):
        tape.dial(SD1, SD2, SD, copied(number))
    assert numbers(audit(tmp_path, tape)) == ["5a", "5b"] * 3 + ["8"] * 3


def test_a_backup_to_the_writing_daemon_is_not_taken_for_the_copys_control(tmp_path: Path) -> None:
    """The copy's two control connections follow each other at once."""
    tape = Wire().dial(DIR, SD2, SD, DIRECTOR).silence(30)
    tape.dial(DIR, SD1, SD, DIRECTOR).dial(DIR, SD2, SD, DIRECTOR)
    tape.silence(1).dial(DIR, SD2, SD, DIRECTOR)
    tape.dial(SD1, SD2, SD, copied(1))
    assert numbers(audit(tmp_path, tape)) == ["5a", "5a", "5b", "5a", "8"]


def test_a_control_connection_that_ended_before_the_copy_stays_a_5a(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD2, SD, DIRECTOR).hang_up()
    assert numbers(audit(tmp_path, tape.silence(1).dial(SD1, SD2, SD, copied(1)))) == ["5a", "8"]


def test_a_copy_between_two_spellings_of_one_daemon_dials_itself(tmp_path: Path) -> None:
    """The Director compares addresses as text (bareos.md §4.6)."""
    changes = edited("dir", f"sd2; Address = {SD2}", "sd2; Address = sd1.example")
    tape = Wire().dial(DIR, SD1, SD, DIRECTOR).dial(DIR, SD1, SD, DIRECTOR)
    tape.dial(SD1, SD1, SD, copied(1))
    files = network(dir=changes.replace("Device = d2", "Device = d1"), sd2=None)
    result = audit(tmp_path, tape, files, site=f"hosts: {{sd1.example: [{SD1}]}}")
    assert numbers(result) == ["5a", "5b", "8"]


# ------------------------------------------------------------------ before the capture


def test_flows_that_began_before_the_capture_are_known_by_what_is_seen_of_their_hosts(
    tmp_path: Path,
) -> None:
    tape = Wire().midstream(FD3, DIR, D).beats(30)
    tape.midstream(CON, DIR, D).talk().midstream(TRAY, DIR, D).talk()
    tape.dial(CON, DIR, D, CONSOLE).dial(TRAY, DIR, D, tls("R_CONSOLE\x1ebareos-mon"))
    result = audit(tmp_path, tape)
    assert numbers(result) == ["4", "", "", "2", "9"]
    assert set(result.flows["confidence"][:3]) <= {"likely", "guess"}
    assert list(result.flows["initiator_known"]) == [True] * 5


def test_a_console_that_began_before_the_capture_may_be_another_than_those_seen_from_its_host(
    tmp_path: Path,
) -> None:
    """Default and named consoles run on one host (bareos.md §1.1)."""
    tape = Wire().midstream(CON, DIR, D).talk().dial(CON, DIR, D, tls("R_CONSOLE\x1eadmin"))
    result = audit(tmp_path, tape)
    assert numbers(result) == ["", "1"]
    assert result.flows["match_reason"][0].startswith("it may be any of 1, 2, 9: nothing was seen")
    assert (failed(result), abstained(result)) == ([], [])


def test_a_flow_from_a_host_that_is_nowhere_seen_is_left_open(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().midstream(CON, DIR, D).talk())
    assert numbers(result) == [""]
    assert (failed(result), abstained(result)) == ([], ["unknown-initiator"])
    assert result.flows["ambiguous"].all()


def test_a_console_that_proved_nothing_makes_its_host_known_for_nothing(tmp_path: Path) -> None:
    tape = Wire().dial(STRANGER, DIR, D, tls("R_CONSOLE\x1e*UserAgent*", proven=False))
    result = audit(tmp_path, tape.dial(STRANGER, SD1, SD).silence(3).other())
    assert numbers(result) == ["2", ""]
    assert list(result.flows["confidence"]) == ["likely", "certain"]
    assert failed(result) == ["unknown-initiator"]


# ------------------------------------------------------------------ unknown hosts


def test_a_client_behind_nat_with_the_right_key_has_its_number_and_fails_nothing(
    tmp_path: Path,
) -> None:
    wire = Wire(ttl=63).dial(ELSEWHERE, DIR, D, tls("R_CLIENT\x1efd3"))
    result = audit(tmp_path, wire.dial(ELSEWHERE, SD1, SD, JOB))
    assert numbers(result) == ["4", "6"]
    assert failed(result) == []
    assert set(result.flows["confidence"]) == {"likely"}


def test_a_client_that_proves_its_name_at_another_of_its_addresses_is_known_there(
    tmp_path: Path,
) -> None:
    """No router lay before the tap, so the address is its own (§9.10)."""
    tape = Wire().dial(ELSEWHERE, SD1, SD, JOB).dial(ELSEWHERE, DIR, D, tls("R_CLIENT\x1efd3"))
    result = audit(tmp_path, tape)
    assert numbers(result) == ["6", "4"]
    assert set(result.flows["initiator_daemon"]) == {"file daemon fd3"}
    assert failed(result) == []


@pytest.mark.parametrize(
    ("port", "acceptor", "line"),
    [
        (D, DIR, 'Client fd3 FdProtocolVersion=54 calling Version="26.0.0"'),
        (FD, FD1, dir_line("dir")),
        (SD, SD1, "Start Job job1.2026-11-22_22.22.37_03"),
    ],
)
def test_a_right_name_from_an_unknown_host_that_proves_nothing_is_a_strangers(
    port: int, acceptor: str, line: str, tmp_path: Path
) -> None:
    tape = Wire().dial(STRANGER, acceptor, port, cleartext(line, "", proven=False))
    result = audit(tmp_path, tape)
    assert numbers(result) == [""]
    rules = ["identity-mismatch", "unknown-initiator"]
    assert failed(result) == (rules if port != SD else rules[1:])


def test_a_wrong_name_from_an_unknown_host_is_a_strangers(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(STRANGER, DIR, D, tls("R_CONSOLE\x1eroot", proven=False)))
    assert numbers(result) == [""]
    assert failed(result) == ["identity-mismatch", "unknown-initiator"]
    evidence = only(result, "identity-mismatch")["evidence"]
    assert "'root' where the configuration has" in " ".join(evidence)


def test_a_thousand_expected_names_do_not_fill_the_screen(tmp_path: Path) -> None:
    clients = "\n".join(
        f"Client {{ Name = c{n}; Address = 10.1.{n // 250}.{n % 250 + 1}; Password = p"
        " ; Connection From Client To Director = yes }"
        for n in range(100)
    )
    tape = Wire().dial(STRANGER, DIR, D, tls("R_CLIENT\x1eevil", proven=False))
    files = network(dir=edited("dir", "FileSet {", f"{clients}\nFileSet {{"))
    finding = only(audit(tmp_path, tape, files), "identity-mismatch")
    assert "'c12' and 98 more" in " ".join(finding["evidence"])
    assert len(finding["sources"]) == 1 + 8


@pytest.mark.parametrize("port", [5432, D, FD, SD])
def test_foreign_hosts_on_a_port_of_ours_are_none_of_our_business(
    port: int, tmp_path: Path
) -> None:
    tape = Wire().dial("192.0.2.1", "192.0.2.2", port, (DATA, DATA))
    result = audit(tmp_path, tape)
    assert numbers(result) == [""]
    assert (failed(result), abstained(result)) == ([], [])


def test_another_program_that_uses_the_database_may_do_so(tmp_path: Path) -> None:
    tape = Wire().dial(STRANGER, DB, 5432, POSTGRESQL).dial(SD1, DB, 5432, POSTGRESQL)
    result = audit(tmp_path, tape)
    assert numbers(result) == ["", ""]
    assert (failed(result), abstained(result)) == (
        [],
        ["unknown-initiator", "unnumbered-connection"],
    )


def test_a_scanner_that_is_let_in_and_says_nothing_is_a_stranger(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(STRANGER, DIR, D).rst())
    assert numbers(result) == [""]
    assert failed(result) == ["unknown-initiator"]


@pytest.mark.parametrize("answered", [False, True])
def test_a_scanner_that_is_not_let_in_might_have_been_a_console(
    answered: bool, tmp_path: Path
) -> None:
    """A console may be started anywhere; nothing tells it from a scanner before its hello."""
    tape = Wire().attempt(STRANGER, DIR, D)
    result = audit(tmp_path, (tape.rst() if answered else tape).silence(9).other())
    assert numbers(result) == [""]
    assert (failed(result), abstained(result)) == ([], ["unknown-initiator"])


def test_a_scanner_of_a_daemon_that_no_console_dials_is_a_stranger(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().attempt(STRANGER, FD3, FD).rst().silence(9).other())
    assert failed(result) == ["unknown-initiator"]


# ------------------------------------------------------------------ names of others


def test_a_directors_name_never_makes_a_monitors_connection(tmp_path: Path) -> None:
    changes = edited("dir", f"fd1; Address = {FD1}", f"fd1; Address = {FD1}; Port = 19102")
    tape = Wire().dial(DIR, FD1, FD, DIRECTOR).dial(TRAY, FD1, FD, tls("R_DIRECTOR\x1ebareos-mon"))
    result = audit(tmp_path, tape, network(dir=changes, fd1=None))
    assert numbers(result) == ["3", "10"]


@pytest.mark.parametrize(("name", "number"), [("", "9"), ("R_CONSOLE::spy", "1")])
def test_a_tray_monitor_gives_itself_away_by_its_empty_challenge(
    name: str, number: str, tmp_path: Path
) -> None:
    """Both consoles have one name here, but only a tray monitor is silent on its own (§3.3)."""
    files = network(
        con=f"Director {{ Name = dir; Address = {DIR}; Password = dirpw }}\n"
        "Console { Name = bareos-mon; Password = monpw }\n"
    )
    said = cleartext('bareos-mon calling version 26.0.0 Version="26.0.0"', "R_DIRECTOR::dir", name)
    assert numbers(audit(tmp_path, Wire().dial(CON, DIR, D, said), files)) == [number]


# ------------------------------------------------------------------ families and edges


def test_ipv6_is_judged_as_ipv4_is(tmp_path: Path) -> None:
    v6 = {DIR: "2001:db8::10", SD1: "2001:db8::20", FD1: "2001:db8::31"}
    files = {}
    for path, text in network().items():
        for old, new in v6.items():
            text = text.replace(f"Address = {old}", f"Address = {new}")  # noqa: PLW2901
        files[path] = text
    tape = Wire().dial(v6[DIR], v6[SD1], SD, DIRECTOR).dial(v6[FD1], v6[SD1], SD, JOB)
    tape.dial("2001:db8::66", v6[SD1], SD).silence(3).other()
    result = audit(tmp_path, tape, files)
    assert numbers(result) == ["5a", "6", ""]
    assert failed(result) == ["unknown-initiator"]


def test_a_syn_at_the_very_end_of_the_capture_may_yet_be_answered(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, SD, DIRECTOR).silence(5).attempt(DIR, FD1, FD)
    result = audit(tmp_path, tape)
    assert (failed(result), abstained(result)) == ([], ["connection-unanswered"])


def test_a_syn_that_nobody_answers_fails_with_the_lines_behind_it(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().attempt(DIR, FD1, FD).silence(9).other())
    finding = only(result, "connection-unanswered")
    assert (finding["verdict"], finding["confidence"]) == ("fail", "likely")
    assert str(finding["sources"][0]).endswith("dir/bareos-dir.conf:4")


def test_a_passive_clients_daemon_is_dialled_by_the_storage_daemon(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(SD1, FD2, FD, tls(job("job2"))))
    assert (numbers(result), failed(result)) == (["7"], [])
