"""The table of a host's sockets, and what is wrong with any of them."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.judge.tables.table import build
from auditor.report.cells import records
from auditor.report.interface import RenderOptions
from auditor.report.terminal.screen import Screen
from auditor.report.terminal.sockets import render_sockets

SOCKET = {
    "connection": "5a", "confidence": "certain", "side": "initiator",
    "initiator": "director dir", "acceptor": "storage daemon sd",
    "process": "bareos-dir", "pid": 711,
    "local_address": "192.0.2.10", "local_port": 40001,
    "remote_address": "192.0.2.20", "remote_port": 9103,
    "state": "ESTABLISHED", "keepalive": "on",
    "idle_s": 60.0, "interval_s": 60.0, "count": 9, "own": True, "heard_s": 1.5,
    "heartbeat_s": 60, "heartbeat_source": "dir.conf:2", "verdict": "pass", "reason": "60 s is due",
}  # fmt: skip


def shown(*changes: dict[str, Any], width: int = 100, plain: bool = False) -> str:
    table = build("sockets", [{**SOCKET, **change} for change in changes])
    screen = Screen(RenderOptions(width=width, plain=plain))
    render_sockets(screen, records(table))
    return screen.text()


def cells(change: dict[str, Any], **options: Any) -> str:
    """Return the line of one socket with single blanks."""
    return " ".join(shown(change, **options).splitlines()[1].split())


def test_no_socket_at_all_is_told_in_a_sentence() -> None:
    assert shown() == "There is no socket on any of the site's ports.\n"


def test_a_socket_is_one_line_below_the_header() -> None:
    header, line = shown({}).splitlines()
    assert header.split() == [
        "no.", "process", "local", "remote", "state", "keepalive", "heard", "verdict",
    ]  # fmt: skip
    assert " ".join(line.split()) == (
        "5a bareos-dir 711 192.0.2.10:40001 → 192.0.2.20:9103 60/60 s ×9 1.5 s pass"
    )


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"connection": ""}, "- bareos-dir"),
        ({"process": "", "pid": None}, "5a ? 192.0.2.10"),
        ({"process": "", "pid": 7}, "5a ? 7 192.0.2.10"),
        ({"side": "acceptor"}, "192.0.2.10:40001 ← 192.0.2.20:9103"),
        ({"local_address": "2001:db8::1"}, "[2001:db8::1]:40001 →"),
        ({"state": "CLOSE-WAIT"}, ":9103 close-wait 60/60 s"),
        ({"idle_s": 7200.0, "interval_s": 75.0, "own": False}, "7200/75 s ×9 (system)"),
        ({"idle_s": 0.5, "interval_s": 60.0}, "0.5/60 s ×9"),
        ({"keepalive": "off"}, ":9103 off 1.5 s pass"),
        ({"heard_s": None}, "×9 pass"),
        ({"heard_s": 7200.0}, "×9 2 h pass"),
        ({"verdict": "notapplicable"}, "1.5 s -"),
    ],
)
def test_each_cell_is_as_short_as_it_can_be(change: dict[str, Any], part: str) -> None:
    assert part in cells(change)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    assert "192.0.2.10:40001 -> 192.0.2.20:9103 60/60 s x9" in cells({}, plain=True)


def test_a_narrow_terminal_does_without_state_and_silence() -> None:
    text = shown({"state": "CLOSE-WAIT"}, width=99)
    assert "close-wait" not in text
    assert "1.5 s" not in text
    assert text.splitlines()[0].split()[-2:] == ["keepalive", "verdict"]
    assert "close-wait" in shown({"state": "CLOSE-WAIT"}, width=100)


_LONG = {
    "local_address": "2001:db8:1234:5678:9abc:def0:1234:5678",
    "local_port": 65535,
    "remote_address": "2001:db8:8765:4321:fedc:ba98:7654:3210",
    "state": "ESTABLISHED", "idle_s": 7200.0, "interval_s": 75.0, "own": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{}, {"idle_s": 7200.0, "interval_s": 75.0, "own": False}, _LONG, {"pid": 4194304}],
)
@pytest.mark.parametrize("width", [60, 80, 99, 100, 120])
def test_no_width_splits_an_address_or_a_port(change: dict[str, Any], width: int) -> None:
    words = shown(change, width=width).split()
    row = {**SOCKET, **change}
    for end in ("local", "remote"):
        address, port = row[f"{end}_address"], row[f"{end}_port"]
        assert (f"[{address}]:{port}" if ":" in address else f"{address}:{port}") in words


def test_where_the_table_is_too_wide_the_ends_have_a_line_of_their_own() -> None:
    change = {"idle_s": 7200.0, "interval_s": 75.0, "own": False}
    header, line, ends = shown(change, width=80).splitlines()
    assert header.split() == ["no.", "process", "keepalive", "verdict"]
    assert line.split() == ["5a", "bareos-dir", "711", "7200/75", "s", "×9", "(system)", "pass"]
    assert ends.strip() == "192.0.2.10:40001 → 192.0.2.20:9103"


@pytest.mark.parametrize("verdict", ["fail", "unknown"])
def test_what_did_not_pass_has_its_reason_and_place_below(verdict: str) -> None:
    lines = [line.strip() for line in shown({"verdict": verdict}).splitlines()]
    assert lines[2:] == ["60 s is due", "see dir.conf:2"]


def test_a_waived_one_says_so_and_one_without_source_points_nowhere() -> None:
    change = {"verdict": "fail", "waived": "known", "heartbeat_source": ""}
    lines = [line.strip() for line in shown(change).splitlines()]
    assert lines[2:] == ["60 s is due [waived: known]"]
