"""A few segments of a capture, chosen alike in any capture that has them."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import SEGMENT, Array
from auditor.pipeline.recordings import sketch
from auditor.pipeline.recordings.sketch import MOST, Sketching, keys


def segments(count: int, *, begin: int = 0) -> Array:
    """Return segments of some connections, all different."""
    found = np.zeros(count, SEGMENT)
    numbers = np.arange(begin, begin + count)
    found["seq"], found["time"], found["src_lo"] = numbers, 1000 * numbers, 7
    found["dst_lo"], found["sport"], found["dport"] = 9, 40000 + numbers % 50, 9102
    return found


def sketched(*batches: Array) -> sketch.Sketch:
    sketching = Sketching()
    for batch in batches:
        sketching.take(batch)
    return sketching.made()


@pytest.mark.parametrize(
    "name", ["seq", "src_lo", "dst_hi", "sport", "ack", "length", "ident", "flags", "window"]
)
def test_what_any_tap_sees_tells_segments_apart(name: str) -> None:
    one, other = segments(3), segments(3)
    other[name] += 1
    assert not np.isin(keys(one), keys(other)).any()
    assert len(set(keys(one).tolist())) == 3


@pytest.mark.parametrize(
    "name",
    ["time", "ttl", "interface", "number", "frame", "payload", "captured", "network", "stamp"],
)
def test_what_taps_and_files_differ_in_does_not(name: str) -> None:
    """A timestamp is none where the segment has none."""
    one, other = segments(3), segments(3)
    other[name] += 1
    assert keys(one).tolist() == keys(other).tolist()


def test_a_timestamp_counts_and_what_means_something_else_in_an_icmp_error_does_not() -> None:
    one, other = segments(2), segments(2)
    one["stamped"] = other["stamped"] = 12
    other["stamp"] += 1
    assert not np.isin(keys(one), keys(other)).any()
    one["ident"] = other["ident"] = ICMP_ERROR | 3 << 8
    other["ack"] += 100
    assert keys(one).tolist() == keys(other).tolist()


@pytest.mark.parametrize("count", [0, 1, 300, 20_000])
def test_two_captures_choose_the_same_of_what_both_have(count: int) -> None:
    whole = segments(20_000)
    one = sketched(*np.array_split(whole, 7)).segments["key"]
    other = sketched(whole[:count], segments(5000, begin=50_000)).segments["key"]
    common = np.intersect1d(one, other)
    assert np.isin(common, keys(whole[:count])).all()
    assert len(common) >= min(count, 60)
    assert len(one) <= MOST + 2 * 256
    assert (np.diff(one.astype(object)) >= 0).all()


def test_the_edges_of_a_file_are_all_there() -> None:
    whole = segments(50_000)
    found = sketched(*np.array_split(whole, 11)).segments["key"]
    assert np.isin(keys(whole[:256]), found).all()
    assert np.isin(keys(whole[-256:]), found).all()


@pytest.mark.parametrize(("which", "ways"), [("one", {1}), ("other", {2}), ("both", {3})])
def test_of_connections_it_is_known_which_directions_were_seen(which: str, ways: set[int]) -> None:
    there = segments(200)
    back = there.copy()
    for one, other in (("src_lo", "dst_lo"), ("sport", "dport")):
        back[one], back[other] = there[other], there[one]
    taken = {"one": [there], "other": [back], "both": [there, back]}[which]
    found = sketched(*taken).connections
    assert len(found) == 50
    seen = set(found["ways"].tolist())
    assert seen == ways if which == "both" else seen <= {1, 2}
    opposite = sketched(back if which == "one" else there).connections
    assert found["key"].tolist() == opposite["key"].tolist()
    if which != "both":
        assert (found["ways"] + opposite["ways"] == 3).all()
