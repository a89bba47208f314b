"""The way of one interface's bytes from a stream to kept packets."""

from __future__ import annotations

from itertools import pairwise

import capture_stage
import pytest
from capture_stage import START, KeepSyns, frame, packet
from hypothesis import given
from hypothesis import strategies as st

from auditor.capture.backend import Request
from auditor.capture.backends import interface_pipeline
from auditor.capture.backends.interface_pipeline import InterfacePipeline
from auditor.evidence import blocks
from auditor.evidence.packet import Counters, Direction, Interface, Packet

ETH0 = Interface("eth0", 1)
REQUEST = Request(("eth0",), frozenset({9103}), max_flows=99)
HEAD = blocks.section("", "", "") + blocks.interface(ETH0, "", "")
OUTBOUND = packet(0)
SENT = frame("10.0.0.20", 9103, "10.0.0.31", 40000, "SA")
ANSWER = SENT[6:12] + SENT[:6] + SENT[12:]
STREAM = b"".join(
    (HEAD, *(blocks.packet(one) for one in (OUTBOUND, packet(1, data=ANSWER), packet(2))))
)


@pytest.fixture(autouse=True)
def _hardware(monkeypatch):
    """Be the station that ``capture_stage.frame`` sends from."""
    monkeypatch.setattr(interface_pipeline, "_hardware_address", lambda _: b"\2\0\0\0\0\1")
    monkeypatch.setattr(capture_stage, "_LINUX_SYN", 54)  # these SYNs have no options


def pipeline(make=KeepSyns) -> InterfacePipeline:
    return InterfacePipeline(3, ETH0, REQUEST, make)


def test_what_is_kept_is_of_this_interface_and_has_its_direction():
    kept = pipeline().feed(STREAM)
    assert [(one.time - START, one.interface, one.direction) for one in kept] == [
        (0, 3, Direction.OUTBOUND),
        (1_000_000, 3, Direction.INBOUND),
        (2_000_000, 3, Direction.OUTBOUND),
    ]
    assert [one.data for one in kept[:2]] == [OUTBOUND.data, ANSWER]


@given(st.lists(st.integers(0, len(STREAM)), max_size=5))
def test_a_stream_may_be_cut_anywhere(cuts):
    one, places = pipeline(), [0, *sorted(cuts), len(STREAM)]
    parts = [STREAM[a:b] for a, b in pairwise(places)]
    assert [kept for part in parts for kept in one.feed(part)] == pipeline().feed(STREAM)


class HoldBack(KeepSyns):
    """Thinning that settles nothing before it must."""

    def feed(self, batch):
        self.held = super().feed(batch)
        return []

    def advance(self, now):
        return [one for one in self.held if one.time < now]

    def flush(self):
        return getattr(self, "held", [])


def test_what_time_or_the_end_settles_is_marked_like_the_rest():
    one = pipeline(HoldBack)
    assert one.feed(STREAM) == []
    assert [kept.interface for kept in one.advance(START + 1_500_000)] == [3, 3]
    assert one.flush() == pipeline().feed(STREAM)


def test_counters_are_of_the_stream_and_of_what_the_backend_counted_itself():
    one = pipeline()
    one.dropped = 4
    assert one.counters == Counters(dropped=4), "before there is any stream"
    one.feed(b"")
    assert one.counters == Counters(dropped=4)
    one.feed(STREAM + blocks.statistics(0, Counters(dropped=7), START, START, ()))
    assert one.counters == Counters(seen=3, matched=3, kept=3, dropped=11, lost=0)


def test_what_was_never_read_is_about_as_much_as_came_before():
    one = pipeline()
    assert one.behind(START) == 1, "nothing is known"
    one.feed(STREAM)  # three packets in two milliseconds
    assert one.behind(START + 2_000_000) == 0
    assert one.behind(START + 2_000_001) == 1
    assert one.behind(START + 6_000_000) == 1 + 6


def test_all_code_is_loaded_by_a_packet_of_our_own_that_counts_nowhere():
    made: list[tuple] = []

    def make(*arguments):
        made.append((arguments, KeepSyns(*arguments)))
        return made[-1][1]

    one = pipeline(make)
    (first, trial), (second, thinning) = made
    assert first == ((9103,), 1, 1)
    assert (trial.matched, trial.kept) == (1, 1), "its own SYN went all the way"
    assert second == (REQUEST.ports, 1, 99)
    assert thinning.counters() == (0, 0, 0) and one.counters == Counters()
    assert one.flush() == []


def test_an_interface_that_is_not_there_has_no_address(monkeypatch):
    monkeypatch.undo()
    assert interface_pipeline._hardware_address("lo") == bytes(6)
    assert interface_pipeline._hardware_address("no such name, and far too long") == b""


def test_without_an_address_no_direction_is_made_up(monkeypatch):
    monkeypatch.setattr(interface_pipeline, "_hardware_address", lambda _: b"")
    assert {one.direction for one in pipeline().feed(STREAM)} == {Direction.UNKNOWN}


def test_the_definition_of_thinning_is_the_projects_own():
    one = InterfacePipeline(0, ETH0, REQUEST, interface_pipeline.default_thinning)
    kept = [*one.feed(STREAM), *one.flush()]
    assert all(isinstance(each, Packet) for each in kept)
    assert kept[0].time == START
