"""The connections that a configuration calls for, by number: what may be, and what may not."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.judge.tables.table import build
from auditor.report.cells import records
from auditor.report.interface import RenderOptions
from auditor.report.terminal.planned import render_expectations
from auditor.report.terminal.screen import Screen

ROW = {
    "id": "6:fd>sd", "connection": "6", "initiator": "file daemon fd",
    "initiator_addresses": ["10.0.0.31"], "acceptor": "storage daemon sd",
    "address": "sd.example", "port": 9103, "permission": "allowed",
    "permission_source": "dir.conf:4", "heartbeat_s": 30, "idle_s": 30, "tls": "required",
    "jobs": ["a", "b"], "director": "dir", "sources": ["dir.conf:4", "dir.conf:9"],
}  # fmt: skip
FORBIDDEN = {
    "permission": "forbidden", "connection": "7", "initiator": "storage daemon sd",
    "acceptor": "file daemon fd",
}  # fmt: skip
TITLES = {"6": "6 File Daemon to Storage Daemon", "7": "7 Storage Daemon to File Daemon"}


def shown(*changes: dict[str, Any], width: int = 100) -> list[str]:
    screen = Screen(RenderOptions(width=width))
    render_expectations(screen, records(build("expectations", [{**ROW, **one} for one in changes])))
    return [" ".join(line.split()) for line in screen.text().splitlines()]


def test_nothing_is_told_in_a_sentence() -> None:
    assert shown() == ["The configuration calls for no connection."]


def test_rows_are_below_the_title_of_their_number_and_the_header_is_written_once() -> None:
    other = {"connection": "3", "initiator": "director dir", "acceptor": "file daemon fd"}
    assert shown({}, {"port": 9203}, other) == [
        "6 File Daemon to Storage Daemon 2 connections",
        "initiator from acceptor dials may it heartbeat TLS jobs",
        "fd 10.0.0.31 sd sd.example:9103 allowed 30 s required 2",
        "fd 10.0.0.31 sd sd.example:9203 allowed 30 s required 2",
        "3 Director to File Daemon 1 connection",
        "dir 10.0.0.31 fd sd.example:9103 allowed 30 s required 2",
    ]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"address": ""}, "fd 10.0.0.31 sd any address:9103 allowed 30 s"),
        ({"address": "fd00::20"}, "fd 10.0.0.31 sd [fd00::20]:9103 allowed 30 s"),
        ({"heartbeat_s": 0, "idle_s": 7200}, "fd 10.0.0.31 sd sd.example:9103 allowed 2 h (system"),
        ({"heartbeat_s": 0, "idle_s": 600}, "fd 10.0.0.31 sd sd.example:9103 allowed 10 min (sys"),
        ({"heartbeat_s": None, "idle_s": None}, "fd 10.0.0.31 sd sd.example:9103 allowed ? req"),
        ({"jobs": []}, "fd 10.0.0.31 sd sd.example:9103 allowed 30 s required"),
        ({"initiator": "any file daemon"}, "any file daemon 10.0.0.31 sd sd.example:9103"),
    ],
)
def test_what_is_not_known_or_the_systems_is_told(change: dict[str, Any], line: str) -> None:
    """bareos.md §0: 0 stands for the timers of the operating system."""
    assert shown(change)[2].startswith(line)


@pytest.mark.parametrize(
    ("addresses", "bound", "told"),
    [
        (["10.0.0.31"], "", "10.0.0.31"),
        (["10.0.0.31", "10.9.0.31", "fd00::31"], "", "10.0.0.31 or 2 more"),
        (["10.0.0.31", "10.9.0.31"], "10.9.0.31", "10.9.0.31"),
        ([], "", "any address"),
    ],
)
def test_it_says_from_which_address(addresses: list[str], bound: str, told: str) -> None:
    """bareos.md §1.0: SourceAddress is bound to."""
    line = shown({"initiator_addresses": addresses, "source_address": bound})[2]
    assert line.startswith(f"fd {told} sd ")


def test_what_is_forbidden_is_apart_and_says_where_once_for_all_it_decides() -> None:
    lines = shown({}, FORBIDDEN, {**FORBIDDEN, "port": 9203}, {**FORBIDDEN, "port": 1})
    assert lines[:3] == [
        f"{TITLES['6']} 1 connection",
        "initiator from acceptor dials may it heartbeat TLS jobs",
        "fd 10.0.0.31 sd sd.example:9103 allowed 30 s required 2",
    ]
    assert lines[3] == ""
    assert lines[4].startswith("Forbidden ─")
    assert lines[5] == f"{TITLES['7']} 3 connections"
    assert [line.split()[4:6] for line in lines[7:10]] == [["forbidden", "30"]] * 3
    assert lines[10:] == ["forbidden by dir.conf:4"]


@pytest.mark.parametrize(
    ("change", "decided"),
    [
        ({"permission": "required"}, ["required by dir.conf:4"]),
        ({"permission": "required", "permission_source": ""}, []),
        ({"permission": "allowed"}, []),
    ],
)
def test_a_decision_names_its_place(change: dict[str, Any], decided: list[str]) -> None:
    assert shown(change)[3:] == decided


def test_several_resources_of_one_daemon_are_one_connection_with_their_lines() -> None:
    second = {"id": "6:fd>sd(b)", "heartbeat_s": 9, "jobs": ["b", "c"],
              "sources": ["dir.conf:4", "dir.conf:20", "more.conf:3"]}  # fmt: skip
    third = {"heartbeat_s": 0, "idle_s": 7200, "sources": ["dir.conf:4", "dir.conf:30"]}
    lines = shown({"jobs": ["a", "b"]}, second, third, width=120)
    assert lines[0] == f"{TITLES['6']} 1 connection"
    assert lines[2:] == [
        "fd 10.0.0.31 sd sd.example:9103 allowed 9 s or 30 s or 2 h (system) required 3",
        "3 resources: dir.conf:9, 20, 30; more.conf:3",
    ]


def test_storage_resources_at_one_address_are_one_daemon() -> None:
    """Without its own configuration each has the name that the Director gives it."""
    line = shown({}, {"acceptor": "storage daemon b", "heartbeat_s": 9})[2]
    assert line == "fd 10.0.0.31 sd, b sd.example:9103 allowed 9 s or 30 s required 2"
    seven = {**FORBIDDEN, "permission": "allowed", "heartbeat_s": None, "idle_s": None}
    line = shown(seven, {**seven, "initiator": "storage daemon b"})[2]
    assert line == "sd, b 10.0.0.31 fd sd.example:9103 allowed ? required 2"


def test_one_address_by_two_spellings_is_one_connection() -> None:
    spelt = {"addresses": ["10.0.0.20"], "heartbeat_s": 9}
    other = {**spelt, "address": "10.0.0.20", "heartbeat_s": 0, "idle_s": 7200}
    lines = shown(spelt, other)
    assert lines[0] == f"{TITLES['6']} 1 connection"
    assert lines[2] == "fd 10.0.0.31 sd 10.0.0.20:9103 allowed 9 s or 2 h (system) required 2"


@pytest.mark.parametrize(
    "change",
    [
        {"address": "other"},
        {"port": 1},
        {"address": "", "acceptor": "storage daemon b"},
        {"initiator": "file daemon b"},
        {"director": "second"},
    ],
)
def test_what_is_dialled_otherwise_is_another_connection(change: dict[str, Any]) -> None:
    assert shown({}, change)[0] == f"{TITLES['6']} 2 connections"
