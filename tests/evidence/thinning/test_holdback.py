"""Headers that are held back: where they lie, that they go out once, and without payload."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import ThinningTables, put, segment, thinning_tables

from auditor.evidence.packet import HEADER_BYTES
from auditor.evidence.thinning.holdback import (
    copy_out,
    copy_slot,
    emit,
    hold,
    mark_changed,
    mark_kept,
    release,
    release_all,
)
from auditor.evidence.thinning.tables import KEPT, MAYBE_HELLO, SLOTS
from auditor.flows.tcp_state import NONE

#: A frame of 54 bytes of headers and 100 of payload lies at 10 of this batch.
BATCH = bytes(range(256))
FRAME = {"time": 77, "frame": 10, "payload": 64, "length": 100, "trailer": 6, "interface": 3}


@pytest.fixture
def made() -> ThinningTables:
    return thinning_tables(2, buffer=BATCH)


def packet(made: ThinningTables, at: int = 0) -> bytes:
    return made.out.packets[at, : made.out.lines[at]["size"]].tobytes()


def held(made: ThinningTables, at: int, number: int, **changes: int) -> None:
    mark_changed(at // SLOTS, made.tables, made.held)
    hold(made.held.slots[at], segment(**FRAME | changes), number)


def let_go(made: ThinningTables, at: int) -> None:
    release(at, made.tables.state, made.held, made.out)


def next_batch(made: ThinningTables) -> ThinningTables:
    """End the batch; the next one's bytes are others."""
    copy_out(made.tables.state, made.held, made.out)
    return made._replace(out=made.out._replace(buffer=np.zeros(256, "u1")))


def test_a_header_goes_out_with_what_there_was_to_know_of_its_segment(made: ThinningTables) -> None:
    held(made, 4, number=9)
    let_go(made, 4)
    line: Any = made.out.lines[0]
    assert (line["time"], line["number"], line["interface"], line["kind"]) == (77, 9, 3, KEPT)
    assert line["wire"] == 54 + 100 + 6
    assert packet(made) == BATCH[10:64]


def test_a_header_outlives_its_batch(made: ThinningTables) -> None:
    held(made, 4, number=9)
    later = next_batch(next_batch(made))
    let_go(later, 4)
    assert packet(later) == BATCH[10:64]


def test_only_what_changed_in_a_batch_is_copied_out_of_it(made: ThinningTables) -> None:
    held(made, 4, number=9)
    held(made, 5, number=10)
    assert made.tables.state["changed_count"] == 1  # both slots are of one row
    later = next_batch(made)
    assert later.tables.state["changed_count"] == 0
    held(later, 1, number=11)
    assert later.held.changed[:1].tolist() == [0]


def test_what_went_out_is_not_copied(made: ThinningTables) -> None:
    held(made, 4, number=9)
    let_go(made, 4)
    next_batch(made)
    assert not made.held.headers.any()
    assert made.held.slots[4]["frame"] == NONE


def test_headers_of_any_length_are_cut_to_what_is_kept_at_most(made: ThinningTables) -> None:
    held(made, 0, number=1, frame=0, payload=250)
    let_go(made, 0)
    assert packet(made) == BATCH[:HEADER_BYTES]
    assert made.out.lines[0]["wire"] == 250 + 106


@pytest.mark.parametrize("later", [False, True])
def test_a_copied_slot_holds_the_same_header(made: ThinningTables, later: bool) -> None:
    held(made, 4, number=9)
    if later:
        made = next_batch(made)
    copy_slot(made.held, 4, 5)
    held(made, 4, number=10, frame=20)
    let_go(made, 5)
    assert (made.numbers(), packet(made)) == ([9], BATCH[10:64])


def test_one_segment_in_several_slots_goes_out_once(made: ThinningTables) -> None:
    for at, number in ((3, 9), (4, 8), (5, 9)):
        held(made, at, number)
    for _ in range(2):
        release_all(1, made.tables.state, made.held, made.out)
    assert sorted(made.numbers()) == [8, 9]


def test_a_segment_of_the_other_side_is_another(made: ThinningTables) -> None:
    held(made, 0, number=9)
    held(made, 3, number=9)
    mark_kept(1, 9, made.held)
    let_go(made, 0)
    let_go(made, 3)
    assert made.numbers() == [9]


def test_an_empty_slot_keeps_nothing(made: ThinningTables) -> None:
    release_all(0, made.tables.state, made.held, made.out)
    assert made.numbers() == []


def test_copying_onto_the_same_segment_does_not_forget_that_it_went_out(
    made: ThinningTables,
) -> None:
    held(made, 4, number=9)
    held(made, 5, number=9)
    put(made.held.slots[5], kept=1)
    copy_slot(made.held, 4, 5)
    let_go(made, 5)
    assert made.numbers() == []


@pytest.mark.parametrize(
    ("kind", "payload"), [(KEPT, 0), (KEPT | MAYBE_HELLO, 20), (MAYBE_HELLO, 100)]
)
def test_payload_goes_out_only_where_it_may_be_hello(
    made: ThinningTables, kind: int, payload: int
) -> None:
    """R6; how much of it may be kept is known later, so header and payload are told apart."""
    put(made.tables.flows[1], epoch=5)
    put(made.tables.state, matched=12)
    emit(segment(**FRAME), kind, payload, 40, 3, made.tables, made.out)
    line = made.out.lines[0]
    assert (line["epoch"], line["row"], line["offset"]) == (5, 3, 40)
    assert (line["header"], line["size"], line["wire"]) == (54, 54 + payload, 160)
    assert packet(made) == BATCH[10 : 64 + payload]
    assert made.lines() == [(12, kind)]
