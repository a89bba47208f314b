"""Packets leave in order of time, whatever the order of their arrival."""

from __future__ import annotations

from capture_stage import packet
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.timeline import MAX_WAITING, Timeline

_MS = 1_000_000


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 300)), max_size=60), st.integers(0, 200)
)
def test_what_leaves_is_in_order_and_nothing_vanishes_uncounted(arrivals, window):
    """Each arrival is (ms of the packet, ms of the clock since the arrival before)."""
    timeline, now, left = Timeline(window * _MS), 0, []
    for moment, later in arrivals:
        now += later
        timeline.add([packet(moment, time=moment * _MS)])
        left += timeline.due(now * _MS)
    left += timeline.rest()
    assert [kept.time for kept in left] == sorted(kept.time for kept in left)
    assert len(left) + sum(timeline.late.values()) == len(arrivals)


@given(st.lists(st.integers(0, 100), max_size=40))
def test_nothing_is_late_that_is_late_by_less_than_the_window(delays):
    timeline, left = Timeline(101 * _MS), []
    for number, delay in enumerate(delays):
        timeline.add([packet(time=(number - delay) * _MS)])
        left += timeline.due(number * _MS)
    assert not timeline.late
    assert len(left) + len(timeline.rest()) == len(delays)


def test_packets_of_one_time_keep_the_order_of_arrival():
    timeline = Timeline(0)
    first, second = packet(comment="first"), packet(comment="second")
    timeline.add([first, second])
    assert timeline.due(first.time) == [first, second]


def test_a_packet_behind_what_was_handed_out_is_counted_for_its_interface():
    timeline = Timeline(0)
    timeline.add([packet(5)])
    timeline.due(packet(5).time)
    timeline.add([packet(4, interface=3)])
    assert timeline.late == {3: 1}
    assert timeline.rest() == []


def test_a_clock_that_stands_still_cannot_fill_the_memory():
    timeline = Timeline(_MS)
    timeline.add([packet()] * (MAX_WAITING + 7))
    assert len(timeline.due(0)) == 7
