"""What a side sends and nobody acknowledges, and silences that a connection survives."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9102)
PAIRS = pytest.mark.parametrize(("fd", "sd"), [(FD, SD), (FD6, SD6)], ids=["IPv4", "IPv6"])


def talking(fd: Endpoint = FD, sd: Endpoint = SD) -> Tape:
    return Tape().syn(fd, sd).synack().ack().send(fd, b"hello").ack().send(sd, b"there").ack()


def repeated(tape: Tape, end: Endpoint, gaps: tuple[float, ...] = (0.2, 0.4, 0.8, 1.6)) -> Tape:
    for gap in gaps:
        tape.silence(gap).resend(end)
    return tape


@PAIRS
def test_what_nobody_acknowledges_is_counted_from_its_first_send(
    fd: Endpoint, sd: Endpoint
) -> None:
    flow = repeated(talking(fd, sd).silence(42).send(sd, b"data"), sd).flow()
    stall = flow.acceptor.stall
    assert stall is not None
    assert (stall.number, stall.sends, stall.length) == (6, 5, 4)
    assert (stall.silence, stall.last - stall.first) == (42 * SECOND, 3 * SECOND)
    assert flow.initiator.stall is None


def test_what_is_acknowledged_in_the_end_was_never_lost() -> None:
    flow = repeated(talking().silence(42).send(FD, b"data"), FD).ack().flow()
    assert flow.initiator.stall is None
    assert flow.survived == 42 * SECOND


def test_a_fin_that_nobody_acknowledges_counts_as_data_does() -> None:
    tape = talking().silence(42).fin(FD)
    tape.silence(0.3).segment(FD, "FA", shift=-1)
    stall = tape.flow().initiator.stall
    assert stall is not None and (stall.sends, stall.length) == (2, 0)


def test_a_closed_window_is_no_loss() -> None:
    tape = talking().send(FD, b"fills it").window(SD, 0).silence(9).send(FD, b"d")
    assert repeated(tape, FD).flow().initiator.stall is None


def test_without_its_syn_the_number_is_that_on_the_wire() -> None:
    tape = Tape().join(FD, SD, a_next=7000).send(FD, b"x").ack().silence(9).send(FD, b"data")
    stall = tape.flow().initiator.stall
    assert stall is not None and stall.number == 7001


@PAIRS
@pytest.mark.parametrize("seconds", [1, 18, 7200])
def test_an_answered_probe_shows_that_a_silence_was_survived(
    seconds: float, fd: Endpoint, sd: Endpoint
) -> None:
    assert talking(fd, sd).silence(seconds).probe(fd).answer().flow().survived == seconds * SECOND


def test_the_longest_of_several_silences_is_kept_and_short_ones_are_of_no_interest() -> None:
    tape = talking().silence(30).send(FD, b"a").ack().silence(8).send(SD, b"b").ack()
    assert tape.flow().survived == 30 * SECOND
    assert talking().silence(0.9).send(FD, b"a").ack().flow().survived == 0


def test_a_silence_that_nobody_answers_was_not_survived() -> None:
    assert talking().silence(30).probe(FD).silence(30).probe(FD).flow().survived == 0
    assert talking().silence(30).send(FD, b"a").segment(SD, "A", unread=1).flow().survived == 0


def test_a_silence_in_which_the_capture_missed_something_is_none() -> None:
    tape = talking().silence(30).send(FD, b"lost").drop().send(FD, b"seen").ack()
    assert tape.flow().survived == 0
    tape = talking().silence(30).send(FD, b"lost").drop().segment(SD, "A").send(SD, b"x").ack()
    assert tape.flow().survived == 0


@PAIRS
@pytest.mark.parametrize("later", [0, 1, 4])
def test_who_repeats_what_came_after_a_silence_was_heard_at_its_end(
    fd: Endpoint, sd: Endpoint, later: int
) -> None:
    """He repeats from the first byte on that was not acknowledged to him."""
    tape = talking(fd, sd).silence(60).send(sd, b"first").ack()
    for _ in range(later):
        tape.send(sd, b"more").ack()
    tape.silence(0.4).resend(sd).silence(0.9).resend(sd).silence(2).rst(sd)
    assert tape.flow().survived == (60 * SECOND if later else 0)


def test_who_goes_on_after_he_repeated_was_heard() -> None:
    tape = talking().silence(60).send(SD, b"first").ack().silence(0.4).resend(SD)
    assert tape.flow().survived == 0
    assert tape.send(SD, b"more").ack().flow().survived == 60 * SECOND


def test_of_two_silences_the_one_whose_end_is_not_repeated_was_survived() -> None:
    tape = talking().silence(40).send(FD, b"one").ack().silence(60).send(FD, b"two").ack()
    assert tape.silence(0.4).resend(FD).flow().survived == 40 * SECOND
    tape.silence(90).send(SD, b"three").ack().silence(0.4).resend(SD)
    assert tape.flow().survived == 40 * SECOND


@pytest.mark.parametrize("beyond", [1, 5000, 1 << 20])
def test_an_acknowledgement_of_more_than_was_sent_survives_no_silence(beyond: int) -> None:
    tape = talking().silence(42).send(FD, b"data").segment(SD, "A", unread=-beyond)
    assert repeated(tape, FD).flow().survived < 42 * SECOND
    assert repeated(tape, FD).ack().flow().survived == 42 * SECOND
