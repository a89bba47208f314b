"""What makes a live line worth a second one; how one reads is in test_watch.py."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.cli import live_lines as module
from auditor.cli.live_lines import Lines
from auditor.judge.tables.table import build
from auditor.pipeline.live import Seen

START = 1_800_000_000_000_000_000
NOW = START + 500_000_000


def seen(port: int = 40000, *, unknowns: tuple[str, ...] = (), **changes: Any) -> Seen:
    usual = {
        "initiator_address": "192.0.2.1",
        "initiator_port": port,
        "acceptor_address": "192.0.2.2",
        "acceptor_port": 9103,
        "started": START,
        "connection": "5a",
        "outcome": "established",
        "transport": "tls",
        "identity_type": "R_DIRECTOR",
        "identity_name": "dir",
    }
    return Seen(build("flows", [usual | changes]).row(0), (), unknowns)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"outcome": "refused"}, True),
        ({"connection": "5b"}, True),
        ({"transport": "cleartext"}, True),
        ({"identity_name": "other"}, True),
        ({"started": START + 1}, True),  # the same ports once more
        ({"heartbeat_observed_s": 60.0}, False),
        ({"ended": START + 1}, False),
    ],
)
def test_a_line_comes_again_when_what_it_is_about_changes(
    changes: dict[str, Any], told: bool
) -> None:
    lines = Lines()
    assert len(list(lines.news([seen()], NOW))) == 1
    assert len(list(lines.news([seen(**changes)], NOW))) == told


@pytest.mark.parametrize(
    ("outcome", "told"), [("midstream", "no SYN"), ("refused", "refused"), ("established",) * 2]
)
def test_what_became_of_a_connection_is_said_in_words(outcome: str, told: str) -> None:
    (line,) = Lines().news([seen(outcome=outcome)], NOW)
    assert f":9103  {told}  TLS" in line


def test_a_rule_that_abstains_is_named() -> None:
    (line,) = Lines().news([seen(unknowns=("a", "b"))], NOW)
    assert line.endswith("  unknown a, b")


@pytest.mark.parametrize(
    ("reason", "end"),
    [("it may be any of 6, 8", "  unknown: it may be any of 6, 8"), ("", "  unknown")],
)
def test_what_has_no_number_never_passes(reason: str, end: str) -> None:
    (line,) = Lines().news([seen(connection=None, match_reason=reason)], NOW)
    assert line.endswith(end)


@pytest.mark.parametrize(
    ("socket", "told"),
    [
        ({"socket_own": True, "socket_idle_s": 60.0}, "heartbeat 60 s set"),
        ({"socket_own": False, "socket_idle_s": 7200.0}, "heartbeat 7200 s (system)"),
        ({"socket_keepalive": "off"}, "keepalive off"),
    ],
)
def test_a_heartbeat_is_set_only_where_somebody_set_it(socket: dict[str, Any], told: str) -> None:
    known = {"socket_side": "initiator", "socket_keepalive": "on"}
    (line,) = Lines().news([seen(**{**known, **socket})], NOW)
    assert f"  {told}  " in line


@pytest.mark.parametrize(
    "changes",
    [
        {"identity_type": None, "transport": "postgresql"},  # it names itself in no Hello
        {"identity_type": None, "ended": NOW},
        {"identity_type": None, "started": NOW - 2_000_000_001},
        {"identity_type": None, "segments": 0},  # its socket was there before
    ],
)
def test_who_will_name_itself_no_more_is_not_waited_for(changes: dict[str, Any]) -> None:
    assert len(list(Lines().news([seen(**changes)], NOW))) == 1


def test_memory_is_bounded_and_the_one_seen_longest_ago_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 3)
    lines = Lines()

    def told(*ports: int) -> int:
        return len(list(lines.news([seen(port) for port in ports], NOW)))

    assert told(1, 2, 3) == 3
    assert told(1) == 0, "and now 2 is the one seen longest ago"
    assert told(4) == 1
    assert told(1, 3, 4) == 0
    assert told(2) == 1


def test_a_line_is_of_bounded_length_and_moves_no_cursor() -> None:
    (line,) = Lines().news([seen(identity_name="\x1b[2J" + "x" * 9999)], NOW)
    assert len(line) <= 400 and "\x1b" not in line
