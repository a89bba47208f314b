"""What a side received counts from its acknowledgement."""

from __future__ import annotations

from talking import FD, SD, connected
from tape import SECOND


def test_what_is_acknowledged_was_heard_when_it_was_sent() -> None:
    tape = connected().silence(40).send(SD, b"z").silence(0.2).ack().silence(30).probe(FD).answer()
    flow = tape.flow()
    assert flow.initiator.longest_idle == 40 * SECOND + SECOND // 1000
    assert [probe.silence for probe in flow.initiator.probes] == [30 * SECOND + SECOND // 5]


def test_what_its_receiver_does_not_acknowledge_breaks_no_silence() -> None:
    tape = connected().silence(50).segment(SD, "PA", b"forged").silence(50)
    flow = tape.segment(FD, "PA", b"true").flow()
    assert flow.initiator.longest_idle > 99 * SECOND


def test_what_takes_its_place_much_later_is_what_was_heard() -> None:
    tape = connected().silence(50).segment(SD, "PA", b"forged").silence(50).send(SD, b"true")
    assert tape.ack().flow().initiator.longest_idle > 99 * SECOND


def test_what_was_repeated_was_sent_first_when_it_was() -> None:
    tape = connected().silence(50).send(SD, b"data")
    for pause in (0.2, 0.4, 0.8, 1.6):
        tape.silence(pause).resend(SD)
    assert tape.ack(FD).flow().initiator.longest_idle < 51 * SECOND


def test_at_the_end_of_a_capture_neither_is_certain() -> None:
    tape = connected().silence(50).send(SD, b"data").silence(40).other()
    assert tape.flow().initiator.longest_idle == 50 * SECOND + SECOND // 1000


def test_two_segments_and_one_acknowledgement_were_both_heard() -> None:
    tape = connected().silence(50).send(SD, b"one").silence(40).send(SD, b"two").ack()
    assert tape.flow().initiator.longest_idle == 50 * SECOND + SECOND // 1000
