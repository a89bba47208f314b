"""Who is dialled, and a dialler who means another daemon."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scene import CON, DIR, FD1, FD2, NETWORK, SD1, Wire, audit, edited, failed, network, tls
from tape import Endpoint

Row = Mapping[str, Any]

REFUSED = tls("R_CONSOLE\x1e*UserAgent*", proven=False)
#: A File Daemon on the Director's host.
OWN_FD = f"Client {{ Name = own; Address = {DIR}; Password = ownpw }}\n"


def dialled(
    folder: Path, port: int, said: tuple[bytes, bytes], directive: str
) -> dict[str, object]:
    con = edited("con", f"Address = {DIR}", f"Address = {DIR}; {directive}")
    files = network(con=con, dir=NETWORK["dir/bareos-dir.conf"] + OWN_FD)
    (row,) = audit(folder, Wire().dial(CON, DIR, port, said), files).tables["flows"].rows()
    return row


@pytest.mark.parametrize("directive", ["Port = 9102", "DIR Port = 9102"])
def test_a_console_at_a_file_daemons_port_is_no_2(directive: str, tmp_path: Path) -> None:
    row = dialled(tmp_path, 9102, REFUSED, directive)
    assert (row["connection"], row["ambiguous"], row["confidence"]) == ("", False, "certain")
    assert row["initiator_daemon"] == "console *UserAgent*"
    assert row["acceptor_daemon"] == "file daemon own"
    assert "dials port 9102 for director dir (" in row["match_reason"]
    assert row["match_reason"].endswith("where file daemon own listens")


def test_a_port_that_may_be_forwarded_keeps_its_number(tmp_path: Path) -> None:
    """Nobody else is known to listen there (bareos.md §0)."""
    row = dialled(tmp_path, 19101, tls("R_CONSOLE\x1e*UserAgent*"), "Port = 19101")
    assert (row["connection"], row["acceptor_daemon"]) == ("2", "director dir")


def test_whoever_has_another_name_or_says_none_is_not_the_one_that_dials_wrongly(
    tmp_path: Path,
) -> None:
    for name, said in (("none", (b"", b"")), ("other", tls("R_CONSOLE\x1ex", proven=False))):
        row = dialled(tmp_path / name, 9102, said, "Port = 9102")
        assert (row["connection"], row["initiator_daemon"]) == ("", CON)


def test_the_daemon_that_listens_there_is_the_acceptor(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(DIR, FD1, 9102, (b"", b"")).dial(CON, DIR, 9102, REFUSED))
    assert list(result.flows["acceptor_daemon"]) == ["file daemon fd1", "director dir"]


def test_a_connection_without_a_byte_is_said_to_be_that(tmp_path: Path) -> None:
    """A port scan, or a check whether the port is open: no number, and nothing to tell by."""
    wire = Wire().dial(CON, DIR, 9101).dial(FD1, FD2, 9102).attempt(FD1, FD2, 9102)
    reasons = list(audit(tmp_path, wire.silence(3).other()).flows["match_reason"])
    for reason in reasons[:2]:
        assert reason.startswith("not one byte was sent over this TCP connection, and ")
    assert "byte" not in reasons[2]


def test_a_capture_that_ends_before_the_hello_is_due_tells_nothing_of_who_dials(
    tmp_path: Path,
) -> None:
    wire = Wire().dial(CON, DIR, 9101).silence(1).other()
    result = audit(tmp_path, wire)
    assert result.flows["match_reason"][0].startswith("it may be any of 1, 2, 9: not one byte")
    assert "unknown-initiator" not in failed(result)


def test_a_hello_that_the_capture_lost_tells_nothing_of_who_dials(tmp_path: Path) -> None:
    console, wire = Endpoint(CON, 40001), Wire().dial(CON, DIR, 9101)
    wire.send(console, b"hello").drop().ack().send(console, b"more").ack().silence(9).other()
    result = audit(tmp_path, wire)
    assert result.flows["match_reason"][0].startswith("it may be any of 1, 2, 9: nothing was seen")
    assert "unknown-initiator" not in failed(result)


def test_a_silent_connection_that_may_have_two_numbers_is_said_to_be_silent(tmp_path: Path) -> None:
    both = (
        f"Storage {{ Name = on-fd1; Address = {FD1}; Password = p; Device = d; Media Type = F }}\n"
    )
    files = network(dir=NETWORK["dir/bareos-dir.conf"] + both)
    (row,) = audit(tmp_path, Wire().dial(FD1, SD1, 9103), files).tables["flows"].rows()
    assert row["match_reason"] == (
        "it may be any of 6, 8: not one byte was sent over this TCP connection"
    )
