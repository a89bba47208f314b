"""One row a line to write: which connections it is for, when they first speak, what to write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scene import DIR, FD1, edited, network
from site_of import site_of

from auditor.judge.tables.settings import SETTINGS, setting_rows
from auditor.judge.tables.table import build
from auditor.site.idle_limits import read_idle_limits
from auditor.site.model import Site

NO_BEAT_DIR = edited("dir", "; Heartbeat Interval = 60", "")
NO_BEAT_FD = edited("fd3", "; Heartbeat Interval = 30", "")


def rows(site: Site, limit: Any = None, *exercised: str) -> list[dict[str, Any]]:
    found = list(setting_rows(site, read_idle_limits(limit), exercised))
    assert len(build("settings", found)) == len(found)
    assert all(row.keys() == SETTINGS.keys() for row in found)
    return found


def of(found: list[dict[str, Any]], *numbers: str) -> dict[str, Any]:
    """The only row of these connection numbers."""
    (one,) = [row for row in found if row["connections"] == list(numbers)]
    return one


def place(row: dict[str, Any]) -> str:
    path, _, line = row["source"].rpartition(":")
    return f"{Path(path).parent.name}:{line}"


def test_one_line_in_the_director_is_for_all_its_connections(tmp_path: Path) -> None:
    row = of(rows(site_of(tmp_path, dir=NO_BEAT_DIR), "60m"), "3", "5a", "5b")
    assert (row["resource"], place(row)) == ("Director dir", "dir:2")
    assert (row["heartbeat_s"], row["first_probe_s"], row["limit_s"]) == (0, 8100.0, 3600.0)
    assert row["state"] == (
        "no HeartbeatInterval is set, so the first probe comes after up to 2 h 15 min"
    )
    assert row["remedy"] == (
        f"Write HeartbeatInterval = 1200 into Director dir ({row['source']}), then restart "
        "director dir."
    )


def test_a_line_that_is_there_is_to_be_changed(tmp_path: Path) -> None:
    late = edited("dir", "Heartbeat Interval = 60", "Heartbeat Interval = 3600")
    row = of(rows(site_of(tmp_path, dir=late), "aws-nat-gateway"), "3", "5a", "5b")
    assert row["state"].startswith("HeartbeatInterval is 3600 s, so the first probe comes after")
    assert row["limit"] == "5 min 50 s (aws-nat-gateway: answered by RST)"
    assert row["remedy"].startswith(f"Write HeartbeatInterval = 120 at {row['source']} (Director")


def test_too_long_an_interval_is_none(tmp_path: Path) -> None:
    late = edited("fd3", "Heartbeat Interval = 30", "Heartbeat Interval = 40000")
    row = of(rows(site_of(tmp_path, fd3=late), "60m"), "4", "6")
    assert (row["heartbeat_s"], row["first_probe_s"]) == (0, 8100.0)
    assert "40000 s is more than the kernel takes" in row["state"]


def test_4_and_6_are_the_file_daemon_s_own_line(tmp_path: Path) -> None:
    row = of(rows(site_of(tmp_path, fd3=NO_BEAT_FD), 3600), "4", "6")
    assert (row["initiator"], row["resource"], place(row)) == (
        "file daemon fd3",
        "Client fd3",
        "fd3:2",
    )


def test_7_and_8_are_the_storage_daemon_s_own_line(tmp_path: Path) -> None:
    text = edited("sd1", "; Heartbeat Interval = 20", "")
    found = rows(site_of(tmp_path, sd1=text), 3600)
    row = of([row for row in found if row["heartbeat_s"] == 0], "7", "8")
    assert (row["initiator"], row["resource"], place(row)) == (
        "storage daemon sd1",
        "Storage sd1",
        "sd1:2",
    )


def test_a_console_s_line_is_in_its_own_file(tmp_path: Path) -> None:
    text = edited("con", "; Heartbeat Interval = 10", "")
    row = of(rows(site_of(tmp_path, con=text), 3600), "2")
    assert (row["resource"], place(row)) == ("Director dir", "con:2")
    assert row["remedy"] == f"Write HeartbeatInterval = 1200 into Director dir ({row['source']})."


def test_12_takes_a_connection_string_or_a_sysctl(tmp_path: Path) -> None:
    row = of(rows(site_of(tmp_path), 3600), "12")
    assert row["state"].startswith("libpq leaves the operating system's timers, so the first probe")
    assert 'Write DbName = "dbname=bareos keepalives_idle=1200" at' in row["remedy"]
    assert "net.ipv4.tcp_keepalive_time = 1200 on the host of director dir" in row["remedy"]


@pytest.mark.parametrize(
    ("tray", "first", "word"),
    [
        ("Monitor { Name = bareos-mon; Password = monpw }", 60.0, "RefreshInterval"),
        (
            "Monitor { Name = bareos-mon; Password = monpw; Refresh Interval = 300 }",
            300.0,
            "RefreshInterval",
        ),
        (None, 600.0, "sysctl"),
    ],
)
def test_the_tray_monitor_has_no_directive_and_speaks_by_itself(
    tray: str | None, first: float, word: str, tmp_path: Path
) -> None:
    """bareos.md §1.8: a status command every RefreshInterval, 600 s at most."""
    text = None
    if tray is not None:
        text = f"{tray}\nDirector {{ Name = dir; Address = {DIR} }}\n"
    found = rows(site_of(tmp_path, tray=text), "240s")
    monitor = next(row for row in found if not {"9", "10", "11"}.isdisjoint(row["connections"]))
    assert monitor["first_probe_s"] == first
    assert "No directive sets a timer" in monitor["remedy"]
    assert word in monitor["remedy"]


def test_what_is_not_at_hand_is_not_known_and_says_what(tmp_path: Path) -> None:
    found = rows(site_of(tmp_path, fd3=None), 3600)
    row = of(found, "4", "6")
    assert not row["known"]
    assert (row["heartbeat_s"], row["first_probe_s"]) == (None, None)
    assert "configuration of file daemon fd3 is not at hand" in row["state"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", DIR])
def test_what_stays_on_one_host_is_left_out(address: str, tmp_path: Path) -> None:
    text = edited("dir", "DbAddress = 10.0.0.5", f"DbAddress = {address}").replace(
        "Director { Name = dir", f"Director {{ Name = dir; Address = {DIR}"
    )
    found = rows(site_of(tmp_path, dir=text), 3600)
    assert all("12" not in row["connections"] for row in found)


def test_what_is_forbidden_is_left_out(tmp_path: Path) -> None:
    found = rows(site_of(tmp_path), 3600)
    fd1 = [row for row in found if row["initiator"] == "file daemon fd1"]
    assert [row["connections"] for row in fd1] == [["6"]], "it has no connection 4"


def test_only_what_the_limit_cuts_is_named(tmp_path: Path) -> None:
    row = of(rows(site_of(tmp_path, fd3=NO_BEAT_FD), {"4": "60m", "6": "5d"}), "4")
    assert (row["initiator"], row["limit_s"]) == ("file daemon fd3", 3600.0)
    row = of(rows(site_of(tmp_path / "pair"), {f"{FD1}/32 10.0.0.0/8": "20s"}), "6")
    assert (row["initiator"], row["limit_s"]) == ("file daemon fd1", 20.0)


def test_a_limit_of_never_is_a_limit(tmp_path: Path) -> None:
    found = rows(site_of(tmp_path, fd3=NO_BEAT_FD), "never")
    assert {(row["limited"], row["limit_s"], row["limit"]) for row in found} == {
        (True, None, "never")
    }
    assert {row["limited"] for row in rows(site_of(tmp_path / "b"))} == {False}


def test_the_system_s_timers_are_those_of_the_site_file(tmp_path: Path) -> None:
    site = site_of(tmp_path, site="keepalive: {idle: 600}", fd3=NO_BEAT_FD)
    assert of(rows(site, 3600), "4", "6")["first_probe_s"] == 675.0


def test_a_flow_makes_its_line_a_used_one(tmp_path: Path) -> None:
    found = rows(site_of(tmp_path), None, "4:fd3>dir")
    assert [row["initiator"] for row in found if row["used"]] == ["file daemon fd3"]


def test_many_clients_have_a_row_each_and_the_director_one(tmp_path: Path) -> None:
    clients = "".join(
        f"Client {{ Name = c{n}; Address = 10.3.{n}.1; Password = p{n} }}\n" for n in range(40)
    )
    files = network(dir=NO_BEAT_DIR + clients)
    for n in range(40):
        files[f"c{n}/bareos-fd.conf"] = (
            f"Client {{ Name = c{n} }}\nDirector {{ Name = dir; Password = p{n} }}\n"
        )
    found = rows(site_of(tmp_path, files), 3600)
    assert len([row for row in found if "3" in row["connections"]]) == 1
    assert len([row for row in found if row["initiator"].startswith("file daemon c")]) == 40
