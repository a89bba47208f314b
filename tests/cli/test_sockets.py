"""``bareos-audit sockets``: what this host's sockets are set to, held against the configuration."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import Result
from commandline import refused, run
from livenet import DAEMONS, DIRECTOR, HEARTBEAT_LINE, V4, V6, configuration, ordering
from netns import Namespace, join, namespaces, need, set_keepalive, why_no_bpf

import auditor
from auditor.errors import CaptureError
from auditor.packets.pcapng_comments import SocketFact

#: Connections in the test that makes many: a prime number.
MANY = 7


@pytest.fixture(scope="module")
def ends() -> Iterator[list[Namespace]]:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair)
        yield pair


def sockets(home: Namespace, *arguments: str | Path) -> Result:
    with home.entered():
        return run("sockets", *arguments)


def rows(result: Result) -> list[Any]:
    document = json.loads(result.stdout)
    assert document["schema"] == "bareos-sockets/1"
    found: list[Any] = document["sockets"]
    return found


@pytest.mark.parametrize("family", [V4, V6], ids=["ipv4", "ipv6"])
def test_the_initiators_socket_is_held_against_its_heartbeat(
    ends: list[Namespace], tmp_path: Path, family: int
) -> None:
    config = configuration(tmp_path)
    with ordering(*ends, family=family, idle=60, interval=60):
        result = sockets(ends[0], "-c", config, "-f", "json")
    (row,) = rows(result)
    assert result.exit_code == 0
    assert (row["connection"], row["side"], row["verdict"]) == ("5a", "initiator", "pass")
    assert (row["initiator"], row["acceptor"]) == (
        "director dir",
        "storage daemon " + ("sd1", "sd6")[family],
    )
    assert (row["local_address"], row["remote_address"]) == (DIRECTOR[family], DAEMONS[family])
    assert (row["idle_s"], row["interval_s"], row["own"]) == (60, 60, True)
    assert (row["pid"], row["state"], row["heartbeat_s"]) == (os.getpid(), "ESTABLISHED", 60)
    assert 0 <= row["heard_s"] < 5


def test_a_wrong_one_fails_with_file_and_line(ends: list[Namespace], tmp_path: Path) -> None:
    config = configuration(tmp_path)
    with ordering(*ends):
        result = sockets(ends[0], "-c", config)
    assert result.exit_code == 13
    told = " ".join(result.stdout.split())
    assert "7200/75 s ×9" in told
    assert "left its socket on the system's timer of 7200 s where 60 s is configured" in told
    assert HEARTBEAT_LINE in told.replace(" ", "")


def test_a_waiver_covers_it(ends: list[Namespace], tmp_path: Path) -> None:
    config = configuration(tmp_path / "config")
    site = tmp_path / "site.yaml"
    site.write_text(
        "waivers: [{rule: socket-heartbeat-wrong, daemon: dir, until: 2999-01-01, reason: known}]"
    )
    with ordering(*ends):
        result = sockets(ends[0], "-c", config, "--site", site)
    assert result.exit_code == 0
    assert "[waived: known]" in result.stdout


def test_the_acceptors_end_is_told_and_not_judged(ends: list[Namespace], tmp_path: Path) -> None:
    config = configuration(tmp_path)
    with ordering(*ends):
        result = sockets(ends[1], "-c", config, "-f", "json")
    (row,) = rows(result)
    assert (row["connection"], row["side"], row["verdict"]) == ("5a", "acceptor", "notapplicable")
    assert result.exit_code == 0


def test_on_one_host_both_ends_have_a_row(tmp_path: Path) -> None:
    need(why_no_bpf())
    with namespaces(1) as (home,):
        home.run("ip", "addr", "add", f"{DIRECTOR[V4]}/32", "dev", "lo")
        home.run("ip", "addr", "add", f"{DAEMONS[V4]}/32", "dev", "lo")
        with ordering(home, home, idle=60):
            result = sockets(home, "-c", configuration(tmp_path), "-f", "json")
    assert sorted(row["side"] for row in rows(result)) == ["acceptor", "initiator"]
    assert {row["pid"] for row in rows(result)} == {os.getpid()}


def test_csv_has_a_line_for_each_of_many(ends: list[Namespace], tmp_path: Path) -> None:
    config = configuration(tmp_path)
    with ExitStack() as stack:
        with ends[1].entered():
            there = stack.enter_context(socket.create_server((DAEMONS[V4], 9103), backlog=MANY))
        for number in range(MANY):
            with ends[0].entered():
                initiator = stack.enter_context(socket.socket())
            set_keepalive(initiator, idle=60 if number else None)
            initiator.connect(there.getsockname())
        result = sockets(ends[0], "-c", config, "-f", "csv")
    told = list(csv.DictReader(io.StringIO(result.stdout)))
    assert sorted(line["verdict"] for line in told) == ["fail", *["pass"] * (MANY - 1)]
    assert result.exit_code == 13


def test_only_listening_is_no_connection(ends: list[Namespace], tmp_path: Path) -> None:
    with ends[1].entered(), socket.create_server((DAEMONS[V4], 9103)):
        result = sockets(ends[1], "-c", configuration(tmp_path))
    assert result.stdout == "There is no socket on any of the site's ports.\n"
    assert result.exit_code == 3


def test_without_a_configuration_the_settings_are_shown(ends: list[Namespace]) -> None:
    with ordering(*ends, idle=30):
        result = sockets(ends[0])
    assert "30/75 s ×9" in result.stdout
    assert result.exit_code == 0


def fact(local: tuple[str, int], remote: tuple[str, int], process: str, **more: Any) -> SocketFact:
    usual = {"state": "ESTABLISHED", "keepalive": True, "idle_s": 60.0, "interval_s": 60.0}
    usual |= {"count": 9, "own_timers": True, "pid": 5, "heard_s": None}
    return SocketFact(time=1, local=local, remote=remote, process=process, **usual | more)


ONE_HOST = """
Director {
  Name = dir
  Address = 192.0.2.1
  Password = x
}
Client {
  Name = fd1
  Address = 192.0.2.1
  Password = x
}
Storage {
  Name = sd1
  Address = 192.0.2.1
  Password = x
  Device = d
  Media Type = F
}
"""


@pytest.mark.parametrize(
    ("process", "number"), [("bareos-dir", "5a"), ("bareos-fd", "6"), ("python3", "")]
)
def test_on_a_host_of_several_daemons_the_process_tells_the_number(
    tmp_path: Path, process: str, number: str
) -> None:
    (tmp_path / "bareos-dir.conf").write_text(ONE_HOST)
    ends = ("192.0.2.1", 41000), ("192.0.2.1", 9103)
    facts = [
        fact(*ends, process),
        fact(("0.0.0.0", 9103), ("0.0.0.0", 0), "bareos-sd", state="LISTEN"),
    ]
    with patch("auditor.capture.sockets.socket_table.read_sockets", return_value=facts):
        table = auditor.sockets(config=tmp_path, resolve=False)
    assert list(table["connection"]) == [number]


def test_a_hostile_process_name_cannot_move_the_cursor() -> None:
    facts = [fact(("192.0.2.1", 41000), ("192.0.2.2", 9103), "a\x1b[2J")]
    with patch("auditor.capture.sockets.socket_table.read_sockets", return_value=facts):
        for form in ("table", "json", "csv"):
            assert "\x1b" not in run("sockets", "-f", form).stdout


def test_where_the_kernel_cannot_be_asked_it_is_a_sentence() -> None:
    error = CaptureError("CAP_BPF missing.")
    with patch("auditor.capture.sockets.socket_table.read_sockets", side_effect=error):
        assert refused("sockets") == "CAP_BPF missing."
