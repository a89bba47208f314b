"""The longest time in which a side could have sent a probe and did not (bareos.md §6.4).

Only such a stretch makes the absence of a probe mean anything, so each way to end it is here.
"""

from __future__ import annotations

import pytest
from talking import FD, SD, connected
from tape import SECOND, Tape

from auditor.flows import ConnectionTracker

MS = SECOND // 1000


def initiators(tape: Tape) -> int:
    return tape.flow().initiator.longest_idle


def acceptors(tape: Tape) -> int:
    return tape.flow().acceptor.longest_idle


# ---------------------------------------------------------------------- how it ends


def test_it_ends_at_the_sides_own_data() -> None:
    tape = connected().silence(100).send(FD, b"z").ack()
    assert initiators(tape) == 100 * SECOND + MS
    assert tape.flow().initiator.longest_idle_began == tape.frames[5].time


def test_it_ends_at_the_sides_own_probe() -> None:
    tape = connected().silence(100).probe(FD).answer()
    assert initiators(tape) == 100 * SECOND + MS


def test_it_ends_at_the_peers_data() -> None:
    assert initiators(connected().silence(100).send(SD, b"z").ack()) == 100 * SECOND + MS


def test_it_ends_at_the_peers_pure_ack() -> None:
    assert initiators(connected().silence(100).ack(SD)) == 100 * SECOND + MS


def test_it_ends_at_the_peers_reset() -> None:
    tape = connected().silence(100).rst(SD).silence(500).other()
    assert initiators(tape) == 100 * SECOND + MS


def test_it_ends_at_its_own_reset() -> None:
    tape = connected().silence(100).rst(FD).silence(500).other()
    assert initiators(tape) == 100 * SECOND + MS


def test_it_ends_at_its_own_fin_for_good() -> None:
    tape = connected().silence(100).fin(FD).ack().silence(500).other()
    assert initiators(tape) == 100 * SECOND + MS


def test_after_the_peers_fin_a_side_that_stays_open_goes_on() -> None:
    tape = connected().fin(SD).ack().silence(500).other()
    assert initiators(tape) == 500 * SECOND + MS


def test_it_ends_when_both_have_said_fin() -> None:
    tape = connected().silence(100).fin(SD).ack().silence(30).fin(FD).ack().silence(500).other()
    assert initiators(tape) == 100 * SECOND + MS


def test_it_counts_up_to_the_end_of_the_capture_while_the_flow_is_open() -> None:
    tape = connected().silence(500).other()
    flow = tape.flow()
    assert flow.initiator.longest_idle == 500 * SECOND + MS
    assert flow.acceptor.longest_idle == 500 * SECOND
    assert flow.acceptor.longest_idle_began == flow.last


def test_a_capture_that_ends_before_the_stretch_began_counts_nothing() -> None:
    tape = Tape().syn(FD, SD).synack().ack()
    tracker = ConnectionTracker({9103})
    tracker.feed(tape.batch())
    (flow,) = tracker.finish(tape.frames[0].time).flows
    assert (flow.initiator.longest_idle, flow.acceptor.longest_idle) == (0, 0)


def test_an_unanswered_probe_starts_the_next_stretch() -> None:
    tape = connected().silence(10).probe(FD).silence(90).other()
    assert initiators(tape) == 90 * SECOND


def test_an_answered_probe_starts_the_next_stretch_at_the_answer() -> None:
    tape = connected().silence(10).probe(FD).answer().silence(90).other()
    assert initiators(tape) == 90 * SECOND


def test_the_longest_of_several_wins_and_says_where_it_began() -> None:
    tape = connected()
    for seconds in (10, 70, 30):
        tape.silence(seconds).probe(FD).answer()
    flow = tape.flow()
    assert flow.initiator.longest_idle == 70 * SECOND
    assert flow.initiator.longest_idle_began == tape.frames[8].time


# ---------------------------------------------------------------------- what does not end it


def test_its_own_bare_acks_do_not_end_it() -> None:
    tape = connected().silence(50).ack(FD).silence(50).send(FD, b"z")
    assert initiators(tape) == 100 * SECOND + MS


def test_empty_probes_of_the_peer_and_their_answers_do_not_end_it() -> None:
    tape = connected().silence(50).probe(SD).answer().silence(50).other()
    assert initiators(tape) == 100 * SECOND + 2 * MS


def test_an_entirely_old_retransmission_of_the_peer_does_not_end_it() -> None:
    tape = connected().send(SD, b"z").ack().silence(50)
    tape.segment(SD, "PA", b"y", shift=-2).ack().silence(50).other()
    assert initiators(tape) == 100 * SECOND + 2 * MS


def test_doubled_frames_do_not_end_it() -> None:
    tape = connected().duplicate(after=0.05).silence(100).other()
    assert acceptors(tape) == 100 * SECOND


def test_it_may_last_longer_than_any_timer() -> None:
    assert initiators(connected().silence(20 * 3600).other()) == 20 * 3600 * SECOND + MS


# ---------------------------------------------------------------------- when there is none


def test_a_connection_that_was_never_answered_has_none() -> None:
    flow = Tape().syn(FD, SD).silence(500).other().flow()
    assert (flow.initiator.longest_idle, flow.acceptor.longest_idle) == (0, 0)
    assert flow.initiator.longest_idle_began is None


def test_a_refused_connection_has_none() -> None:
    flow = Tape().syn(FD, SD).rst().silence(500).other().flow()
    assert (flow.initiator.longest_idle, flow.acceptor.longest_idle) == (0, 0)


def test_a_handshake_that_was_never_finished_has_none() -> None:
    flow = Tape().syn(FD, SD).synack().silence(500).other().flow()
    assert (flow.initiator.longest_idle, flow.acceptor.longest_idle) == (0, 0)


def test_after_the_handshake_the_initiator_counts_from_the_syn_ack() -> None:
    tape = Tape().syn(FD, SD).synack().ack().silence(60).other()
    flow = tape.flow()
    assert flow.initiator.longest_idle == 60 * SECOND + MS
    assert flow.acceptor.longest_idle == 60 * SECOND


def test_an_acceptor_counts_from_the_initiators_ack() -> None:
    tape = Tape().syn(FD, SD).synack().silence(40).ack().silence(60).probe(SD).answer()
    assert acceptors(tape) == 60 * SECOND


def test_a_side_with_unacknowledged_data_has_none() -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"x").silence(500).other()
    assert initiators(tape) == 2 * MS, "between SYN-ACK and data only"


def test_hearing_the_peer_without_being_acknowledged_starts_none() -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"x")
    tape.segment(SD, "PA", b"y", unread=1).silence(1).resend(FD).silence(500).other()
    assert initiators(tape) == 2 * MS, "between SYN-ACK and data only"


def test_what_its_sender_neither_waits_for_nor_repeats_ends_none() -> None:
    """Whoever waits for an acknowledgement sends again within seconds (RFC 6298)."""
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"x")
    tape.segment(SD, "PA", b"y", unread=1).silence(500).other()
    assert initiators(tape) == 500 * SECOND


def test_a_window_that_closes_in_the_middle_ends_it() -> None:
    tape = connected().silence(50).send(FD, b"fills it").window(SD, 0).silence(70).other()
    assert initiators(tape) == 50 * SECOND + MS


def test_a_window_that_closes_by_nothing_received_does_not() -> None:
    """A receiver never takes back what it offered (RFC 9293 §3.8.6): that segment is forged."""
    tape = connected().silence(50)
    tape.connection.halves[SD].window = 0
    tape.probe(SD).silence(70).other()
    assert initiators(tape) == 120 * SECOND + MS


def test_a_side_that_faces_a_closed_window_has_none() -> None:
    tape = connected().send(FD, b"z").window(SD, 0).silence(500).window(SD, 400)
    tape.silence(20).other()
    assert initiators(tape) == 20 * SECOND


def test_seen_from_one_side_only_there_is_none() -> None:
    tape = Tape().syn(FD, SD).synack().drop().ack().send(FD, b"x").silence(500).ack(FD)
    flow = tape.flow()
    assert (flow.initiator.longest_idle, flow.acceptor.longest_idle) == (0, 0)


# ---------------------------------------------------------------------- when it cannot be known


def test_own_data_that_the_peers_ack_betrays_voids_the_stretch() -> None:
    tape = connected().silence(100).send(FD, b"unseen").drop().ack().silence(20)
    assert initiators(tape.send(FD, b"seen").ack()) == 20 * SECOND


def test_own_data_that_a_later_sequence_number_betrays_voids_the_stretch() -> None:
    tape = connected().silence(50).send(FD, b"unseen").drop().silence(50).send(FD, b"seen").ack()
    assert initiators(tape.silence(20).other()) == 20 * SECOND


def test_data_of_the_peer_that_the_own_ack_betrays_voids_the_stretch() -> None:
    tape = connected().silence(50).send(SD, b"unseen").drop().silence(50).ack(FD)
    assert initiators(tape.silence(20).send(SD, b"seen").ack()) == 20 * SECOND


def test_data_of_the_peer_that_its_next_segment_betrays_voids_the_stretch() -> None:
    tape = connected().silence(50).send(SD, b"unseen").drop().silence(50).send(SD, b"seen")
    tape.ack().silence(20).other()
    assert initiators(tape) == 20 * SECOND + MS


def test_a_gap_wider_than_any_window_voids_the_stretches_of_both() -> None:
    tape = connected().silence(50)
    tape.connection.halves[FD].next += 1 << 29
    tape.silence(50)
    for data in (b"a", b"b", b"c", b"d", b"e"):
        tape.send(FD, data)
    tape.ack().silence(20).other()
    assert (initiators(tape), acceptors(tape)) == (20 * SECOND, 20 * SECOND + MS)


def test_a_handshake_whose_last_ack_was_missed_counts_from_the_first_answer() -> None:
    tape = Tape().syn(FD, SD).synack().ack().drop().silence(60).probe(FD).answer()
    assert initiators(tape.silence(20).other()) == 20 * SECOND


def test_after_unseen_data_the_next_silence_is_a_lower_bound() -> None:
    tape = connected().silence(50).send(SD, b"unseen").drop().silence(50).ack(FD)
    (probe,) = tape.silence(60).probe(FD).answer().flow().initiator.probes
    assert (probe.silence, probe.exact) == (60 * SECOND, False)


def test_midstream_a_side_counts_once_its_numbers_are_known() -> None:
    tape = Tape().join(FD, SD).send(SD, b"x").ack().silence(100).send(SD, b"y").ack()
    assert initiators(tape) == 100 * SECOND


def test_midstream_a_side_that_only_answers_the_peers_probe_counts() -> None:
    tape = Tape().join(FD, SD).probe(SD).answer().silence(100).other()
    assert initiators(tape) == 100 * SECOND


def test_midstream_a_side_whose_peer_never_acknowledged_has_none() -> None:
    tape = Tape().join(FD, SD).send(FD, b"x").silence(100).other()
    assert initiators(tape) == 0


def test_midstream_an_answered_probe_starts_a_stretch() -> None:
    tape = Tape().join(FD, SD).probe(FD).answer().silence(100).other()
    assert initiators(tape) == 100 * SECOND


@pytest.mark.parametrize("back", [0.5, 5.0])
def test_time_that_runs_backwards_gives_no_negative_stretch(back: float) -> None:
    tape = connected().silence(back).send(FD, b"a").send(SD, b"b").swap(keep_times=True)
    flow = tape.ack(FD).ack(SD).swap(keep_times=True).silence(1).other().flow()
    assert flow.initiator.longest_idle >= 0
    assert flow.acceptor.longest_idle >= 0
