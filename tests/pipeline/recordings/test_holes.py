"""Times between files in which nobody recorded."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.pipeline.recordings.holes import Pauses, follows, is_hole

S = 1_000_000_000


@pytest.mark.parametrize(
    ("pause", "longest", "hole"),
    [
        (S, 0, False), (S + 1, 0, True), (60 * S, 60 * S, False), (75 * S, 60 * S, False),
        (80 * S, 60 * S, True), (3600 * S, 10 * S, True), (-5, 0, False),
    ],
)  # fmt: skip
def test_a_pause_longer_than_the_network_was_ever_silent_is_a_hole(
    pause: int, longest: int, *, hole: bool
) -> None:
    assert is_hole(pause, longest) is hole


def test_the_longest_pause_is_found_within_batches_and_between_them_but_not_between_files() -> None:
    pauses = Pauses()
    assert pauses.longest == 0
    pauses.take(np.array([5, 7, 6, 11]))
    assert pauses.longest == 5
    pauses.take(np.array([20]))
    assert pauses.longest == 9
    pauses.begin_file()
    pauses.take(np.array([500, 501]))
    assert pauses.longest == 9


@pytest.mark.parametrize(
    ("one", "other", "next_one"),
    [
        ("r/tap_00009_20261127235959.pcap", "r/tap_00010_20261128000000.pcap", True),
        ("r/tap_00009_20261127235959.pcap", "r/tap_00011_20261128000000.pcap", False),
        ("tap.pcap", "tap.pcap1", True), ("tap.pcap", "tap.pcap2", False),
        ("tap.pcap9", "tap.pcap10", True), ("a1.pcap", "b2.pcap", False),
        ("1/tap.pcap", "3/tap.pcap", False), ("tap", "tap", False), ("tap3", "tap2", False),
        ("day-27-23.pcap", "day-28-00.pcap", True), ("x" + "9" * 40, "x" + "9" * 41, False),
    ],
)  # fmt: skip
def test_the_next_file_of_a_ring_has_the_next_number(
    one: str, other: str, *, next_one: bool
) -> None:
    assert follows(one, other) is next_one
