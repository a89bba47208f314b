"""Problems of the configuration lead the message of what they keep from working."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from scene import CON, DIR, FD1, FD3, SD1, SD2, Wire, audit, edited, network, refused

from auditor.judge.causes.known_problems import NOBODY_THERE, NOT_LISTENING, WRONG_DOOR

D, FD, SD = 9101, 9102, 9103


def flow(folder: Path, tape: Wire, files: Mapping[str, str]) -> pd.Series:
    (found,) = (row for _, row in audit(folder, tape, files).flows.iterrows())
    return found


LISTENS = {
    "sd1": (
        edited("sd1", "Name = sd1;", "Name = sd1; Address = 127.0.0.1;"),
        FD1,
        SD1,
        SD,
        "sd1:2",
    ),
    "fd1": (edited("fd1", "Name = fd1;", "Name = fd1; Address = ::1;"), DIR, FD1, FD, "fd1:2"),
    "sd2": (edited("sd2", "Name = sd2;", "Name = sd2; Port = 9999;"), FD1, SD2, SD, "sd2:2"),
}


@pytest.mark.parametrize("host", LISTENS)
def test_where_the_acceptor_really_listens(host: str, tmp_path: Path) -> None:
    text, initiator, acceptor, port, line = LISTENS[host]
    tape = Wire().attempt(initiator, acceptor, port).rst()
    found = flow(tmp_path, tape, network(**{host: text}))
    assert found["cause"].startswith("because ")
    assert found["cause_kind"] == "target"
    places = [source.rpartition("/") for source in found["cause_sources"]]
    assert line.partition(":")[0] in {place[0].rpartition("/")[2] for place in places}
    assert str(tmp_path) not in found["cause"]  # places are short there: the finding lists them
    assert found["cause_remedy"] != ""


def test_who_is_there_but_says_nothing_does_listen(tmp_path: Path) -> None:
    """A firewall swallows it: that the daemon listens elsewhere would have drawn a RST."""
    text, *_ = LISTENS["sd1"]
    tape = Wire().attempt(FD1, SD1, SD).silence(9).other()
    assert flow(tmp_path, tape, network(sd1=text))["cause"] == ""


def test_another_pair_is_not_explained(tmp_path: Path) -> None:
    text, *_ = LISTENS["sd1"]
    tape = Wire().attempt(FD1, SD2, SD).rst()
    assert flow(tmp_path, tape, network(sd1=text))["cause"] == ""
    worked = Wire().dial(FD1, SD1, SD)
    assert flow(tmp_path / "open", worked, network(sd1=text))["cause"] == ""


def test_a_console_at_another_port_is_refused_by_who_listens_there(tmp_path: Path) -> None:
    """As where the Director's own host has a File Daemon (first Console trap, bareos.md §1.1)."""
    files = network(con=edited("con", f"Address = {DIR};", f"Address = {DIR}; Port = 9102;"))
    tape = Wire().dial(CON, DIR, FD, refused("R_CONSOLE\x1e*UserAgent*", 115)).turn_away()
    found = flow(tmp_path, tape, files)
    assert "9102" in found["cause"]
    assert any("con/" in source for source in found["cause_sources"])


def test_equal_problems_are_told_in_the_order_of_how_much_they_explain() -> None:
    for kinds in (NOBODY_THERE, NOT_LISTENING, WRONG_DOOR):
        assert len(set(kinds)) == len(kinds)
    assert set(NOBODY_THERE) < set(NOT_LISTENING)


def test_without_a_configuration_nothing_is_known(tmp_path: Path) -> None:
    tape = Wire().attempt(FD3, SD1, SD).rst()
    assert flow(tmp_path, tape, {})["cause"] == ""
