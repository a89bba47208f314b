"""Memory stays bounded, and what did not fit is counted and said."""

from __future__ import annotations

import numpy as np
import pytest
from tape import Endpoint, Tape

from auditor.flows import ConnectionTracker, Outcome, TrackingResult
from auditor.packets.segments import ACK, SEGMENT, SYN, Array, Batch

SD = Endpoint("10.77.0.20", 9103)


def syn_flood(count: int, flags: int = SYN) -> Batch:
    """One segment each from ``count`` endpoints."""
    segments: Array = np.zeros(count, SEGMENT)
    segments["time"] = np.arange(count) * 1000
    segments["src_lo"] = 0xFFFF0A000000 + np.arange(count)
    segments["dst_lo"] = 0xFFFF0A4D0014
    segments["sport"] = 40000 + np.arange(count) % 20000
    segments["dport"] = SD.port
    segments["flags"] = flags
    segments["window"] = 500
    return Batch(segments, np.zeros(0, "u1"))


def follow(*batches: Batch, max_flows: int = 262_144) -> TrackingResult:
    tracker = ConnectionTracker({SD.port}, max_flows=max_flows)
    for batch in batches:
        tracker.feed(batch)
    return tracker.finish()


def conversations(count: int) -> Batch:
    tape = Tape()
    for k in range(count):
        fd = Endpoint(f"10.77.1.{k}", 40001)
        tape.syn(fd, SD).synack().ack().send(fd, b"hello").ack()
    return tape.batch()


def retold(talk: Batch, number: int) -> Batch:
    """The same conversations of other hosts."""
    segments = talk.segments.copy()
    for end in ("src_lo", "dst_lo"):
        segments[end][segments[end] != 0xFFFF0A4D0014] += number << 12
    return Batch(segments, talk.buffer)


@pytest.mark.bulk
def test_tables_grow_far_beyond_their_first_size() -> None:
    talk = conversations(200)
    result = follow(*[retold(talk, k) for k in range(30)])
    assert len(result.flows) == 6000
    assert [flow.index for flow in result.flows] == list(range(6000))
    assert not any("full" in note for note in result.notes)


@pytest.mark.bulk
def test_growing_loses_nothing_of_what_is_open() -> None:
    talk = conversations(3)
    half = len(talk.segments) // 2
    parts = Batch(talk.segments[:half], talk.buffer), Batch(talk.segments[half:], talk.buffer)
    result = follow(parts[0], syn_flood(5000), parts[1])
    whole = follow(talk)
    talkers = [flow for flow in result.flows if flow.initiator.payload_bytes]
    assert [flow.initiator for flow in talkers] == [flow.initiator for flow in whole.flows]


def test_at_the_bound_half_open_flows_go_first() -> None:
    result = follow(conversations(10), syn_flood(500), conversations(20), max_flows=100)
    assert sum(flow.outcome is Outcome.ESTABLISHED for flow in result.flows) == 20
    assert len(result.flows) <= 100
    assert (result.unrecorded, result.notes) == (0, ())
    (one,) = result.summaries
    unanswered = sum(flow.outcome is Outcome.UNANSWERED for flow in result.flows)
    assert one.attempts + unanswered == 500
    assert one.attempts * 0.7 < one.sources <= one.attempts
    assert str(one).startswith(f"{one.attempts} attempts to 10.77.0.20 port 9103 that nobody")


def test_answers_still_find_their_flow_after_others_were_dropped() -> None:
    talk = conversations(10)
    half = len(talk.segments) // 2
    parts = Batch(talk.segments[:half], talk.buffer), Batch(talk.segments[half:], talk.buffer)
    result = follow(syn_flood(60), parts[0], syn_flood(500), parts[1], max_flows=100)
    assert [flow.initiator for flow in result.flows if flow.initiator.payload_bytes] == [
        flow.initiator for flow in follow(talk).flows
    ]


def test_when_all_flows_are_established_new_ones_are_counted_and_not_recorded() -> None:
    result = follow(conversations(10), conversations(14), max_flows=10)
    assert len(result.flows) == 10
    assert result.unrecorded == 4
    assert result.untracked == 4 * 5
    assert any("full" in note for note in result.notes)


def test_segments_of_unknown_flows_are_counted_at_the_bound() -> None:
    talk = conversations(14)
    result = follow(
        Batch(talk.segments[:50], talk.buffer),
        Batch(talk.segments[53::5].copy(), talk.buffer),
        max_flows=10,
    )
    assert (len(result.flows), result.unrecorded, result.untracked) == (10, 0, 4)


def test_a_flood_of_bare_acknowledgements_is_counted_and_hides_nobody() -> None:
    result = follow(conversations(2), syn_flood(300, ACK), conversations(5), max_flows=40)
    assert sum(flow.outcome is Outcome.ESTABLISHED for flow in result.flows) == 5
    assert sum(one.attempts for one in result.summaries) > 200
    assert (result.unrecorded, result.untracked) == (0, 0)


def test_probes_beyond_the_bound_are_counted() -> None:
    fd = Endpoint("10.77.1.1", 40001)
    batch = Tape().syn(fd, SD).synack().ack().silence(60).probe(fd).batch()
    probe = batch.segments[-1:]
    many = np.repeat(probe, 1500)
    many["time"] += (np.arange(1500) + 1) * 60_000_000_000
    result = follow(batch, Batch(many, batch.buffer), max_flows=1)
    assert len(result.flows[0].initiator.probes) + result.probes_dropped == 1501
    assert result.probes_dropped == 1501 - 1024


def test_first_bytes_beyond_the_bound_are_counted() -> None:
    result = follow(conversations(70), max_flows=70)
    assert result.hellos_dropped == 70 - 64
    assert all(flow.initiator.payload_bytes == 5 for flow in result.flows)


def test_a_table_of_no_flows_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ConnectionTracker({SD.port}, max_flows=0)


def test_nothing_fed_gives_nothing() -> None:
    assert follow() == TrackingResult(flows=())


def test_finishing_does_not_stop_the_follower() -> None:
    batch = conversations(1)
    tracker = ConnectionTracker({SD.port})
    tracker.feed(Batch(batch.segments[:3], batch.buffer))
    assert tracker.finish().flows[0].initiator.payload_bytes == 0
    tracker.feed(Batch(batch.segments[3:], batch.buffer))
    assert tracker.finish() == follow(batch)
