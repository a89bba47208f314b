"""Integers out of bytes: the same as Python reads them, at any place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.packets.counters import (
    FIRST,
    FOREVER,
    LAST,
    new_counters,
    note_time,
)
from auditor.packets.integers import be16, be32, be64, le32, u8, u32


@pytest.mark.parametrize(
    ("read", "size", "order"),
    [
        (u8, 1, "big"),
        (be16, 2, "big"),
        (be32, 4, "big"),
        (le32, 4, "little"),
        (lambda data, at: u32(data, at, 1), 4, "big"),
        (lambda data, at: u32(data, at, 0), 4, "little"),
        (be64, 8, "big"),
    ],
    ids=["u8", "be16", "be32", "le32", "u32 big", "u32 little", "be64"],
)
@given(data=st.binary(min_size=8, max_size=8), at=st.integers(0, 5))
def test_integers_are_unsigned_and_in_their_order(read, size, order, data, at):
    buffer = np.frombuffer(bytes([0xFF] * at) + data + b"\xff", np.uint8)
    assert int(read(buffer, at)) == int.from_bytes(data[:size], order)


@given(st.lists(st.integers(1 - FOREVER, FOREVER - 1), min_size=1, max_size=20))
def test_times_are_noted_from_first_to_last(times):
    counters = new_counters()
    for row, time in enumerate(times):
        note_time(counters, time, row)
    assert (counters[FIRST], counters[LAST]) == (min(times), max(times))


def test_before_any_packet_the_first_time_is_after_the_last():
    counters = new_counters()
    assert counters[FIRST] > counters[LAST]
