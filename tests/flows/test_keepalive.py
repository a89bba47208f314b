"""What is a keepalive probe, what only looks like one, and what is told of it (bareos.md §6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows import Probe

FD = Endpoint("10.77.0.31", 40001)
SD = Endpoint("10.77.0.20", 9103)
FD6 = Endpoint("2001:db8::31", 40001)
SD6 = Endpoint("2001:db8::20", 9103)
MS = SECOND // 1000


def connected(initiator: Endpoint = FD, acceptor: Endpoint = SD, isn: int | None = None) -> Tape:
    return Tape().syn(initiator, acceptor, isn).synack().ack()


def probes_of(tape: Tape, *, acceptor: bool = False) -> tuple[Probe, ...]:
    flow = tape.flow()
    return (flow.acceptor if acceptor else flow.initiator).probes


# ---------------------------------------------------------------------- what is told


@pytest.mark.parametrize(("initiator", "acceptor"), [(FD, SD), (FD6, SD6)])
def test_an_empty_segment_one_below_what_is_expected_after_silence_is_a_probe(
    initiator: Endpoint, acceptor: Endpoint
) -> None:
    tape = connected(initiator, acceptor).send(initiator, b"x").ack().silence(60)
    (probe,) = probes_of(tape.probe(initiator).silence(0.002).answer())
    assert probe == Probe(
        time=tape.now - 2 * MS,
        silence=60 * SECOND,
        interval=60 * SECOND,
        length=0,
        answered=2 * MS,
        exact=True,
    )


def test_a_probe_before_any_data_is_a_probe() -> None:
    (probe,) = probes_of(connected().silence(60).probe(FD).answer())
    assert probe.silence == 60 * SECOND + MS, "the SYN-ACK was the last to restart the timer"


def test_a_probe_may_carry_one_garbage_byte() -> None:
    (probe,) = probes_of(connected().silence(60).probe(FD, b"\0").answer())
    assert (probe.length, probe.answered) == (1, MS)


def test_a_garbage_byte_is_no_data_and_no_retransmission() -> None:
    flow = connected().send(FD, b"ab").ack().silence(60).probe(FD, b"\0").answer().flow()
    assert (flow.initiator.retransmissions, flow.initiator.missing) == (0, 0)


def test_probes_count_across_the_wrap_of_sequence_numbers() -> None:
    tape = connected(isn=0xFFFFFFFF).silence(10).probe(FD).answer()
    tape.send(FD, b"x").ack().silence(10).probe(FD).answer()
    assert [probe.answered for probe in probes_of(tape)] == [MS, MS]


def test_an_answered_probe_restarts_the_silence() -> None:
    tape = connected().silence(60).probe(FD).answer().silence(61).probe(FD).answer()
    first, second = probes_of(tape)
    assert (second.silence, second.interval) == (61 * SECOND, 61 * SECOND)
    assert second.time - first.time == 61 * SECOND + MS


def test_an_unanswered_probe_restarts_the_interval_but_not_the_silence() -> None:
    tape = connected().send(FD, b"x").ack().silence(60).probe(FD).silence(75).probe(FD)
    first, second = probes_of(tape)
    assert (first.answered, second.answered) == (None, None)
    assert (second.silence, second.interval) == (135 * SECOND, 75 * SECOND)


def test_an_answer_belongs_to_the_last_probe_before_it() -> None:
    tape = connected().silence(60).probe(FD).silence(60).probe(FD).answer()
    assert [probe.answered for probe in probes_of(tape)] == [None, MS]


def test_the_acknowledgement_of_what_the_prober_sent_next_is_no_answer() -> None:
    (probe,) = probes_of(connected().silence(60).probe(FD).send(FD, b"x").ack())
    assert probe.answered is None


def test_a_reset_is_no_answer() -> None:
    (probe,) = probes_of(connected().silence(60).probe(FD).rst())
    assert probe.answered is None


def test_data_of_the_peer_answers_as_well_as_a_bare_ack() -> None:
    (probe,) = probes_of(connected().silence(60).probe(FD).send(SD, b"x").ack())
    assert probe.answered == MS


def test_both_sides_keep_their_own_trains() -> None:
    tape = connected().send(FD, b"x").ack().send(SD, b"y").ack()
    for _ in range(3):
        tape.silence(50).probe(FD).answer()
    tape.silence(30).probe(SD).answer()
    flow = tape.flow()
    assert len(flow.initiator.probes) == 3
    (late,) = flow.acceptor.probes
    assert late.silence == 180 * SECOND + 3 * MS, "the initiator's probes did not restart the timer"


def test_crossing_probes_are_both_answered() -> None:
    tape = connected().silence(60).probe(FD).probe(SD)
    tape.ack(SD).ack(FD)
    flow = tape.flow()
    assert [probe.answered for probe in flow.initiator.probes] == [2 * MS]
    assert [probe.answered for probe in flow.acceptor.probes] == [2 * MS]


def test_a_probe_after_hours_is_measured_whole() -> None:
    (probe,) = probes_of(connected().send(FD, b"x").ack().silence(7200).probe(FD).answer())
    assert probe.silence == 7200 * SECOND


# ---------------------------------------------------------------------- what is not a probe


def test_a_one_byte_retransmission_is_no_probe() -> None:
    tape = connected().send(FD, b"x").silence(1.5).resend(FD).silence(3).resend(FD).ack()
    flow = tape.flow()
    assert flow.initiator.probes == ()
    assert flow.initiator.retransmissions == 2


def test_one_byte_sent_again_just_after_its_ack_is_no_probe() -> None:
    tape = connected().silence(60).send(FD, b"x").ack().silence(0.2).resend(FD).ack()
    flow = tape.flow()
    assert flow.initiator.probes == ()
    assert flow.initiator.retransmissions == 1


def test_zero_window_probes_are_no_keepalive() -> None:
    tape = connected().send(FD, b"x" * 100).window(SD, 0)
    for wait in (1.0, 2.0, 4.0):
        tape.silence(wait).probe(FD).answer()
    flow = tape.window(SD, 500).flow()
    assert flow.initiator.probes == ()
    assert flow.acceptor.zero_windows == 4


def test_an_opened_window_lets_probes_count_again() -> None:
    tape = connected().window(SD, 0).silence(30).window(SD, 500).silence(60).probe(FD).answer()
    (probe,) = probes_of(tape)
    assert probe.silence == 60 * SECOND


def test_a_probe_cannot_come_while_own_data_is_unacknowledged() -> None:
    tape = connected().send(FD, b"xyz").silence(60).probe(FD).answer()
    assert probes_of(tape) == ()


def test_a_repeated_pure_ack_is_no_probe() -> None:
    assert probes_of(connected().silence(60).ack(FD).silence(60).ack(FD)) == ()


def test_a_frame_doubled_by_the_tap_is_one_probe() -> None:
    tape = connected().silence(60).probe(FD).duplicate().answer().duplicate()
    flow = tape.flow()
    assert len(flow.initiator.probes) == 1
    assert flow.duplicates == 2


def test_a_probe_repeated_after_more_than_a_tenth_of_a_second_is_no_doubled_frame() -> None:
    tape = connected().silence(60).probe(FD).duplicate(after=0.11)
    flow = tape.flow()
    assert (len(flow.initiator.probes), flow.duplicates) == (2, 0)


def test_a_segment_with_syn_fin_or_rst_is_no_probe() -> None:
    for flags in ("FA", "RA", "R"):
        tape = connected().silence(60).segment(FD, flags, shift=-1)
        assert probes_of(tape) == ()


# ------------------------------------------------------------------- what restarts the idle timer


def test_an_empty_probe_of_the_peer_is_no_sign_of_life() -> None:
    tape = connected().send(SD, b"x").ack().silence(40).probe(SD).answer().silence(20).probe(FD)
    (probe,) = probes_of(tape)
    assert probe.silence == 60 * SECOND + 2 * MS


def test_a_garbage_byte_of_the_peer_is_one_as_linux_takes_it() -> None:
    # Measured on Linux 6.18: tcpi_last_ack_recv restarts with a one-byte probe, since it ends
    # where the last acknowledgement stood, and not with an empty one, which ends before it.
    tape = connected().send(SD, b"x").ack().silence(40).probe(SD, b"\0").answer()
    (probe,) = probes_of(tape.silence(20).probe(FD))
    assert probe.silence == 20 * SECOND + MS


def test_an_entirely_old_retransmission_is_no_sign_of_life() -> None:
    tape = connected().send(SD, b"x").ack().send(SD, b"y").ack()
    tape.silence(30).segment(SD, "PA", b"x", shift=-2).ack()
    (probe,) = probes_of(tape.silence(30).probe(FD))
    assert probe.silence == 60 * SECOND + 2 * MS


def test_a_doubled_frame_is_no_sign_of_life() -> None:
    tape = connected().ack(SD).duplicate(after=0.09).silence(60).probe(FD)
    (probe,) = probes_of(tape)
    assert probe.silence == 60 * SECOND


LIVES: dict[str, Callable[[Tape], Tape]] = {
    "ack": lambda tape: tape.ack(SD),
    "data": lambda tape: tape.send(SD, b"x"),
    "fin": lambda tape: tape.fin(SD),
    "answer": lambda tape: tape.probe(FD).answer(),
}


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_acks_data_fins_and_answers_are_signs_of_life(life: Callable[[Tape], Tape]) -> None:
    tape = life(connected().silence(30)).silence(20).probe(FD)
    assert probes_of(tape)[-1].silence == 20 * SECOND


def test_a_second_syn_ack_is_no_sign_of_life_to_an_established_side() -> None:
    tape = connected().silence(1).segment(SD, "SA", shift=-1).silence(59).probe(FD)
    (probe,) = probes_of(tape)
    assert probe.silence == 60 * SECOND + MS


def test_time_that_runs_backwards_gives_no_negative_silence() -> None:
    tape = connected().silence(60).probe(FD).answer().swap(keep_times=True)
    for probe in probes_of(tape.silence(60).probe(FD).answer()):
        assert probe.silence >= 0
        assert probe.interval >= 0


# ---------------------------------------------------------------------- midstream


def test_midstream_an_answered_probe_is_known_by_its_answer() -> None:
    tape = Tape().join(FD, SD).probe(FD).answer()
    (probe,) = probes_of(tape)
    assert (probe.answered, probe.exact, probe.silence) == (MS, False, 0)


def test_midstream_the_silence_before_the_second_probe_is_exact() -> None:
    tape = Tape().join(FD, SD).probe(FD).answer().silence(60).probe(FD).answer()
    assert [(probe.interval, probe.exact) for probe in probes_of(tape)] == [
        (0, False),
        (60 * SECOND, True),
    ]


def test_midstream_a_bare_ack_that_the_peer_acknowledges_as_it_is_is_no_probe() -> None:
    tape = Tape().join(FD, SD).ack(FD).send(SD, b"x").ack(FD)
    assert probes_of(tape) == ()


def test_midstream_a_zero_window_probe_is_no_keepalive() -> None:
    tape = Tape().join(FD, SD)
    tape.connection.halves[SD].window = 0
    assert probes_of(tape.probe(FD).answer()) == ()


def test_midstream_the_peers_earlier_ack_tells_a_probe_without_an_answer() -> None:
    tape = Tape().join(FD, SD).ack(SD).silence(20).probe(FD)
    (probe,) = probes_of(tape)
    # Not exact: the peer's bare ACK may have been a probe itself, which nobody hears.
    assert (probe.silence, probe.answered, probe.exact) == (20 * SECOND, None, False)


def test_midstream_data_of_the_peer_makes_the_next_silence_exact() -> None:
    tape = Tape().join(FD, SD).send(SD, b"x").silence(20).probe(FD)
    (probe,) = probes_of(tape)
    assert (probe.silence, probe.exact) == (20 * SECOND, True)


def test_midstream_a_candidate_is_settled_by_the_peers_very_next_segment() -> None:
    tape = Tape().join(FD, SD).probe(FD).send(SD, b"x").ack(SD)
    assert probes_of(tape) == ()
    assert tape.flow().initiator.missing == 0, "the sequence number it skipped was never data"


def test_midstream_a_candidate_is_given_up_when_the_prober_speaks_first() -> None:
    tape = Tape().join(FD, SD).probe(FD).ack(FD).answer()
    assert probes_of(tape) == ()
    assert tape.flow().initiator.missing == 0, "the sequence number it skipped was never data"


def test_midstream_a_bare_ack_before_one_byte_of_data_is_no_probe() -> None:
    assert probes_of(Tape().join(FD, SD).ack(FD).send(FD, b"x").ack(SD)) == ()


def test_midstream_a_probe_soon_after_the_capture_began_is_known_by_its_answer() -> None:
    tape = Tape().join(FD, SD).probe(SD).silence(0.2).probe(FD).answer()
    (probe,) = probes_of(tape)
    assert (probe.silence, probe.exact, probe.answered) == (SECOND // 5, False, MS)


def test_midstream_the_probes_of_both_sides_are_kept_apart() -> None:
    tape = Tape().join(FD, SD)
    for _ in range(3):
        tape.silence(30).probe(SD).answer().silence(30).probe(FD).answer()
    flow = tape.flow()
    assert [len(flow.initiator.probes), len(flow.acceptor.probes)] == [3, 3]
    assert {probe.interval for probe in flow.initiator.probes[1:]} == {60 * SECOND + MS}
