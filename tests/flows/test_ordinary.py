"""Which connections are ordinary, and what makes two of them different."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from auditor.flows.ordinary import NOT_ORDINARY, ORDINARY, ordinary_kind
from auditor.flows.tables import FLOW, SIDE
from auditor.flows.tcp_state import (
    ACKED,
    FIN_ACKED,
    FIRST_SEEN,
    HAS_ISN,
    IDLE,
    NEVER,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
)

SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND
SEED = np.uint64(0xFEDCBA9876543210)
BITS = HAS_ISN | ACKED | FIRST_SEEN | FIN_ACKED


@pytest.fixture(autouse=True)
def _wrapping() -> Iterator[None]:
    with np.errstate(over="ignore"):
        yield


def connection() -> tuple[Any, Any]:
    """A login of 300 and 500 octets within half a second, closed by who dialled."""
    flows, sides = np.zeros(1, FLOW), np.zeros(2, SIDE)
    flows["attempts"] = flows["syns"] = 1
    flows["first"], flows["ended"] = START, START + SECOND // 2
    for column in (
        "last_probe",
        "rst",
        "rst_ahead",
        "skip_time",
        "doubt_since",
        "ahead_first",
        "claimed",
    ):
        sides[column] = NEVER
    sides["fin"] = flows["ended"] - [5, 0]
    sides["bits"] = [BITS | SENT_SYN | SENT_ACK, BITS | SENT_SYN_ACK | SENT_ACK]
    sides["payload_bytes"] = [300, 500]
    sides["next"] = sides["acked"] = [302, 502]
    sides["segments"], sides["ttl"], sides["words"] = 5, 64, [7 << 31, 8 << 31]
    sides["last_receipt"] = sides["sent_at"] = START
    return flows, sides


def kind(change: dict[str, Any], side: int | None = None, *, thinned: bool = False) -> int:
    """Return the kind of a connection of which this is different; ``side``: of one of its sides."""
    flows, sides = connection()
    for column, value in change.items():
        if side is None:
            flows[0][column] = value
        else:
            sides[side][column] = value
    return int(ordinary_kind(flows[0], sides[0], sides[1], thinned, SEED))


PLAIN = kind({})


def test_a_login_that_is_over_is_ordinary() -> None:
    assert PLAIN & ~(ORDINARY - 1) == ORDINARY
    assert kind({}) == PLAIN


@pytest.mark.parametrize(
    "change",
    [
        {"first": 5}, {"last": 99}, {"a_port": 5}, {"rtt": 5}, {"survived": SECOND - 1},
        {"attempts": 9, "syns": 9},
    ],
)  # fmt: skip
def test_what_decides_nothing_makes_no_difference(change: dict[str, Any]) -> None:
    assert kind(change) == PLAIN


@pytest.mark.parametrize(
    "change",
    [
        {"ended": NEVER}, {"opener": -1}, {"tampered": 1}, {"syns": 2}, {"survived": SECOND},
        {"icmp_count": [1, 0]}, {"icmp_count": [0, 1]},
    ],
)  # fmt: skip
def test_a_flow_that_is_no_ordinary_connection(change: dict[str, Any]) -> None:
    assert kind(change) == NOT_ORDINARY


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    "change",
    [
        {"payload_bytes": 0}, {"words": -1}, {"words": 0}, {"missing": 1}, {"gap_count": 1},
        {"last_probe": 5}, {"odd_probe": 5}, {"unasked": 1}, {"rival_count": 1}, {"rst_ahead": 5},
        {"skip_time": 5}, {"ahead_first": 5}, {"claimed": 5}, {"rst": 5, "rst_ttl": 63},
        {"stall_sends": 2},
        {"stall_sends": 1, "stall_silence": SECOND}, {"longest_idle": SECOND},
        {"doubt_longest": SECOND}, {"bits": BITS & ~HAS_ISN},
        {"bits": BITS | SENT_SYN | SENT_SYN_ACK | SENT_ACK | IDLE, "idle_since": START - SECOND},
        {"acked": 9, "fin": NEVER, "last_receipt": START - SECOND, "sent_at": START - SECOND},
    ],
)  # fmt: skip
def test_a_side_that_may_decide_something_by_itself(change: dict[str, Any], side: int) -> None:
    assert kind(change, side) == NOT_ORDINARY


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("column", ["missing", "gap_count"])
def test_what_thinning_left_out_is_not_lost(column: str, side: int) -> None:
    assert kind({column: 1}, side, thinned=True) == PLAIN


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    "change",
    [
        {"words": 9 << 31}, {"words": 7 << 31 | 1}, {"ttl": 63}, {"fin": NEVER},
        {"fin": START + 9}, {"rst": START + 9, "rst_ttl": 64}, {"retransmissions": 1},
        {"zero_windows": 1}, {"stall_sends": 1}, {"next": 2, "acked": 2}, {"next": 6, "acked": 6},
        {"next": 40, "acked": 40}, {"next": 120, "acked": 120},
    ],
)  # fmt: skip
def test_what_is_told_of_a_side_makes_another_kind(change: dict[str, Any], side: int) -> None:
    if (side, change) == (0, {"fin": START + 9}):
        change = {"fin": START + SECOND}  # who closed first is what is told
    found = kind(change, side)
    assert found not in {PLAIN, NOT_ORDINARY}
    assert found & ~(ORDINARY - 1) == ORDINARY


def test_frames_that_came_twice_make_another_kind() -> None:
    assert kind({"duplicates": 1}) not in {PLAIN, NOT_ORDINARY}
    assert kind({"duplicates": 1}) == kind({"duplicates": 7})
