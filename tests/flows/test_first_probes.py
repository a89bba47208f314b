"""Probes of one byte that are the first that a capture has of their side."""

from __future__ import annotations

import random
from typing import Any

import pytest
from tape import PORTS, SECOND, Endpoint, Tape

from auditor.flows import ConnectionTracker, Side

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 9102), Endpoint("2001:db8::20", 50001)
ENDS = [(FD, SD), (SD, FD), (FD6, SD6), (SD6, FD6)]
MS = SECOND // 1000


def side(tape: Tape, end: Endpoint) -> Side:
    flow = tape.flow()
    return next(one for one in (flow.initiator, flow.acceptor) if one.port == end.port)


def probed(prober: Endpoint, peer: Endpoint, **numbers: int) -> Tape:
    """An older connection of which a byte that its peer answers is the first that is seen."""
    return Tape().join(prober, peer, **numbers).probe(prober, b"\0").answer()


def times(tape: Tape, end: Endpoint) -> list[int]:
    return [probe.time for probe in side(tape, end).probes]


@pytest.mark.parametrize(("prober", "peer"), ENDS)
@pytest.mark.parametrize("interval", [1, 60, 7200])
@pytest.mark.parametrize("number", [5000, 0, (1 << 32) - 1])
def test_the_first_counts(prober: Endpoint, peer: Endpoint, interval: int, number: int) -> None:
    tape = probed(prober, peer, a_next=number)
    for _ in range(2):
        tape.silence(interval).probe(prober, b"\0").answer()
    found = side(tape, prober)
    first, second, third = found.probes
    assert (first.time, first.frame, first.length, first.answered) == (
        tape.frames[0].time,
        1,
        1,
        MS,
    )
    assert [one.exact for one in found.probes] == [False, True, True]
    assert second.interval == third.interval == interval * SECOND
    assert (found.retransmissions, found.missing) == (0, 0)


@pytest.mark.parametrize("then", ["data", "answer", "the peer's probe", "the peer's data", "a FIN"])
@pytest.mark.parametrize("pause", [0.02, 0.8, 0.9, 30])
def test_a_silence_after_it_shows_that_it_was_one(then: str, pause: float) -> None:
    """Where a stream goes on at once, the byte may have been a part of it."""
    tape = probed(FD, SD).silence(pause)
    if then == "data":
        tape.send(FD, b"abc").ack()
    elif then == "answer":
        tape.ack(FD)
    elif then == "the peer's probe":
        tape.probe(SD, b"\0").answer()
    elif then == "the peer's data":
        tape.send(SD, b"abc").ack()
    else:
        tape.fin(FD).ack()
    assert times(tape.silence(60).other(), FD) == [tape.frames[0].time] * (pause >= 0.9)


@pytest.mark.parametrize("pause", [0.2, 0.9, 60])
def test_so_does_one_at_the_end_of_the_capture(pause: float) -> None:
    tape = probed(FD, SD).silence(pause).other()
    assert len(times(tape, FD)) == (pause >= 0.9)


def test_a_result_on_the_way_changes_nothing() -> None:
    tape = probed(FD, SD)
    follower = ConnectionTracker(PORTS)
    follower.feed(tape.batch())
    for _ in range(2):
        (flow,) = follower.finish(tape.now + 5 * SECOND).flows
        assert len(flow.initiator.probes) == 1


def test_a_byte_that_is_pushed_is_data() -> None:
    """An application's last byte is; a probe is not."""
    tape = Tape().join(FD, SD).send(FD, b"\0").ack().silence(60).send(FD, b"x").ack()
    assert times(tape, FD) == []


def test_a_byte_without_an_answer_is_nothing_known() -> None:
    tape = Tape().join(FD, SD)
    for _ in range(4):
        tape.probe(FD, b"\0").silence(1)
    assert times(tape.other(), FD) == []


@pytest.mark.parametrize("answer", ["other", "data", "closed", "reset"])
def test_another_answer_shows_nothing(answer: str) -> None:
    tape = Tape().join(FD, SD).probe(FD, b"\0")
    if answer == "other":
        tape.segment(SD, "A", unread=1)
    elif answer == "data":
        tape.send(SD, b"abc")
    elif answer == "closed":
        tape.window(SD, 0)
    else:
        tape.rst(SD)
    assert times(tape.silence(60).other(), FD) == []


def test_a_reset_at_once_shows_nothing() -> None:
    assert times(probed(FD, SD).rst(FD).silence(60).other(), FD) == []


def test_where_the_beginning_was_seen_a_byte_is_data() -> None:
    tape = Tape().syn(FD, SD).synack().ack().segment(FD, "A", b"\0")
    tape.connection.halves[FD].next += 1
    assert times(tape.ack(SD).silence(60).send(FD, b"x").ack(), FD) == []


def test_both_sides_may_probe_so() -> None:
    tape = probed(FD, SD).silence(5).probe(SD, b"\0").answer().silence(30).other()
    assert len(times(tape, FD)) == len(times(tape, SD)) == 1


@pytest.mark.parametrize("seed", range(40))
def test_what_is_cut_off_anywhere_leaves_fewer_and_no_others(seed: int) -> None:
    """Of Windows and of others, with data between; of what is left no interval is another."""
    rng = random.Random(seed)
    ends = rng.choice(ENDS)
    garbage: dict[Endpoint, Any] = {end: rng.choice([b"", b"\0"]) for end in ends}
    tape = Tape(pace=rng.choice([0.001, 0.05])).syn(*ends).synack().ack()
    for _ in range(rng.randrange(6, 16)):
        end = rng.choice(ends)
        if rng.random() < 0.3:
            tape.silence(rng.choice([0.3, 1, 10, 60])).send(end, rng.choice([b"\0", b"abc"])).ack()
        else:
            tape.silence(rng.choice([1, 10, 60])).probe(end, garbage[end]).answer()
    tape.silence(2).other()
    whole = {one.time: one for end in ends for one in side(tape, end).probes}
    frames = tape.frames
    for cut in range(3, len(frames) - 3):
        for kept in (frames[cut:], frames[:cut]):
            tape.frames = kept
            end = kept[-1].time
            for flow in tape.follow(capture_end=end).flows:
                for one in (*flow.initiator.probes, *flow.acceptor.probes):
                    assert one.time in whole, (cut, one)
                    assert one.interval <= whole[one.time].interval
                    assert not one.exact or one.interval == whole[one.time].interval


@pytest.mark.parametrize("garbage", [b"", b"\0"])
@pytest.mark.parametrize(("prober", "peer"), ENDS)
def test_a_probe_that_follows_a_bare_ack_restarts_no_timer_that_it_does_not(
    prober: Endpoint, peer: Endpoint, garbage: bytes
) -> None:
    """The peer's interval is longer, also where a capture begins there."""
    tape = Tape().join(prober, peer).ack(prober).silence(60).probe(prober, garbage).answer()
    tape.silence(60).probe(peer).answer()
    (late,) = side(tape, peer).probes
    assert late.exact == bool(garbage), "a byte restarts its receiver's timer on Linux"
    assert len(times(tape, prober)) == 1
