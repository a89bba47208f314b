"""Of fragments that contradict each other what a receiver can have taken is read."""

from __future__ import annotations

import pytest
from cut_up import TRUTH, carried, pieces, read

from auditor.packets.segments import AGAIN, UNSURE

FAMILIES = pytest.mark.parametrize("version", [4, 6])


@FAMILIES
def test_where_nothing_decides_both_are_read(version: int) -> None:
    """Both have the right checksum: words that change places do not change a sum."""
    swapped = TRUTH[:4] + TRUTH[6:8] + TRUTH[4:6] + TRUTH[8:]
    truth, lie = carried(version, TRUTH), carried(version, swapped)
    for one, other in ((truth, lie), (lie, truth)):
        first = pieces(version, one, 24, 32)
        found, fragments = read([first[1], pieces(version, other, 24, 32)[1], first[0], first[2]])
        assert (found, fragments) == ([(one[20:], UNSURE), (other[20:], AGAIN)], 0)


@FAMILIES
def test_what_comes_twice_says_nothing_new(version: int) -> None:
    frames = pieces(version, carried(version, TRUTH), 8, 16, 32)
    assert read([*frames, *frames]) == ([(TRUTH, 0)], 0)
    assert read([one for frame in frames for one in (frame, frame)]) == ([(TRUTH, 0)], 0)
