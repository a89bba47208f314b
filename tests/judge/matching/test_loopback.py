"""Flows over loopback belong to the host that recorded them (bareos.md §7.9)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from scene import DIR, DIRECTOR, FD1, FD2, Wire, audit, edited, network

FD, SD = 9102, 9103
LOCAL = network(dir=edited("dir", "sd1; Address = 10.0.0.20", "sd1; Address = localhost"))


def dialled(folder: Path, tape: Wire) -> pd.DataFrame:
    return audit(folder, tape, LOCAL).flows.query("initiator_address in ['127.0.0.1', '::1']")


@pytest.mark.parametrize("loopback", ["127.0.0.1", "::1"])
def test_a_client_that_was_told_localhost_dials_itself(loopback: str, tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD1, FD, DIRECTOR)
    for _ in range(3):
        tape.silence(10).attempt(loopback, loopback, SD).rst()
    found = dialled(tmp_path, tape)
    assert list(found["connection"]) == ["6"] * 3
    assert set(found["initiator_daemon"]) == {"file daemon fd1"}
    assert set(found["confidence"]) == {"likely"}
    assert all("to dial localhost" in cause for cause in found["cause"])


def test_the_host_is_the_one_that_every_other_flow_has(tmp_path: Path) -> None:
    tape = Wire().dial(DIR, FD1, FD, DIRECTOR).dial(DIR, FD2, FD, DIRECTOR)
    tape.attempt("127.0.0.1", "127.0.0.1", SD).rst()
    (number,) = dialled(tmp_path, tape)["connection"]
    assert number == "5a"  # on the Director's own host it is the Director


def test_without_another_flow_nobody_knows_the_host(tmp_path: Path) -> None:
    (found,) = dialled(tmp_path, Wire().attempt("127.0.0.1", "127.0.0.1", SD).rst())["connection"]
    assert found == ""


def test_before_the_3_it_is_the_director_that_dials(tmp_path: Path) -> None:
    """Of a single flow either end may have recorded it: the order of a job's connections tells."""
    tape = Wire().attempt("127.0.0.1", "127.0.0.1", SD).rst().dial(DIR, FD1, FD, DIRECTOR)
    tape.hang_up().silence(5).attempt("127.0.0.1", "127.0.0.1", SD).rst()
    assert list(dialled(tmp_path, tape)["connection"]) == ["5a", "5a"]


@pytest.mark.parametrize("step", [-1, -3600, 7, 3600])
def test_where_the_clock_was_set_times_do_not_make_it_the_director(
    step: int, tmp_path: Path
) -> None:
    tape = Wire().dial(DIR, FD1, FD, DIRECTOR).silence(step)
    tape.attempt("127.0.0.1", "127.0.0.1", SD).rst().silence(-step)
    tape.beats(1, 1)
    (number,) = dialled(tmp_path, tape)["connection"]
    assert number == ("" if step < 0 else "6")


def test_two_clients_say_nothing(tmp_path: Path) -> None:
    tape = Wire().dial(FD1, FD2, FD).attempt("127.0.0.1", "127.0.0.1", SD).rst()
    (found,) = dialled(tmp_path, tape)["connection"]
    assert found == ""


@pytest.mark.parametrize("loopback", ["127.0.0.1", "::1"])
def test_a_console_that_is_to_dial_its_own_host_is_the_one_that_is_refused_there(
    loopback: str, tmp_path: Path
) -> None:
    files = network(con=edited("con", f"Address = {DIR}", "Address = localhost"), tray=None)
    named = f"Director {{ Name = dir; Address = {DIR}; Password = x }}\n"
    for name in ("admin", "bareos-mon"):
        console = f"Console {{ Name = {name}; Password = {name[-5:]}pw }}\n"
        files[f"{name}/bconsole.conf"] = named + console
    tape = Wire().attempt(loopback, loopback, 9101).rst()
    (flow,) = audit(tmp_path / "told", tape, files).tables["flows"].rows()
    assert (flow["connection"], flow["confidence"]) == ("2", "likely")
    assert "dials localhost, its own host" in flow["cause"]
