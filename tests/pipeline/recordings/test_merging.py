"""Segments of several files in one order, without the copies that several files have."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import SEGMENT
from auditor.pipeline.recordings.merging import Merging, Taken
from auditor.pipeline.recordings.source import Part, compact


def part(*rows: tuple[int, int]) -> Part:
    """Return segments (time, seq), each with its seq as its one byte of payload."""
    segments = np.zeros(len(rows), SEGMENT)
    segments["time"], segments["seq"] = np.array(rows).T
    segments["payload"] = np.arange(len(rows))
    segments["frame"], segments["captured"] = segments["payload"], 1
    segments["header"] = 20
    buffer = np.array([seq for _, seq in rows], "u1")
    return Part(segments, np.maximum.accumulate(segments["time"]), buffer)


def merged(*files: Part, back: int = 0) -> list[tuple[int, int]]:
    taken = [Taken(place, [one]) for place, one in enumerate(files)]
    batch, _ = Merging().merged(taken, back)
    rows = batch.segments
    assert batch.buffer[rows["payload"]].tolist() == rows["seq"].tolist()
    assert batch.buffer[rows["frame"]].tolist() == rows["seq"].tolist()
    return list(zip(rows["time"].tolist(), rows["seq"].tolist(), strict=True))


def test_segments_come_in_order_of_time_and_ties_in_order_of_files() -> None:
    one, other = part((1000, 1), (5000, 2), (9000, 3)), part((2000, 4), (5000, 5), (7000, 6))
    assert [seq for _, seq in merged(one, other)] == [1, 4, 2, 5, 6, 3]
    assert [seq for _, seq in merged(other, one)] == [1, 4, 5, 2, 6, 3]


def test_each_file_keeps_its_own_order() -> None:
    one, other = part((1000, 1), (9000, 2), (4000, 3)), part((5000, 4), (10_000, 5))
    assert [seq for _, seq in merged(one, other)] == [1, 4, 2, 3, 5]


@pytest.mark.parametrize("apart", [0, 1, 999])
def test_a_copy_of_another_file_is_left_out_whatever_its_resolution(apart: int) -> None:
    one, other = part((1000, 1), (2000, 2), (3000, 3)), part((2000 + apart, 2), (4000, 4))
    assert [seq for _, seq in merged(one, other)] == [1, 2, 3, 4]
    batch, followed = Merging().merged([Taken(0, [one]), Taken(3, [other])], 0)
    assert len(batch.segments) == 4
    assert (followed[0], followed[3]) == (3, 1)


@pytest.mark.parametrize(("here", "there"), [(2, 1), (1, 2), (3, 3), (2, 0)])
def test_what_a_file_has_often_is_there_as_often(here: int, there: int) -> None:
    one, other = part(*[(1000, 1)] * here, (2000, 2)), part(*[(1000, 1)] * there, (2000, 2))
    assert [seq for _, seq in merged(one, other)] == [1] * max(here, there) + [2]


def test_the_same_a_microsecond_later_is_no_copy() -> None:
    assert len(merged(part((1000, 1)), part((2000, 1)))) == 2


@pytest.mark.parametrize(("back", "count"), [(0, 2), (5000, 1)])
def test_a_copy_that_comes_later_is_known_where_a_clock_went_back(back: int, count: int) -> None:
    merging = Merging()
    one, _ = merging.merged([Taken(0, [part((9000, 7), (6000, 1))])], back)
    other, _ = merging.merged([Taken(1, [part((6000, 1))])], back)
    assert len(one.segments) + len(other.segments) == 1 + count


def test_where_an_icmp_error_begins_moves_with_its_buffer() -> None:
    one, other = part((1000, 1), (2000, 2)), part((1500, 3))
    for each in (one, other):
        each.segments["ident"][0] = ICMP_ERROR
        each.segments["ack"][0] = each.segments["frame"][0]
    batch, _ = Merging().merged([Taken(0, [one]), Taken(1, [other])], 0)
    errors = batch.segments[batch.segments["ident"] != 0]
    assert batch.buffer[errors["ack"]].tolist() == errors["seq"].tolist() == [1, 3]
    assert one.segments["ack"].tolist() == [0, 0]


@pytest.mark.parametrize("which", [slice(0, 2), slice(2, 5), slice(4, 5), slice(0, 0)])
def test_what_waits_holds_only_its_own_bytes(which: slice) -> None:
    whole = part(*((1000 * number, 10 + number) for number in range(5)))
    kept = compact(whole.segments[which], whole.buffer)
    assert len(kept.buffer) == len(kept.segments)
    assert kept.buffer[kept.segments["payload"]].tolist() == kept.segments["seq"].tolist()
    assert whole.segments["payload"].tolist() == [0, 1, 2, 3, 4]


def test_of_what_is_no_whole_segment_more_bytes_are_kept() -> None:
    whole = part((1000, 1), (2000, 2), (3000, 3))
    whole.segments["ident"][1] = ICMP_ERROR
    whole.segments["ack"][1] = 1
    kept = compact(whole.segments[1:2], whole.buffer)
    assert kept.buffer.tolist() == [2, 3]
    assert kept.segments["ack"].tolist() == [0]


@pytest.mark.parametrize(("whole", "cut"), [(0, 1), (1, 0), (2, 0)])
def test_of_copies_the_one_is_followed_of_which_most_was_captured(whole: int, cut: int) -> None:
    """One file may be cut by a snap length."""
    files = [part((1000, 1), (2000, 2)) for _ in range(3)]
    for place, one in enumerate(files):
        if place != whole:
            one.segments["captured"] = 0
    _, followed = Merging().merged([Taken(place, [one]) for place, one in enumerate(files)], 0)
    assert (followed.get(whole), followed.get(cut, 0)) == (2, 0)
