"""Without a configuration, ports, hellos and a host's other flows still give most numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import (
    CON,
    DATA,
    DB,
    DIR,
    DIRECTOR,
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
    audit,
    cleartext,
    failed,
    numbers,
    tls,
)

FD, SD, D = 9102, 9103, 9101
RUN = "job1.2026-11-22_22.22.37_03"
MONITOR = tls("R_DIRECTOR\x1ebareos-mon")


def found(folder: Path, tape: Wire, **options: object) -> list[str]:
    return numbers(audit(folder, tape, {}, **options))


@pytest.mark.parametrize(
    ("initiator", "acceptor", "port", "hello", "number"),
    [
        (CON, DIR, D, tls("R_CONSOLE\x1eadmin"), "1"),
        (CON, DIR, D, tls("R_CONSOLE\x1e*UserAgent*"), "2"),
        (DIR, FD1, FD, DIRECTOR, "3"),
        (FD3, DIR, D, tls("R_CLIENT\x1efd3"), "4"),
        (DIR, SD1, SD, DIRECTOR, "5a"),
        (FD1, SD1, SD, JOB, "6"),
        (SD1, FD2, FD, JOB, "7"),
        (TRAY, DIR, D, tls("R_CONSOLE\x1ebareos-mon"), "9"),
        (TRAY, FD1, FD, MONITOR, "10"),
        (TRAY, SD1, SD, MONITOR, "11"),
        (DIR, DB, 5432, POSTGRESQL, "12"),
        (FD1, SD1, SD, cleartext(f"Start Job {RUN}", "R_STORAGE::sd1"), "6"),
        (SD1, SD2, SD, cleartext(f"Start Storage Job {RUN}", "R_STORAGE::sd2"), "8"),
        (DIR, FD1, FD, ("", ""), "3"),
        (DIR, DB, 5432, ("", ""), "12"),
    ],
)
def test_port_and_hello_tell_a_number(
    initiator: str,
    acceptor: str,
    port: int,
    hello: tuple[bytes, bytes],
    number: str,
    tmp_path: Path,
) -> None:
    first_bytes = tuple(part or b"" for part in hello)
    assert found(tmp_path, Wire().dial(initiator, acceptor, port, first_bytes)) == [number]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("port", "hello"),
    [
        (D, JOB),
        (D, DIRECTOR),
        (FD, tls("R_CONSOLE\x1eadmin")),
        (SD, tls("R_CLIENT\x1efd3")),
        (SD, POSTGRESQL),
        (5432, DIRECTOR),
    ],
)
def test_a_hello_that_does_not_belong_to_the_port_has_no_number(
    port: int, hello: tuple[bytes, bytes], tmp_path: Path
) -> None:
    assert found(tmp_path, Wire().dial(STRANGER, SD1, port, hello)) == [""]


@pytest.mark.parametrize(
    ("line", "port", "number"),
    [
        ("watch calling version 26", D, "9"),
        ("Director watch calling", FD, "10"),
        ("Director watch calling", SD, "11"),
    ],
)
def test_a_tray_monitor_by_any_name_is_told_by_its_empty_challenge(
    line: str, port: int, number: str, tmp_path: Path
) -> None:
    tape = Wire().dial(TRAY, SD1, port, cleartext(line, "R_STORAGE::sd1", ""))
    assert found(tmp_path, tape) == [number]


def test_a_name_that_is_a_consoles_and_a_directors_is_a_monitors(tmp_path: Path) -> None:
    tape = Wire().dial(TRAY, DIR, D, tls("R_CONSOLE\x1ewatch"))
    tape.dial(TRAY, FD1, FD, tls("R_DIRECTOR\x1ewatch")).dial(DIR, FD1, FD, DIRECTOR)
    assert found(tmp_path, tape) == ["9", "10", "3"]


def test_a_job_from_a_host_that_only_stores_is_a_copy(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, SD, DIRECTOR).dial(DIR, SD2, SD, DIRECTOR).dial(SD1, SD2, SD, JOB)
    assert found(tmp_path, tape) == ["5a", "5b", "8"]


def test_a_job_from_a_host_that_does_both_is_taken_for_a_backup(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, SD1, SD, DIRECTOR).dial(DIR, SD1, FD, DIRECTOR).dial(SD1, SD2, SD, JOB)
    assert found(tmp_path, tape) == ["5a", "3", "6"]


def test_silent_flows_are_told_by_what_their_hosts_did_elsewhere(tmp_path: Path) -> None:
    tape = Wire().dial(FD3, DIR, D, tls("R_CLIENT\x1efd3")).midstream(FD3, DIR, D).talk()
    tape.dial(DIR, SD1, SD, DIRECTOR).midstream(DIR, SD1, SD).talk()
    tape.midstream(SD1, FD2, FD).talk().midstream(CON, DIR, D).talk()
    assert found(tmp_path, tape) == ["4", "4", "5a", "5a", "7", ""]


def test_nothing_is_certain_and_nothing_is_judged_that_needs_a_configuration(
    tmp_path: Path,
) -> None:
    tape = Wire().dial(FD1, SD1, SD, JOB).silence(99).talk().dial(STRANGER, DIR, D, (DATA, DATA))
    result = audit(tmp_path, tape, {})
    assert set(result.flows.query("numbered")["confidence"]) <= {"likely", "guess"}
    assert failed(result) == []
    assert result.expectations.empty
    assert not result.flows["configured"].any()


def test_cleartext_fails_without_a_configuration_too(tmp_path: Path) -> None:
    hello = cleartext("Director dir calling", "R_STORAGE::sd1", "R_DIRECTOR::dir")
    assert failed(audit(tmp_path, Wire().dial(DIR, SD1, SD, hello), {})) == ["cleartext-connection"]
