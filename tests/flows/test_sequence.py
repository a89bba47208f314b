"""Sequence arithmetic modulo 2^32 (RFC 9293 §3.4), unrolled to positions of 64 bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.flows.sequence import is_number, position

SPACE = 1 << 32

places = st.integers(-(1 << 40), 1 << 60)
numbers = st.integers(0, SPACE - 1)


@pytest.mark.parametrize(
    ("near", "number", "found"),
    [
        (1000, 1000, 1000),
        (1000, 1460, 1460),
        (1000, 900, 900),
        (SPACE - 1, 0, SPACE),  # the byte after the last number
        (SPACE, SPACE - 1, SPACE - 1),  # and back
        (3, SPACE - 2, -2),  # before the first that was seen
        (5 * SPACE + 7, 9, 5 * SPACE + 9),
    ],
)
def test_a_number_stands_at_the_nearest_position(near: int, number: int, found: int) -> None:
    assert position(near, number) == found


def test_half_the_space_away_is_taken_to_lie_before() -> None:
    assert position(0, SPACE // 2 - 1) == SPACE // 2 - 1
    assert position(0, SPACE // 2) == -SPACE // 2


@given(places, numbers)
def test_a_position_has_its_number_and_lies_within_half_the_space(near: int, number: int) -> None:
    found = position(near, number)
    assert found % SPACE == number
    assert -SPACE // 2 <= found - near < SPACE // 2


@given(places, st.integers(-SPACE // 2, SPACE // 2 - 1))
def test_unrolling_undoes_the_wrap(near: int, ahead: int) -> None:
    assert position(near, (near + ahead) % SPACE) == near + ahead


@given(numbers, numbers)
def test_order_is_that_of_the_standard(one: int, other: int) -> None:
    """A number is below another when the way up to it, modulo 2^32, is the shorter one."""
    if (other - one) % SPACE != SPACE // 2:
        assert (position(one, other) > one) == (0 < (other - one) % SPACE < SPACE // 2)


@given(places, numbers)
def test_a_position_is_one_number_only(place: int, number: int) -> None:
    assert is_number(place, place % SPACE)
    assert is_number(place, number) == (place % SPACE == number)


def test_numbers_come_as_unsigned_columns_of_a_segment() -> None:
    assert position(np.int64(SPACE), np.uint32(SPACE - 1)) == SPACE - 1
    assert is_number(np.int64(-1), np.uint32(SPACE - 1))
