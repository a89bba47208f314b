"""What makes two attempts alike: hosts, port, who dialled, and all that was seen of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from auditor.flows.alike import UNLIKE, dialler_of, group, kind_of
from auditor.flows.tables import FLOW, HELLO_BYTES, SIDE, STATE, TRACE
from auditor.flows.tcp_state import IDLE, NEVER, NONE, SENT_ACK, SENT_SYN, SENT_SYN_ACK

SECOND = 1_000_000_000


@pytest.fixture(autouse=True)
def _wrapping() -> Iterator[None]:
    with np.errstate(over="ignore"):  # the hashes wrap, and un-jitted they would warn
        yield


def attempts(count: int) -> tuple[Any, Any]:
    """Flows of 10.0.0.1, port 9101, each dialled from another port of 10.0.0.2."""
    flows, sides = np.zeros(count, FLOW), np.zeros(2 * count, SIDE)
    flows["a_lo"], flows["b_lo"] = 0xFFFF0A000001, 0xFFFF0A000002
    flows["a_port"], flows["b_port"] = 9101, np.arange(count) + 40_000
    flows["opener"], flows["ended"] = 1, NEVER
    for column in ("last_probe", "fin", "rst"):
        sides[column] = NEVER
    sides["hello"] = NONE
    sides["bits"][1::2], sides["segments"][1::2] = SENT_SYN, 1
    return flows, sides


def groups(flows: Any, sides: Any) -> list[int]:
    count = len(flows)
    states = np.zeros(1, STATE)
    states["seeds"] = np.random.default_rng().integers(0, 1 << 63, 10, "u8")
    states["latest"] = 100 * SECOND
    heads, kinds, diallers = np.full(64, NONE, "i4"), np.zeros(count, "i8"), np.zeros(count, "u1")
    following, found, ranks, sizes = np.zeros((4, count), "i4")
    group(
        states,
        flows,
        sides,
        np.zeros((1, HELLO_BYTES), "u1"),
        np.zeros((1, HELLO_BYTES // 8), "u1"),
        np.zeros(1, TRACE),
        np.zeros(HELLO_BYTES, "u1"),
        0,
        count,
        heads,
        following,
        kinds,
        diallers,
        found,
        ranks,
        sizes,
    )
    assert sizes.sum() == (found != NONE).sum()
    return [int(one) for one in found]


def test_other_ports_of_the_dialling_host_make_no_difference() -> None:
    assert groups(*attempts(4)) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("flow", {"a_lo": 7}),
        ("flow", {"b_lo": 0xFFFF0A000003}),
        ("flow", {"a_port": 9103}),
        ("flow", {"ended": 1}),
        ("flow", {"tampered": 1}),
        ("flow", {"network": 10}),
        ("flow", {"icmp_count": 1}),
        ("acceptor", {"rst": 1}),
        ("acceptor", {"fin": 1}),
        ("acceptor", {"bits": SENT_SYN_ACK, "segments": 1}),
        ("acceptor", {"missing": 1}),
        ("dialler", {"bits": SENT_SYN | SENT_ACK}),
        ("dialler", {"rst": 1}),
        ("dialler", {"longest_idle": 60 * SECOND}),
        ("dialler", {"bits": SENT_SYN | IDLE, "idle_since": 40 * SECOND}),
    ],
)
def test_what_differs_is_not_alike(table: str, columns: dict[str, int]) -> None:
    flows, sides = attempts(3)
    row = {"flow": flows[1], "acceptor": sides[2], "dialler": sides[3]}[table]
    for name, value in columns.items():
        row[name] = value
    assert groups(flows, sides) == [0, 1, 0]


@pytest.mark.parametrize(
    "columns", [{"payload_bytes": 1}, {"hello": 0}, {"last_probe": 1}], ids=str
)
@pytest.mark.parametrize("side", [0, 1])
def test_who_says_something_or_probes_is_like_nobody(side: int, columns: dict[str, int]) -> None:
    flows, sides = attempts(3)
    for name, value in columns.items():
        sides[2 + side][name] = value
    assert groups(flows, sides) == [0, NONE, 0]


@pytest.mark.parametrize(
    ("segments", "ended", "alike"), [(1, NEVER, True), (2, NEVER, False), (2, 1, True)]
)
def test_an_open_connection_from_before_the_capture_is_like_nobody(
    segments: int, ended: int, alike: bool
) -> None:
    flows, sides = attempts(1)
    sides["bits"] = 0
    kind = kind_of(flows[0], sides[1], sides[0], 0)
    assert kind != UNLIKE
    sides["segments"][1], flows["ended"] = segments, ended
    assert (kind_of(flows[0], sides[1], sides[0], 0) != UNLIKE) == alike


@pytest.mark.parametrize(
    ("opener", "bits", "ports", "side"),
    [
        (0, (0, 0), (1, 2), 0),
        (1, (0, 0), (2, 1), 1),
        (NONE, (SENT_SYN_ACK, 0), (9, 1), 1),
        (NONE, (0, SENT_SYN_ACK), (1, 9), 0),
        (NONE, (0, 0), (40_000, 9101), 0),
        (NONE, (0, 0), (9101, 40_000), 1),
    ],
)
def test_who_dialled_is_told_as_of_any_flow(
    opener: int, bits: tuple[int, int], ports: tuple[int, int], side: int
) -> None:
    flows, sides = attempts(1)
    flows["opener"], (sides["bits"][0], sides["bits"][1]) = opener, bits
    flows["a_port"], flows["b_port"] = ports
    assert dialler_of(flows[0], sides[0], sides[1]) == side


def test_a_host_that_dials_itself_is_alike_on_both_sides_of_the_order_of_ports() -> None:
    flows, sides = attempts(2)
    flows["b_lo"] = flows["a_lo"]
    flows["a_port"][1], flows["b_port"][1], flows["opener"][1] = 2000, 9101, 0
    sides["bits"][2:], sides["segments"][2:] = (SENT_SYN, 0), (1, 0)
    assert groups(flows, sides) == [0, 0]
