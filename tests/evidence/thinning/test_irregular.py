"""A flow whose flags or numbers are odd keeps its headers, before and after (R9)."""

from __future__ import annotations

import pytest
from tape import Endpoint, Tape
from thinning_stage import follow, kept, thinned

from auditor.evidence.thinning.tables import DOUBTFUL_MOST, DOUBTFUL_SEGMENTS

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
SIX = (Endpoint("2001:db8::31", 55555), Endpoint("2001:db8::20", 9102))
ENDS = [(FD, SD), SIX]

pytestmark = pytest.mark.usefixtures("each_thinner")


def stream(one: Endpoint, other: Endpoint, segments: int = 200) -> Tape:
    """A handshake, then data in one direction that is acknowledged at once."""
    tape = Tape().syn(one, other).synack().ack()
    return bulk(tape, one, other, segments)


def bulk(tape: Tape, one: Endpoint, other: Endpoint, segments: int) -> Tape:
    for _ in range(segments):
        tape.silence(0.001).send(one, b"d" * 700).ack(other)
    return tape


def count(tape: Tape) -> int:
    return len(kept([tape.pcap()]))


@pytest.mark.parametrize(("one", "other"), ENDS)
def test_an_ordinary_stream_keeps_next_to_nothing(one: Endpoint, other: Endpoint) -> None:
    assert count(stream(one, other, 20)) == count(stream(one, other, 400)) < 16


def odd(doing: str, tape: Tape, one: Endpoint, other: Endpoint) -> Tape:
    """Add one irregular segment."""
    match doing:
        case "repeats":
            tape.segment(one, "PA", b"d" * 700, shift=-(1 << 20) - 1)
        case "skips":
            tape.segment(one, "A", b"later", shift=3000)
        case "acknowledges what was not sent":
            tape.segment(other, "A", unread=-3000)
        case "acknowledges far less":
            tape.segment(other, "A", unread=(1 << 20) + 1)
        case "no ACK":
            tape.segment(one, "P", b"x")
        case "SYN":
            tape.segment(one, "S")
        case "RST":
            tape.segment(one, "R", shift=1 << 20)
        case "FIN":
            tape.segment(one, "FA")
    return tape


DOINGS = [
    "repeats",
    "skips",
    "acknowledges what was not sent",
    "acknowledges far less",
    "no ACK",
    "SYN",
    "RST",
    "FIN",
]


@pytest.mark.parametrize(("one", "other"), ENDS)
@pytest.mark.parametrize("doing", DOINGS)
def test_after_one_that_is_not_the_next_headers_stay(
    doing: str, one: Endpoint, other: Endpoint
) -> None:
    before = count(stream(one, other))
    tape = odd(doing, stream(one, other, 100), one, other)
    more = count(bulk(tape, one, other, 100)) - before
    # Itself, those that follow until the stream is there, and what was held back of both sides.
    assert DOUBTFUL_SEGMENTS < more < DOUBTFUL_SEGMENTS + 20


def test_what_came_before_it_is_kept_of_both_sides() -> None:
    tape = stream(FD, SD, 50)
    last = [frame.time for frame in tape.frames[-2:]]
    odd("skips", tape, FD, SD)
    times = {packet.time for packet in kept([bulk(tape, FD, SD, 50).pcap()])}
    assert set(last) <= times


def test_a_probe_is_ordinary() -> None:
    tape = stream(FD, SD, 50)
    for garbage in (b"", b"g"):
        tape.probe(FD, garbage).answer()
    assert count(bulk(tape, FD, SD, 200)) < 24


@pytest.mark.parametrize(("one", "other"), ENDS)
@pytest.mark.parametrize("sends", [1, 2, 5])
def test_what_is_sent_again_before_it_was_acknowledged_is_ordinary(
    sends: int, one: Endpoint, other: Endpoint
) -> None:
    tape = stream(one, other, 50)
    for _ in range(30):
        for _ in range(sends):
            tape.silence(0.001).send(one, b"d" * 700)
        tape.resend(one).ack(other)
    more = count(bulk(tape, one, other, 100)) - count(stream(one, other, 50))
    assert more < 30 * 4 + 16  # R7, and what comes with it, where it was the first that waits


@pytest.mark.parametrize(("one", "other"), ENDS)
@pytest.mark.parametrize(
    ("then", "few"), [("new data", True), ("nothing new", False), ("both repeat", False)]
)
def test_what_repeats_acknowledged_data_is_in_doubt_until_its_sender_goes_on(
    then: str, few: bool, one: Endpoint, other: Endpoint
) -> None:
    tape = stream(one, other, 50).send(other, b"e" * 700).ack(one)
    before = count(bulk(tape, one, other, 100))
    tape = stream(one, other, 50).send(other, b"e" * 700).ack(one).silence(0.2).resend(one)
    if then == "nothing new":
        for size in range(100):
            tape.silence(0.001).window(other, 400 + size)
    if then == "both repeat":
        tape.silence(0.2).resend(other)
    more = count(bulk(tape, one, other, 100)) - before
    assert (more < 8) is few and (few or more >= DOUBTFUL_SEGMENTS)


@pytest.mark.parametrize(("one", "other"), ENDS)
@pytest.mark.parametrize("late", [700, 30 * 700])
def test_an_acknowledgement_that_others_overtook_is_ordinary(
    late: int, one: Endpoint, other: Endpoint
) -> None:
    tape = stream(one, other, 50)
    for _ in range(20):
        bulk(tape, one, other, 2).segment(other, "A", unread=late)
    assert count(bulk(tape, one, other, 100)) < 24


@pytest.mark.bulk
def test_a_network_that_loses_packets_all_the_time_is_not_kept_for_ever() -> None:
    tape = Tape().syn(FD, SD).synack().ack()
    for _ in range(120):
        bulk(odd("skips", tape, FD, SD), FD, SD, 40)
    assert DOUBTFUL_MOST < count(tape) < DOUBTFUL_MOST + 700
    (flow,), _ = follow(thinned(tape.pcap()))
    assert flow.beats_left_out, "from there on not all is kept that tells of it"
    before = count(tape)
    bulk(odd("no ACK", tape, FD, SD), FD, SD, 40)
    assert count(tape) - before > DOUBTFUL_SEGMENTS
