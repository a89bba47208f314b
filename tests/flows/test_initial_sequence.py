"""Initial sequence numbers, alike for tracking and thinning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from auditor.evidence.thinning import tables as thinning
from auditor.flows import tables as tracking
from auditor.flows.initial_sequence import (
    bytes_since_syn,
    is_isn,
    is_previous_isn,
    isn_or_never,
    learn_isn,
    note_syn,
)
from auditor.flows.tcp_state import HAS_ISN, HAS_NEXT, NEVER, NONE, SENT_SYN


@pytest.fixture(params=[tracking.SIDE, thinning.SIDE], ids=["tracking", "thinning"])
def side(request: pytest.FixtureRequest) -> Any:
    return np.zeros(1, request.param)[0]


def test_the_first_that_is_known_of_a_side_is_its_isn(side: Any) -> None:
    learn_isn(side, 0, 5000)
    assert (side["isn"], side["next"], side["acked"]) == (5000, 5001, 5000)
    assert side["bits"] == HAS_ISN | HAS_NEXT
    assert is_isn(side, 5000)
    assert not is_isn(side, 5001)


def test_a_late_syn_lies_before_what_was_seen(side: Any) -> None:
    side["bits"], side["next"] = HAS_NEXT, 3
    learn_isn(side, 3, 0xFFFFFFFE)
    assert (side["isn"], side["next"]) == (-2, 3)
    assert is_isn(side, 0xFFFFFFFE)


def test_an_isn_that_is_not_known_is_none(side: Any) -> None:
    assert not is_isn(side, 0)
    assert isn_or_never(side) == NEVER


@pytest.mark.parametrize("isn", [0, 77, NONE])
def test_the_connection_before_is_known_by_its_isn(side: Any, isn: int) -> None:
    side["bits"], side["isn"] = HAS_ISN, isn
    side["previous_isn"] = isn_or_never(side)
    assert is_previous_isn(side, isn & 0xFFFFFFFF)
    assert not is_previous_isn(side, 78)
    side["previous_isn"] = NEVER
    assert not is_previous_isn(side, isn & 0xFFFFFFFF)


def test_bytes_since_a_syn() -> None:
    assert bytes_since_syn(1001, 1000) == 0
    assert bytes_since_syn((1 << 32) + 4, 0xFFFFFFFF) == 4
    assert bytes_since_syn(1000, 1000) == -1


def test_who_sends_a_syn_first_opens_the_flow(side: Any) -> None:
    flow = np.zeros(1, tracking.FLOW)[0]
    flow["opener"] = NONE
    note_syn(flow, side, 7)
    note_syn(flow, side, 6)
    assert flow["opener"] == 1
    assert side["bits"] == SENT_SYN
