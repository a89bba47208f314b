"""The flow table of thinning: who makes room, and what a row that is used again remembers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import LOW, ThinningTables, between, put, thinning_tables

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.flow_table import begin_again, open_flow
from auditor.evidence.thinning.idle_queue import touch
from auditor.evidence.thinning.tables import SLOTS
from auditor.flows.lookup import find
from auditor.flows.tcp_state import HAS_ISN, NEVER, NONE, QUEUED, SEGMENT_SEEN, SENT_ACK, SILENT

FLOWS = 4


def end(number: int) -> tuple[int, int]:
    return LOW[0] + 1 + number, 40000


def opens(made: ThinningTables, number: int) -> int:
    """Open the flow of client ``number``; return its row, which is that of a side 1."""
    with np.errstate(over="ignore"):  # the hash wraps
        return open_flow(between(end(number), LOW), made.tables, made.held)


def found(made: ThinningTables, number: int) -> int:
    made.tables.state["recent"] = NONE
    with np.errstate(over="ignore"):
        return find(between(end(number), LOW), made.tables)


@pytest.fixture
def full() -> ThinningTables:
    """Four flows, in which both sides were seen."""
    made = thinning_tables(FLOWS)
    for number in range(FLOWS):
        assert opens(made, number) == 2 * number + 1
    made.tables.sides["bits"] = SEGMENT_SEEN
    return made


def test_while_all_flows_are_open_there_is_no_room(full: ThinningTables) -> None:
    assert opens(full, 9) == NONE
    assert [found(full, number) for number in range(FLOWS)] == [1, 3, 5, 7]


@pytest.mark.parametrize(
    ("flow", "bits", "goes"),
    [
        ({"over": 1}, (SEGMENT_SEEN, SEGMENT_SEEN), True),
        ({"over": 1}, (SEGMENT_SEEN, SEGMENT_SEEN | QUEUED), False),  # it may begin a silence yet
        ({"opener": 1}, (0, SEGMENT_SEEN), True),  # nobody answered the SYN
        ({"opener": 1}, (SEGMENT_SEEN, SEGMENT_SEEN), True),  # nor did anybody take the SYN-ACK
        ({"opener": 0}, (SEGMENT_SEEN | QUEUED, SEGMENT_SEEN | QUEUED), True),  # all of it went out
        ({"opener": 1}, (SEGMENT_SEEN, SEGMENT_SEEN | SENT_ACK), False),
        ({"opener": 0}, (SEGMENT_SEEN | SENT_ACK, SEGMENT_SEEN), False),
        ({"opener": NONE}, (0, SEGMENT_SEEN), False),  # one side of an older connection
        ({"opener": 1}, (0, SEGMENT_SEEN | SILENT), True),
    ],
)
def test_a_flow_with_which_nothing_is_lost_makes_room(
    full: ThinningTables, flow: dict[str, int], bits: tuple[int, int], goes: bool
) -> None:
    put(full.tables.flows[2], **flow)
    full.tables.sides["bits"][4:6] = bits
    assert opens(full, 9) == (5 if goes else NONE)
    assert found(full, 9) == (5 if goes else NONE)
    assert found(full, 2) == (NONE if goes else 5)


def test_the_search_goes_on_where_it_ended(full: ThinningTables) -> None:
    full.tables.flows["over"] = 1
    assert [opens(full, number) for number in (10, 11)] == [1, 3]
    full.tables.sides["bits"] = SEGMENT_SEEN
    assert [opens(full, number) for number in (12, 13, 14)] == [5, 7, NONE]


def test_a_search_looks_at_so_many_flows_and_no_more() -> None:
    """A full table may not make every segment dear."""
    made = thinning_tables(100)
    for number in range(100):
        opens(made, number)
    made.tables.sides["bits"] = SEGMENT_SEEN
    made.tables.flows["over"][70] = 1
    assert [opens(made, 200) for _ in range(2)] == [NONE, 141]


def dirty(made: ThinningTables, row: int) -> Any:
    """Let a row look as if a connection had used it, with all slots filled."""
    made.tables.state["clock"] = 500
    touch(row, made.tables)
    for at in range(SLOTS * row, SLOTS * row + SLOTS):
        put(made.held.slots[at], number=at + 100)
    columns = {"next": 5, "acked": 5, "hello_limit": 0, "hello_segments": 9}
    return put(made.tables.sides[row], **columns, possible_answers=3, previous_isn=3)


def assert_new(made: ThinningTables, row: int, previous_isn: int) -> None:
    side = made.tables.sides[row]
    assert (side["bits"], side["next"], side["acked"], side["possible_answers"]) == (0, 0, 0, 0)
    assert (side["hello_limit"], side["hello_segments"]) == (HELLO_BYTES, 0)
    assert side["previous_isn"] == previous_isn
    assert not made.held.slots["number"][SLOTS * row : SLOTS * row + SLOTS].any()


def test_a_flow_knows_nothing_of_the_one_that_had_its_rows(full: ThinningTables) -> None:
    for row in (4, 5):
        dirty(full, row)
        full.tables.sides[row]["bits"] = HAS_ISN | SEGMENT_SEEN
    put(full.tables.state, oldest=NONE, newest=NONE)
    put(full.tables.flows[2], over=1, epoch=3)
    assert opens(full, 9) == 5
    for row in (4, 5):
        assert_new(full, row, NEVER)
    flow = full.tables.flows[2]
    assert (flow["over"], flow["opener"], flow["epoch"]) == (0, NONE, FLOWS + 1)
    assert full.numbers() == []


def test_a_new_connection_on_the_same_endpoints_remembers_the_number_before(
    full: ThinningTables,
) -> None:
    """RFC 9293 §3.4.1: by its initial number a late SYN of the one before is known."""
    for row, bits in ((4, HAS_ISN), (5, 0)):
        dirty(full, row)
        full.tables.sides[row]["bits"] |= bits
        full.tables.sides[row]["isn"] = 77
    begin_again(2, *full)
    assert_new(full, 4, 77)
    assert_new(full, 5, NEVER)
    assert full.tables.state["oldest"] == full.tables.state["newest"] == NONE
    assert full.tables.flows[2]["epoch"] == FLOWS + 1
    assert found(full, 2) == 5


def test_what_was_held_back_of_the_connection_before_is_kept(full: ThinningTables) -> None:
    for row in (4, 5):
        dirty(full, row)
    begin_again(2, *full)
    assert sorted(full.numbers()) == list(range(112, 118))
