"""The connections that a configuration calls for, by number."""

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
    "acceptor": "storage daemon sd", "address": "sd.example", "port": 9103,
    "permission": "allowed", "permission_source": "dir.conf:4", "heartbeat_s": 30,
    "tls": "required", "jobs": ["a", "b"],
}  # fmt: skip


def shown(*changes: dict[str, Any]) -> list[str]:
    screen = Screen(RenderOptions())
    render_expectations(screen, records(build("expectations", [{**ROW, **one} for one in changes])))
    return [" ".join(line.split()) for line in screen.text().splitlines()]


def test_nothing_is_told_in_a_sentence() -> None:
    assert shown() == ["The configuration calls for no connection."]


def test_rows_are_below_the_title_of_their_number_and_the_header_is_written_once() -> None:
    other = {"connection": "3", "initiator": "director dir", "acceptor": "file daemon fd"}
    assert shown({}, other, {"port": 9203}) == [
        "6 File Daemon to Storage Daemon 2 connections",
        "initiator acceptor dials may it heartbeat TLS jobs",
        "fd sd sd.example:9103 allowed 30 s required 2",
        "fd sd sd.example:9203 allowed 30 s required 2",
        "3 Director to File Daemon 1 connection",
        "dir fd sd.example:9103 allowed 30 s required 2",
    ]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"address": ""}, "fd sd any address:9103 allowed 30 s required 2"),
        ({"heartbeat_s": 0}, "fd sd sd.example:9103 allowed system required 2"),
        ({"heartbeat_s": None}, "fd sd sd.example:9103 allowed ? required 2"),
        ({"jobs": []}, "fd sd sd.example:9103 allowed 30 s required"),
        ({"initiator": "any file daemon"}, "any file daemon sd sd.example:9103 allowed 30 s"),
    ],
)
def test_what_is_not_known_is_told(change: dict[str, Any], line: str) -> None:
    """bareos.md §0: 0 stands for the timers of the operating system."""
    assert shown(change)[2].startswith(line)


@pytest.mark.parametrize(
    ("change", "decided"),
    [
        ({"permission": "forbidden"}, ["forbidden by dir.conf:4"]),
        ({"permission": "required"}, ["required by dir.conf:4"]),
        ({"permission": "required", "permission_source": ""}, []),
        ({"permission": "allowed"}, []),
    ],
)
def test_a_decision_names_its_place(change: dict[str, Any], decided: list[str]) -> None:
    assert shown(change)[3:] == decided
