"""Which line would have kept a connection that was lost after a silence, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import (
    CON,
    DB,
    DIR,
    DIRECTOR,
    FD1,
    FD3,
    JOB,
    POSTGRESQL,
    SD1,
    Wire,
    audit,
    edited,
    network,
    only,
    tls,
)

from auditor.flows.how_ended import Ending, HowEnded
from auditor.judge.heartbeat.idle_advice import idle_advice, interval_below, way_limit
from auditor.judge.matching.match import Match

S = 1_000_000_000


def lost(limit: float, survived: float = 0) -> HowEnded:
    ns = int(limit * S)
    return HowEnded(
        Ending.LOST, silence=ns, idle=True, limit=ns, survived=int(survived * S), unheard="10.0.0.1"
    )


@pytest.mark.parametrize(
    ("limit", "survived", "interval"),
    [
        (18, 0, 5),
        (30.5, 0, 5),
        (42, 0, 5),
        (80.1, 0, 10),
        (900, 0, 60),
        (900, 400, 300),
        (900, 40, 60),
        (3600, 3500, 1800),
        (6, 0, 2),
        (9, 0, 2),
    ],
)
def test_the_interval_stays_below_what_was_not_survived(
    limit: float, survived: float, interval: int
) -> None:
    assert interval_below(lost(limit, survived)) == interval


def test_the_way_is_described_by_both_silences() -> None:
    assert way_limit(lost(900)) == (
        "The way between these hosts did not keep a connection that was silent for 900.0 s"
    )
    assert way_limit(lost(900, 60)).endswith("900.0 s, and kept one that was for 60.0 s")
    assert (way_limit(HowEnded()), idle_advice(HowEnded(), Match("6"))) == ("", "")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("9", "RefreshInterval"),
        ("10", "net.ipv4.tcp_keepalive_time"),
        ("11", "No Bareos directive keeps connection 11"),
        ("12", "tcp_keepalives_idle"),
    ],
)
def test_where_no_directive_helps_it_says_what_does(number: str, words: str) -> None:
    assert words in idle_advice(lost(900), Match(number))


def forgotten(tape: Wire, silence: float = 500) -> Wire:
    """The acceptor speaks after a silence, and nobody answers any more."""
    tape.talk().silence(silence).send(tape.acceptor, b"late")
    for gap in (0.3, 0.6, 1.2, 2.4):
        tape.silence(gap).resend(tape.acceptor)
    return tape


#: Each number that has a directive, dialled; the file that holds it; and how often it beats.
NUMBERS = {
    "2": (lambda: Wire().dial(CON, DIR, 9101, tls("R_CONSOLE\x1e*UserAgent*")), "con", 10),
    "3": (lambda: Wire().dial(DIR, FD1, 9102, DIRECTOR), "dir", 60),
    "4": (lambda: Wire().dial(FD3, DIR, 9101, tls("R_CLIENT\x1efd3")), "fd3", 30),
    "5a": (lambda: Wire().dial(DIR, SD1, 9103, DIRECTOR), "dir", 60),
    "6": (lambda: Wire().dial(FD1, SD1, 9103, JOB), "fd1", 30),
    "7": (lambda: Wire().dial(SD1, "10.0.0.32", 9102, tls("R_JOB\x1ejob2.2026-11-22_22.22.37_03")),
          "sd1", 20),
}  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_the_directive_is_named_with_its_file_and_line(number: str, tmp_path: Path) -> None:
    dial, host, beat = NUMBERS[number]
    finding = only(audit(tmp_path, forgotten(dial(), beat - 1)), "idle-connection-lost")
    assert (finding["verdict"], finding["severity"]) == ("fail", "high")
    assert f"lost connection {number} to" in finding["message"]
    assert f"Lower HeartbeatInterval from {beat} to" in finding["message"]
    assert f"/{host}/" in finding["message"] and f"/{host}/" in " ".join(finding["sources"])


def test_a_heartbeat_that_would_have_kept_it_was_not_in_force(tmp_path: Path) -> None:
    tape = forgotten(Wire().dial(FD1, SD1, 9103, JOB), 500)
    message = only(audit(tmp_path, tape), "idle-connection-lost")["message"]
    assert "HeartbeatInterval = 30 in the File Daemon's Client resource" in message
    assert "would have kept it, had it been in force" in message


def test_without_one_it_says_what_to_write_and_where(tmp_path: Path) -> None:
    files = network(fd1=edited("fd1", "; Heartbeat Interval = 30", ""))
    tape = forgotten(Wire().dial(FD1, SD1, 9103, JOB), 900)
    message = only(audit(tmp_path, tape, files), "idle-connection-lost")["message"]
    assert "Write HeartbeatInterval = 60 into the File Daemon's Client resource (" in message
    assert "/fd1/bareos-fd.conf:2)" in message


def test_without_any_configuration_it_still_names_the_resource(tmp_path: Path) -> None:
    tape = forgotten(Wire().dial(FD3, DIR, 9101, tls("R_CLIENT\x1efd3")), 900)
    message = only(audit(tmp_path, tape, {}), "idle-connection-lost")["message"]
    assert "Write HeartbeatInterval = 60 into the File Daemon's Client resource" in message


def test_the_catalog_has_no_directive(tmp_path: Path) -> None:
    tape = forgotten(Wire().dial(DIR, DB, 5432, POSTGRESQL), 900)
    assert (
        "No Bareos directive keeps connection 12"
        in only(audit(tmp_path, tape), "idle-connection-lost")["message"]
    )
