"""How captures belong together, by what they have in common."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.packets.segments import Array
from auditor.pipeline.recordings.kinship import Kinship, kinships
from auditor.pipeline.recordings.sketch import CONNECTION_SEEN, SEGMENT_SEEN, Sketch


def seen(*pairs: tuple[int, int]) -> Array:
    return np.array(list(pairs), SEGMENT_SEEN)


def ways(*pairs: tuple[int, int]) -> Array:
    return np.array(list(pairs), CONNECTION_SEEN)


def sketch(segments: Array | None = None, connections: Array | None = None) -> Sketch:
    return Sketch(
        seen() if segments is None else segments, ways() if connections is None else connections
    )


@pytest.mark.parametrize("apart", [0, 300, 999])
def test_equal_segments_at_equal_times_are_of_one_recording(apart: int) -> None:
    """One file may tell microseconds where the other tells nanoseconds."""
    one, other = seen((1, 5000), (2, 6000), (9, 7000)), seen((2, 6000 + apart), (3, 8000))
    assert kinships([sketch(one), sketch(other)]) == {(0, 1): Kinship.SAME}


@pytest.mark.parametrize("skew", [1000, 500_000_000, -40_000])
def test_equal_segments_at_other_times_were_seen_elsewhere(skew: int) -> None:
    one = seen(*((key, 1000 * key + 10**9) for key in range(50)))
    other = one.copy()
    other["time"] += skew
    other["time"][7] -= skew  # by chance
    assert kinships([sketch(one), sketch(other)]) == {(0, 1): Kinship.OTHER}


def test_what_is_sent_again_does_not_tell_of_another_place() -> None:
    one, other = seen((1, 1000), (1, 5000), (2, 6000)), seen((1, 9000), (2, 6000))
    assert kinships([sketch(one), sketch(other)]) == {(0, 1): Kinship.SAME}
    assert kinships([sketch(seen((1, 1000), (1, 5000))), sketch(seen((1, 9000)))]).keys() <= {
        (0, 1)
    }


def test_two_directions_in_two_files_are_halves() -> None:
    there, back = ways((1, 1), (2, 2), (3, 1)), ways((1, 2), (2, 1), (4, 2))
    assert kinships([sketch(None, there), sketch(None, back)]) == {(0, 1): Kinship.HALVES}
    assert kinships([sketch(None, there), sketch(None, there)]) == {}
    assert kinships([sketch(None, ways((1, 3), (2, 3), (3, 1))), sketch(None, there)]) == {}


def test_of_captures_with_nothing_in_common_nothing_is_said() -> None:
    assert kinships([sketch(seen((1, 1000)), ways((1, 3)))]) == {}
    assert kinships([sketch(seen((1, 1000))), sketch(seen((2, 1000))), sketch()]) == {}


def test_of_many_files_each_is_kin_to_a_neighbour_and_pairs_grow_with_files() -> None:
    one = seen(*((key, 1000 * key) for key in range(100)))
    found = kinships([sketch(one)] * 200)
    assert set(found.values()) == {Kinship.SAME}
    assert len(found) == 199
