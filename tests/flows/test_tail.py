"""What a side sent last, and neither waits for nor repeats."""

from __future__ import annotations

from tape import SECOND, Endpoint, Tape

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)


def connected() -> Tape:
    return Tape().syn(FD, SD).synack().ack().send(FD, b"x").ack().send(SD, b"y").ack()


def test_data_in_a_sides_name_that_its_peer_does_not_take_leaves_it_idle() -> None:
    tape = connected().segment(FD, "PA", b"forged").send(SD, b"z").ack().silence(100)
    flow = tape.probe(FD).answer().flow()
    assert flow.initiator.longest_idle >= 100 * SECOND
    assert len(flow.initiator.probes) == 1


def test_who_sends_other_data_there_much_later_was_idle_until_then() -> None:
    tape = connected().segment(FD, "PA", b"forged").silence(100).send(FD, b"t").ack()
    assert tape.flow().initiator.longest_idle > 99 * SECOND


def test_who_repeats_waits() -> None:
    tape = connected().send(FD, b"data").segment(SD, "A", unread=4)
    for pause in (0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8):
        tape.silence(pause).resend(FD)
    assert tape.flow().initiator.longest_idle < SECOND


def test_a_lost_acknowledgement_is_taken_for_one_once_it_must_have_come() -> None:
    tape = connected().send(FD, b"data").ack().drop().send(SD, b"more").drop().silence(0.1)
    tape.segment(SD, "A", unread=4, shift=-4).silence(60).other()
    assert 59 * SECOND < tape.flow().initiator.longest_idle < 61 * SECOND


def test_what_was_left_ahead_of_a_stream_answered_for_nobody() -> None:
    tape = Tape().join(FD, SD).send(FD, b"x").ack(SD).send(SD, b"y").ack(FD)
    for _ in range(2):
        tape.silence(29).segment(SD, "A", shift=1 << 20)
    flow = tape.silence(10).send(FD, b"x").ack(SD).flow()
    assert flow.initiator.longest_idle >= 58 * SECOND
