"""Gaps of a stream against a set of bytes, and what of them is missing in the end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import row

from auditor.flows.gaps import fill_gaps, open_gap
from auditor.flows.tables import GAPS, SIDE
from auditor.flows.tcp_state import ACKED

Range = tuple[int, int]


def side(*gaps: Range, **columns: int) -> Any:
    made = row(SIDE, **columns)
    for begin, end in gaps:
        open_gap(made, begin, end)
    return made


def gaps_of(made: Any) -> list[Range]:
    edges = made["gaps"][: 2 * made["gap_count"]].tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        ((10, 20), []),
        ((5, 25), []),
        ((10, 14), [(14, 20)]),
        ((16, 20), [(10, 16)]),
        ((13, 15), [(10, 13), (15, 20)]),
        ((5, 11), [(11, 20)]),
        ((19, 30), [(10, 19)]),
    ],
)
def test_late_bytes_fill_what_they_cover_of_a_gap(seen: Range, left: list[Range]) -> None:
    made = side((10, 20))
    assert fill_gaps(made, *seen)
    assert gaps_of(made) == left


@pytest.mark.parametrize("seen", [(0, 10), (20, 30), (15, 15)])
def test_bytes_beside_a_gap_fill_nothing(seen: Range) -> None:
    made = side((10, 20))
    assert not fill_gaps(made, *seen)
    assert gaps_of(made) == [(10, 20)]


def test_one_segment_may_fill_several_gaps() -> None:
    made = side((10, 20), (30, 40), (50, 60))
    assert fill_gaps(made, 15, 55)
    assert gaps_of(made) == [(10, 15), (55, 60)]


@pytest.mark.parametrize(
    ("bits", "acked", "missing"), [(ACKED, 100, 10), (ACKED, 14, 4), (ACKED, 5, 0), (0, 100, 0)]
)
def test_a_gap_without_room_is_missing_as_far_as_it_was_acknowledged(
    bits: int, acked: int, missing: int
) -> None:
    made = side((10, 20), (30, 40), (50, 60), (70, 80), bits=bits, acked=acked)
    open_gap(made, 90, 95)
    assert gaps_of(made) == [(30, 40), (50, 60), (70, 80), (90, 95)]
    assert made["missing"] == missing


def test_splitting_the_oldest_gap_of_a_full_table_settles_what_lies_below() -> None:
    made = side((10, 20), (30, 40), (50, 60), (70, 80), bits=ACKED, acked=100)
    assert fill_gaps(made, 12, 15)
    assert gaps_of(made) == [(30, 40), (50, 60), (70, 80), (15, 20)]
    assert made["missing"] == 2


def covered(gaps: list[Range]) -> set[int]:
    return {at for begin, end in gaps for at in range(begin, end)}


@given(
    edges=st.lists(st.integers(0, 60), min_size=2, max_size=2 * GAPS, unique=True),
    seen=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=8),
)
def test_gaps_are_the_bytes_that_were_skipped_and_not_seen(
    edges: list[int], seen: list[Range]
) -> None:
    """No byte is lost: it is seen, or in a gap, or settled as missing when there was no room."""
    ordered = sorted(edges)[: len(edges) // 2 * 2]
    made = side(*zip(ordered[::2], ordered[1::2], strict=True), bits=ACKED, acked=1000)
    for begin, size in seen:
        before, missing = covered(gaps_of(made)), int(made["missing"])
        new = set(range(begin, begin + size))
        assert fill_gaps(made, begin, begin + size) == bool(before & new)
        after = gaps_of(made)
        assert covered(after) <= before - new
        assert len(before - new) == len(covered(after)) + int(made["missing"]) - missing
        assert all(low < high for low, high in after)
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(after)))
