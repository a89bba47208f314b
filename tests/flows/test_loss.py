"""Lost connections, as against closed, reset, busy and unfinished ones."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows.how_ended import Ender, Ending, HowEnded
from auditor.flows.tcp_state import FORGED_MOST

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
DIR = Endpoint("10.0.0.10", 40002)
FD6, SD6 = Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9102)
PAIRS = pytest.mark.parametrize(("fd", "sd"), [(FD, SD), (FD6, SD6)], ids=["IPv4", "IPv6"])


def talking(fd: Endpoint = FD, sd: Endpoint = SD, ttl: int = 64) -> Tape:
    tape = Tape(ttl=ttl).syn(fd, sd).synack().ack()
    return tape.send(fd, b"hello").ack().send(sd, b"there").ack()


def repeated(tape: Tape, end: Endpoint, *gaps: float) -> Tape:
    for gap in gaps or (0.2, 0.4, 0.8, 1.6):
        tape.silence(gap).resend(end)
    return tape


def forgotten(fd: Endpoint = FD, sd: Endpoint = SD, silence: float = 42) -> Tape:
    return repeated(talking(fd, sd).silence(silence).send(fd, b"data"), fd)


def how(tape: Tape) -> HowEnded:
    """How the first flow of a tape ended."""
    return tape.follow().flows[0].how


@PAIRS
@pytest.mark.parametrize("silence", [18, 900])
def test_after_a_silence_one_side_repeats_itself_and_the_other_is_heard_no_more(
    silence: int, fd: Endpoint, sd: Endpoint
) -> None:
    ended = how(forgotten(fd, sd, silence))
    assert (ended.ending, ended.by, ended.certain) == (Ending.LOST, None, False)
    assert (ended.silence, ended.idle, ended.unheard) == (silence * SECOND, True, sd.address)
    assert ended.evidence == (
        f"{fd.address} sent the same bytes (from 6 on) 5 times in 3.0 s, and {sd.address} never "
        f"acknowledged them, after {silence}.0 s of silence; nothing was heard of {sd.address} any "
        "more, so it may have died instead"
    )


@PAIRS
def test_a_host_that_is_heard_elsewhere_afterwards_did_not_die(fd: Endpoint, sd: Endpoint) -> None:
    other = Endpoint(fd.address, fd.port + 1)
    ended = how(forgotten(fd, sd).silence(7).syn(other, sd).synack())
    assert (ended.ending, ended.by, ended.certain) == (Ending.LOST, Ender.WAY, True)
    assert ended.evidence.endswith("that host lived on and was heard 10.0 s later")


def test_the_same_flow_is_no_other_connection() -> None:
    assert not how(forgotten().send(FD, b"more")).certain


def test_what_was_heard_before_the_loss_proves_nothing() -> None:
    tape = talking().syn(DIR, SD).synack().ack().on(FD, SD).silence(42).send(FD, b"data")
    assert not how(repeated(tape, FD)).certain


@pytest.mark.parametrize(
    "gaps", [(), (0.2,), (0.2, 0.4), (0.1, 0.1, 0.1, 0.1)], ids=["once", "twice", "thrice", "fast"]
)
def test_a_capture_that_ends_soon_afterwards_shows_no_loss(gaps: tuple[float, ...]) -> None:
    tape = talking().silence(42).send(FD, b"data")
    for gap in gaps:
        tape.silence(gap).resend(FD)
    assert how(tape).ending is Ending.OPEN


def test_of_a_peer_that_works_elsewhere_one_repetition_is_enough() -> None:
    tape = repeated(talking().silence(42).send(FD, b"data"), FD, 0.2)
    assert how(tape.silence(5).syn(DIR, SD).synack()).ending is Ending.LOST
    tape = talking().silence(42).send(FD, b"data")
    assert how(tape.silence(5).syn(DIR, SD).synack()).ending is Ending.OPEN


def test_a_late_acknowledgement_makes_it_no_loss() -> None:
    assert how(forgotten().ack(SD)).ending is Ending.OPEN


def test_what_a_peer_says_that_never_acknowledges_shows_no_receipt() -> None:
    ended = how(forgotten().segment(SD, "PA", b"busy", unread=4))
    assert (ended.ending, ended.idle, ended.certain) == (Ending.LOST, True, False)
    assert ended.evidence.endswith(f"whatever else was sent in the name of {SD.address}")


def answered(*turns: int, times: int = 7) -> Tape:
    """Data after a silence, sent so often; after these sends its peer seems to acknowledge it."""
    tape = talking().silence(42).send(FD, b"data")
    for turn in range(1, times):
        if turn in turns:
            tape.segment(SD, "A")
        tape.silence(turn).resend(FD)
    return tape


@pytest.mark.parametrize("turns", [(), (1,), (6,), (2, 3), (1, 3, 6)])
def test_who_goes_on_to_repeat_himself_got_no_acknowledgement(turns: tuple[int, ...]) -> None:
    ended = how(answered(*turns))
    assert (ended.ending, ended.idle, ended.silence) == (Ending.LOST, True, 42 * SECOND)
    assert ("kept it from doing so" in ended.evidence) == bool(turns)


def test_each_repetition_that_is_answered_shows_that_its_peer_lives() -> None:
    """On a way that drops acknowledgements, which is no loss of what was sent."""
    assert how(answered(1, 2, 3, 4, 5, 6)).ending is Ending.OPEN
    assert how(answered(6).ack(SD)).ending is Ending.OPEN


def test_who_sends_more_got_the_acknowledgement() -> None:
    assert how(answered(2, times=3).ack(SD).send(FD, b"more").ack(SD)).ending is Ending.OPEN


def test_an_acknowledgement_after_the_rst_of_its_sender_is_none() -> None:
    tape = talking().silence(42).send(FD, b"data").rst(SD).silence(0.1).segment(SD, "A")
    assert how(tape).idle


def test_neither_a_probe_nor_an_ack_that_nobody_answers_shortens_the_silence() -> None:
    for end, shift in ((SD, 0), (SD, -1), (FD, -1)):
        tape = talking().silence(40).segment(end, "A", shift=shift)
        ended = how(repeated(tape.silence(2).send(FD, b"data"), FD))
        assert (ended.idle, ended.silence >= 40 * SECOND) == (True, True)


@PAIRS
@pytest.mark.parametrize("flags", ["A", "PA", "FA", "RA"])
@pytest.mark.parametrize("shift", [-(1 << 27), -5000, 1, 5000, 1 << 27, 1 << 29])
def test_who_knows_neither_number_cannot_speak_for_the_silent_side(
    shift: int, flags: str, fd: Endpoint, sd: Endpoint
) -> None:
    lost = how(forgotten(fd, sd))
    forged = b"alive" if "P" in flags else b""
    assert how(forgotten(fd, sd).segment(sd, flags, forged, shift=shift, unread=70_000)) == lost
    tape = talking(fd, sd).silence(21).segment(sd, flags, forged, shift=shift, unread=70_000)
    tape = repeated(tape.silence(21).send(fd, b"data"), fd)
    assert how(tape).silence == 42 * SECOND


@pytest.mark.parametrize("shift", [-(1 << 29), 1 << 29])
def test_who_moves_the_stream_leaves_a_hole_in_it(shift: int) -> None:
    tape = forgotten()
    for step in range(FORGED_MOST):
        tape.segment(SD, "A", shift=shift + step)
    assert tape.follow().flows[0].acceptor.missing == 0
    tape.segment(SD, "A", shift=shift + FORGED_MOST)
    assert tape.follow().flows[0].acceptor.missing > 0


def test_neither_fin_nor_rst_of_the_side_that_gave_up_makes_it_orderly() -> None:
    assert how(forgotten().fin(FD)).ending is Ending.LOST
    assert how(forgotten().rst(FD)).ending is Ending.LOST


def test_a_loss_without_a_silence_before_it_is_no_idle_one() -> None:
    ended = how(forgotten(silence=0.3))
    assert (ended.ending, ended.idle) == (Ending.LOST, False)


def test_a_closed_window_is_no_loss() -> None:
    tape = talking().send(FD, b"fills it").window(SD, 0).silence(42).send(FD, b"d")
    assert how(repeated(tape, FD)).ending is Ending.OPEN


def test_a_window_that_closes_by_nothing_received_hides_none() -> None:
    tape = talking().window(SD, 0).silence(42).send(FD, b"d")
    assert how(repeated(tape, FD)).ending is Ending.LOST


def test_a_tap_that_sees_one_side_only_cannot_say_it() -> None:
    tape = forgotten()
    source = bytes(map(int, FD.address.split(".")))
    tape.frames = [frame for frame in tape.frames if frame.data[26:30] == source]
    assert how(tape).ending is Ending.OPEN


@pytest.mark.parametrize("probes", [1, 2, 3, 9])
def test_three_probes_without_an_answer_are_a_loss(probes: int) -> None:
    tape = talking().silence(25).probe(FD).answer()
    for _ in range(probes):
        tape.silence(25).probe(FD)
    ended = how(tape)
    assert ended.ending is (Ending.LOST if probes >= 3 else Ending.OPEN)
    if probes == 9:
        assert ended.silence == 25 * SECOND
        assert ended.evidence.startswith(
            "10.0.0.31 sent 9 keepalive probes, and 10.0.0.20 never answered, after 25.0 s"
        )


def test_a_rst_with_another_ttl_came_from_the_way() -> None:
    tape = talking().silence(42).send(FD, b"data")
    ended = how(tape.ttl(62).rst(SD))
    assert (ended.ending, ended.by, ended.certain) == (Ending.LOST, Ender.WAY, True)
    assert "with TTL 62 where that host's segments have 64" in ended.evidence


@pytest.mark.parametrize("ttl", [64, 255], ids=["its own", "another system's first"])
def test_a_rst_from_as_far_as_the_host_leaves_two_causes(ttl: int) -> None:
    tape = talking().silence(42).send(FD, b"data")
    ended = how(tape.ttl(ttl).rst(SD))
    assert (ended.ending, ended.by, ended.certain) == (Ending.LOST, None, False)
    assert "restarted" in ended.evidence


def test_a_probe_may_be_answered_by_the_rst() -> None:
    ended = how(talking().silence(42).probe(FD).rst(SD))
    assert (ended.ending, ended.idle, ended.silence // SECOND) == (Ending.LOST, True, 42)


def test_a_rst_after_a_fin_or_without_a_silence_is_no_idle_loss() -> None:
    closed = talking().fin(SD).ack().silence(42).send(FD, b"late").rst(SD)
    assert how(closed).ending is Ending.ORDERLY
    assert how(talking().silence(2).send(FD, b"data").rst(SD)).ending is Ending.RESET


def test_a_rst_long_afterwards_is_not_the_answer() -> None:
    tape = talking().silence(42).send(FD, b"data").silence(60).rst(SD)
    assert how(tape).ending is Ending.RESET


def test_a_connection_from_before_the_capture_is_lost_the_same_way() -> None:
    tape = Tape().syn(Endpoint(FD.address, 49999), SD).synack().ack()
    tape.silence(300).join(FD, SD).send(SD, b"are you there?")
    how = repeated(tape, SD).follow().flows[1].how
    assert (how.ending, how.idle, how.unheard) == (Ending.LOST, True, FD.address)
    assert how.silence == 300 * SECOND + 2_000_000


def test_where_the_tap_never_sees_the_other_direction_nothing_is_said_of_it() -> None:
    tape = Tape().other().silence(300).join(FD, SD).send(SD, b"are you there?")
    assert repeated(tape, SD).follow().flows[0].how.ending is Ending.OPEN


def test_a_sender_that_goes_on_was_acknowledged_though_the_tap_did_not_see_it() -> None:
    tape = Tape().syn(Endpoint(FD.address, 49999), SD).synack().ack().silence(300).join(FD, SD)
    for _ in range(50):
        tape.send(SD, bytes(1448)).segment(FD, "A").drop()
    assert tape.follow().flows[1].how.ending is Ending.OPEN


def test_a_tap_on_the_device_itself_sees_both_sides_send_in_vain() -> None:
    tape = talking().silence(42).send(FD, b"data")
    for gap in (0.5, 1, 2, 4):
        tape.silence(gap / 2).resend(FD).silence(gap / 2)
        tape.segment(SD, "PA", b"else", unread=4)
    (ended,) = (flow.how for flow in tape.follow().flows)
    assert (ended.ending, ended.by, ended.certain) == (Ending.LOST, Ender.WAY, True)
    assert ended.silence == 42 * SECOND
    assert ended.evidence.endswith("10.0.0.20 itself sends in vain, so both are alive")


def probing(times: int = 4) -> Tape:
    tape = talking().send(SD, b"lost").drop().ack(FD).ack(SD)
    for _ in range(times):
        tape.silence(30).probe(FD)
    return tape


def test_where_the_capture_loses_segments_it_may_have_lost_the_answers_to_probes() -> None:
    assert how(probing().silence(1).syn(DIR, SD).synack()).ending is Ending.OPEN


def test_who_gives_up_with_rst_had_no_answer_whatever_the_capture_lost() -> None:
    ended = how(probing(9).silence(30).rst(FD).syn(DIR, SD).synack())
    assert (ended.ending, ended.idle) == (Ending.LOST, True)


def stamped() -> Tape:
    tape = Tape().clocks().syn(FD, SD).synack().ack()
    for _ in range(4):
        tape.silence(1).send(FD, b"hello").ack().send(SD, b"there").ack()
    return tape


@pytest.mark.parametrize("shift", [None, 123_456_789])
def test_answers_that_were_left_out_for_their_timestamp_may_be_answers(shift: int | None) -> None:
    tape = stamped()
    for _ in range(9):
        tape.silence(25).probe(FD).stamps(shift).answer().stamps()
    assert how(tape).ending is Ending.OPEN
    assert how(tape.silence(10).rst(FD)).ending is Ending.LOST
    tape = stamped().silence(25).send(FD, b"data").silence(0.1).stamps(shift).ack(SD).stamps()
    assert how(repeated(tape, FD)).ending is Ending.LOST


@pytest.mark.parametrize("answers", [0, 1, 2])
def test_who_resets_when_the_next_probe_is_due_gave_up(answers: int) -> None:
    """Whatever was said in the name of his peer: an answer, or words of his own."""
    tape = talking()
    for k in range(5):
        tape.silence(25).probe(FD)
        if k == 1 and answers:
            tape.answer()
    if answers == 2:
        tape.segment(FD, "PA", b"forged")
    ended = how(tape.silence(25).rst(FD))
    assert (ended.ending, ended.idle) == (Ending.LOST, not answers)


def test_a_window_that_closes_with_an_acknowledgement_that_nobody_heeds_hides_none() -> None:
    tape = talking().silence(42).send(FD, b"data")
    tape.connection.halves[SD].window = 0
    tape.segment(SD, "A")
    tape.connection.halves[SD].window = 502
    assert how(repeated(tape, FD)).ending is Ending.LOST


@pytest.mark.parametrize("before", [1, 41])
def test_a_rst_that_nobody_heeded_does_not_hide_the_next(before: int) -> None:
    tape = talking().silence(42 - before).segment(SD, "RA").silence(before)
    ended = how(tape.send(FD, b"late").silence(0.001).rst(SD))
    assert (ended.ending, ended.idle) == (Ending.LOST, True)


@PAIRS
@pytest.mark.parametrize("late", [0.005, 0.21, 0.9, 1.2])
def test_who_repeats_himself_no_more_after_a_rst_was_told_by_it(
    fd: Endpoint, sd: Endpoint, late: float
) -> None:
    tape = talking(fd, sd).send(sd, b"status").rst(fd).silence(late).resend(sd)
    other = Endpoint(fd.address, 40007)
    tape.silence(9).syn(other, sd).synack().ack().send(other, b"hello").ack()
    assert (how(tape).ending is Ending.LOST) is (late > 1)
