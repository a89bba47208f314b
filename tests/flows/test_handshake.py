"""How a connection opens, and what is known of one whose opening was not seen whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows import Flow, Outcome
from auditor.flows.tampering import SYN_ACKS_DIFFER

FD = Endpoint("10.77.0.31", 40001)
SD = Endpoint("10.77.0.20", 9103)
FD6 = Endpoint("2001:db8::31", 40001)
SD6 = Endpoint("2001:db8::20", 9103)
MS = SECOND // 1000

CLIENT_HELLO = bytes.fromhex("16030100050100000100")


@pytest.mark.parametrize(("initiator", "acceptor"), [(FD, SD), (FD6, SD6), (SD, FD)])
def test_the_sender_of_the_syn_is_the_initiator(initiator: Endpoint, acceptor: Endpoint) -> None:
    flow = Tape().syn(initiator, acceptor).synack().ack().flow()
    assert (flow.initiator.address, flow.initiator.port) == (initiator.address, initiator.port)
    assert (flow.acceptor.address, flow.acceptor.port) == (acceptor.address, acceptor.port)
    assert flow.initiator_evidence == "syn"
    assert flow.outcome is Outcome.ESTABLISHED


def test_the_round_trip_is_from_the_syn_to_the_initiators_ack() -> None:
    flow = Tape().syn(FD, SD).silence(0.030).synack().silence(0.001).ack().flow()
    assert flow.rtt == 31 * MS


def test_the_round_trip_counts_from_the_last_of_several_syns() -> None:
    tape = Tape().syn(FD, SD).silence(1).segment(FD, "S", shift=-1).silence(0.03).synack()
    assert tape.silence(0.001).ack().flow().rtt == 31 * MS


def test_the_round_trip_is_unknown_while_the_initiator_has_not_answered() -> None:
    assert Tape().syn(FD, SD).synack().flow().rtt is None


def test_a_retransmitted_syn_is_the_same_connection_and_counts() -> None:
    tape = Tape().syn(FD, SD)
    for wait in (1, 2, 4):
        tape.silence(wait).segment(FD, "S", shift=-1)
    flow = tape.synack(SD).ack().flow()
    assert (flow.syns, flow.outcome) == (4, Outcome.ESTABLISHED)


def test_a_doubled_syn_frame_counts_once() -> None:
    flow = Tape().syn(FD, SD).duplicate().synack().ack().flow()
    assert (flow.syns, flow.duplicates) == (1, 1)


def test_syns_alone_are_unanswered() -> None:
    flow = Tape().syn(FD, SD).silence(1).segment(FD, "S", shift=-1).flow()
    assert (flow.outcome, flow.syns, flow.ended) == (Outcome.UNANSWERED, 2, None)
    assert not flow.one_sided


def test_a_reset_in_answer_to_the_syn_refuses() -> None:
    tape = Tape().syn(FD, SD).rst()
    flow = tape.flow()
    assert flow.outcome is Outcome.REFUSED
    assert flow.ended == flow.acceptor.rst == tape.now


def test_a_reset_after_the_handshake_does_not_refuse() -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"x").rst()
    flow = tape.flow()
    assert flow.outcome is Outcome.ESTABLISHED
    assert flow.ended == flow.acceptor.rst == tape.now


def test_an_initiator_that_resets_its_own_attempt_was_not_refused() -> None:
    assert Tape().syn(FD, SD).rst(FD).flow().outcome is Outcome.UNANSWERED


def test_a_syn_ack_captured_before_its_syn_is_one_connection() -> None:
    flow = Tape().syn(FD, SD).synack().swap().ack().send(FD, b"x").ack().flow()
    assert (flow.initiator.address, flow.initiator_evidence) == (FD.address, "syn")
    assert (flow.outcome, flow.syns) == (Outcome.ESTABLISHED, 1)
    assert flow.initiator.retransmissions == flow.initiator.missing == 0


def test_a_syn_captured_after_the_initiators_data_is_one_connection() -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, CLIENT_HELLO).ack()
    frames = tape.frames
    frames[:] = [*frames[1:4], frames[0], *frames[4:]]
    flow = tape.flow()
    assert (flow.initiator_evidence, flow.outcome, flow.syns) == ("syn", Outcome.ESTABLISHED, 1)
    assert flow.initiator.retransmissions == flow.initiator.missing == 0


def test_a_syn_captured_after_the_initiators_ack_alone_is_one_connection() -> None:
    tape = Tape().syn(FD, SD).synack().drop().ack().swap().send(FD, b"x")
    flow = tape.flow()
    assert (flow.initiator_evidence, flow.outcome, flow.syns) == ("syn", Outcome.ESTABLISHED, 1)


def test_without_the_syn_the_receiver_of_the_syn_ack_is_the_initiator() -> None:
    flow = Tape().syn(FD, SD).drop().synack().ack().flow()
    assert (flow.initiator.address, flow.initiator_evidence) == (FD.address, "synack")
    assert (flow.outcome, flow.syns) == (Outcome.ESTABLISHED, 0)


def test_a_syn_retransmitted_after_a_lost_one_joins_the_syn_ack_seen_before() -> None:
    tape = Tape().syn(FD, SD).drop().synack().silence(3).segment(FD, "S", shift=-1).synack(SD)
    assert (tape.flow().initiator_evidence, tape.flow().syns) == ("syn", 1)


def test_simultaneous_open_is_one_connection_of_whoever_was_seen_first() -> None:
    tape = Tape().syn(FD, SD)
    tape.segment(SD, "S").segment(FD, "SA", shift=-1).segment(SD, "SA")
    flow = tape.flow()
    assert (flow.initiator.address, flow.outcome) == (FD.address, Outcome.ESTABLISHED)
    assert flow.syns == 2


def named(flow: Flow) -> tuple[str, int]:
    return flow.initiator.address, flow.initiator.port


@pytest.mark.parametrize(("dialler", "called"), [(FD, SD), (FD6, SD6), (SD, FD)])
@pytest.mark.parametrize("before", [0.000_01, 0.3, 0.999])
def test_a_forged_syn_does_not_turn_round_who_dialled(
    dialler: Endpoint, called: Endpoint, before: float
) -> None:
    """A simultaneous open needs that the SYN-ACK has the number of the SYN (RFC 9293 §3.5)."""
    tape = Tape().syn(dialler, called).segment(called, "S", shift=-77_000)
    tape.frames[:] = tape.frames[::-1]
    tape.frames[0] = replace(tape.frames[0], time=tape.frames[1].time - round(before * SECOND))
    flow = tape.synack(called).ack().send(dialler, CLIENT_HELLO).ack().flow()
    assert named(flow) == (dialler.address, dialler.port)
    assert (flow.initiator_evidence, flow.outcome) == ("syn", Outcome.ESTABLISHED)
    assert flow.initiator.missing == flow.acceptor.missing == flow.tampering_count == 0
    assert flow.rtt is not None


def test_a_forged_syn_after_the_own_one_does_not_either() -> None:
    tape = Tape().syn(FD, SD).segment(SD, "S", shift=-77_000).synack(SD).ack().send(FD, b"x")
    assert named(tape.flow()) == (FD.address, FD.port)


@pytest.mark.parametrize("forged", [["S"], ["S", "SA"], ["S", "SA", "A"]])
def test_nor_does_a_whole_forged_handshake_of_the_acceptor(forged: list[str]) -> None:
    tape = Tape().syn(FD, SD)
    for shift, flags in enumerate(forged, -5000):
        tape.segment(SD, flags, shift=min(shift, -5000) + (flags == "A"))
    flow = tape.synack(SD).ack().send(FD, CLIENT_HELLO).ack().send(SD, b"y").ack().flow()
    assert named(flow) == (FD.address, FD.port)
    assert flow.acceptor.stream == 1


def test_where_no_syn_ack_is_seen_the_hello_tells_which_syn_was_meant() -> None:
    tape = Tape().syn(FD, SD).segment(SD, "S", shift=-77_000).swap()
    flow = tape.synack(SD).drop().ack(FD).send(FD, CLIENT_HELLO).flow()
    assert (named(flow)[0], flow.initiator_evidence) == (FD.address, "hello")


@pytest.mark.parametrize("order", [0, 1])
def test_of_two_syn_acks_the_one_that_is_acknowledged_counts(order: int) -> None:
    tape = Tape().syn(FD, SD).segment(SD, "SA", shift=(77_000, 0)[order])
    tape.segment(SD, "SA", shift=(0, 77_000)[order])
    tape.connection.halves[SD].next += 1
    flow = tape.ack(FD).send(SD, b"xyz").ack().flow()
    assert (flow.acceptor.stream, flow.acceptor.missing, flow.tampering_count) == (3, 0, 0)


def test_a_second_answer_to_a_syn_whose_first_was_taken_is_tampering() -> None:
    tape = Tape().syn(FD, SD).synack().ack().segment(SD, "SA", shift=77_000).send(FD, b"x").ack()
    flow = tape.flow()
    assert [fact.kind for fact in flow.tampering] == [SYN_ACKS_DIFFER]
    assert flow.tampering[0].frame == 4
    assert (flow.initiator.stream, flow.acceptor.missing) == (1, 0)


def test_a_late_copy_of_the_same_answer_is_not() -> None:
    tape = Tape().syn(FD, SD).synack().ack().segment(SD, "SA", shift=-1).send(FD, b"x").ack()
    assert tape.flow().tampering_count == 0


def test_an_acceptor_that_restarts_between_two_syns_is_the_same_connection() -> None:
    tape = Tape().syn(FD, SD).segment(SD, "SA").silence(1).segment(FD, "S", shift=-1)
    tape.segment(SD, "SA", shift=77_000)
    tape.connection.halves[SD].next += 77_001
    flow = tape.ack(FD).send(FD, b"x").ack().silence(60).other().flow()
    assert flow.outcome is Outcome.ESTABLISHED
    assert flow.acceptor.missing == 0
    assert flow.acceptor.longest_idle == 60 * SECOND + MS


def test_the_first_segments_ttl_is_kept() -> None:
    flow = Tape(ttl=63).syn(FD, SD).synack().flow()
    assert (flow.initiator.ttl, flow.acceptor.ttl) == (63, 63)


# ---------------------------------------------------------------------- one-sided


def test_a_syn_followed_by_the_initiators_ack_proves_the_handshake() -> None:
    flow = Tape().syn(FD, SD).synack().drop().ack().flow()
    assert (flow.outcome, flow.one_sided) == (Outcome.ESTABLISHED, True)


def test_seeing_only_the_acceptor_is_one_sided() -> None:
    tape = Tape().syn(FD, SD).drop().synack().ack().drop().send(SD, b"hello")
    flow = tape.flow()
    assert (flow.outcome, flow.one_sided) == (Outcome.ESTABLISHED, True)
    assert (flow.initiator.address, flow.initiator.segments) == (FD.address, 0)
    assert flow.initiator.first is None


def test_a_refused_connection_seen_whole_is_not_one_sided() -> None:
    assert not Tape().syn(FD, SD).rst().flow().one_sided


def test_a_joined_flow_whose_peer_must_have_spoken_is_one_sided() -> None:
    tape = Tape().join(FD, SD).ack(SD).send(FD, b"x").drop().ack(SD)
    assert tape.flow().one_sided


def test_a_lone_segment_of_a_joined_flow_is_not_called_one_sided() -> None:
    assert not Tape().join(FD, SD).send(FD, b"x").flow().one_sided


# ---------------------------------------------------------------------- midstream


def test_a_connection_that_began_before_the_capture_is_midstream() -> None:
    flow = Tape().join(FD, SD).send(FD, b"x").ack().flow()
    assert (flow.outcome, flow.syns, flow.rtt) == (Outcome.MIDSTREAM, 0, None)


def test_midstream_the_listening_port_accepts() -> None:
    flow = Tape().join(FD, SD).send(SD, b"x").ack().flow()
    assert (flow.initiator.address, flow.initiator_evidence) == (FD.address, "port")


def test_midstream_between_two_listening_ports_the_lower_accepts() -> None:
    director = Endpoint("10.77.0.10", 9101)
    flow = Tape().join(SD, director).send(director, b"x").ack().flow()
    assert (flow.initiator.address, flow.initiator_evidence) == (SD.address, "port")


def test_midstream_a_client_hello_outweighs_the_port() -> None:
    flow = Tape().join(FD, SD).send(SD, CLIENT_HELLO).ack().flow()
    assert (flow.initiator.address, flow.initiator_evidence) == (SD.address, "hello")


# ---------------------------------------------------------------------- ends


def test_a_flow_ends_when_both_sides_have_said_fin() -> None:
    tape = Tape().syn(FD, SD).synack().ack().fin(FD).ack()
    assert tape.flow().ended is None
    flow = tape.fin(SD).flow()
    assert flow.ended == flow.acceptor.fin == tape.now
    assert flow.initiator.fin == tape.now - 2 * MS


def test_a_retransmitted_fin_moves_nothing() -> None:
    tape = Tape().syn(FD, SD).synack().ack().fin(FD).fin(SD)
    ended = tape.now
    assert tape.segment(SD, "FA", shift=-1).ack().flow().ended == ended


def test_a_reset_far_outside_the_stream_ends_nothing() -> None:
    tape = Tape().syn(FD, SD).synack().ack().segment(SD, "R", shift=1 << 30).send(FD, b"x").ack()
    assert (tape.flow().ended, tape.flow().acceptor.rst) == (None, None)


def test_silence_of_many_hours_does_not_end_a_flow() -> None:
    tape = Tape().syn(FD, SD).synack().ack().silence(9 * 3600).send(FD, b"x").ack()
    flow = tape.silence(30 * 3600).send(SD, b"y").ack().flow()
    assert flow.initiator.segments + flow.acceptor.segments == 7


# ---------------------------------------------------------------------- reuse


def test_the_same_ports_after_a_close_are_a_new_flow() -> None:
    tape = Tape().syn(FD, SD).synack().ack().fin(FD).fin(SD).ack().silence(1)
    flows = tape.syn(FD, SD).synack().ack().send(FD, b"x").follow().flows
    assert [flow.syns for flow in flows] == [1, 1]
    assert [flow.ended is None for flow in flows] == [False, True]
    assert [flow.initiator.payload_bytes for flow in flows] == [0, 1]


def test_the_same_ports_without_a_close_are_a_new_flow() -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"abc").ack().silence(1)
    flows = tape.syn(FD, SD).synack().ack().follow().flows
    assert [flow.initiator.payload_bytes for flow in flows] == [3, 0]


def test_the_same_ports_after_a_midstream_flow_are_a_new_flow() -> None:
    tape = Tape().join(FD, SD).send(FD, b"abc").ack().silence(1)
    flows = tape.syn(FD, SD).synack().ack().follow().flows
    assert [flow.outcome for flow in flows] == [Outcome.MIDSTREAM, Outcome.ESTABLISHED]


def test_dialling_back_over_the_same_ports_is_a_new_flow() -> None:
    tape = Tape().syn(FD, SD).synack().ack().rst(FD).silence(1)
    flows = tape.syn(SD, FD).synack().ack().follow().flows
    assert [flow.initiator.address for flow in flows] == [FD.address, SD.address]


def test_new_ports_reused_whose_syn_was_missed_are_told_by_the_syn_ack() -> None:
    tape = Tape().syn(FD, SD).synack().ack().fin(FD).fin(SD).ack().silence(1)
    flows = tape.syn(FD, SD).drop().synack().ack().follow().flows
    assert [flow.initiator_evidence for flow in flows] == ["syn", "synack"]


def test_a_delayed_copy_of_the_syn_is_no_new_flow() -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"x").ack().silence(5)
    tape.segment(FD, "S", shift=-2).ack(SD)
    flow = tape.flow()
    assert (flow.syns, flow.outcome) == (2, Outcome.ESTABLISHED)


def test_a_syn_of_the_connection_before_is_no_new_flow() -> None:
    tape = Tape().syn(FD, SD)
    old = tape.frames[0]
    tape.synack().ack().rst().silence(1).syn(FD, SD).synack().ack().silence(0.5).ack(FD)
    tape.frames[-1] = type(old)(tape.frames[-1].time, old.data, old.wire)
    flows = tape.follow().flows
    assert [flow.syns for flow in flows] == [1, 1]


def test_refused_attempts_are_a_flow_each() -> None:
    tape = Tape()
    for _ in range(3):
        tape.syn(FD, SD).rst().silence(10)
    assert [flow.outcome for flow in tape.follow().flows] == [Outcome.REFUSED] * 3


@pytest.mark.parametrize(("initiator", "acceptor"), [(FD, SD), (FD6, SD6)])
@pytest.mark.parametrize("lie", [1_400_000, 200_000_000])
def test_what_came_before_a_late_syn_ack_is_not_missing(
    initiator: Endpoint, acceptor: Endpoint, lie: int
) -> None:
    """Somebody acknowledged another number in the name of the initiator before it."""
    tape = Tape().syn(initiator, acceptor).segment(initiator, "A", unread=lie)
    tape.synack().ack().send(initiator, CLIENT_HELLO).ack(acceptor)
    late = tape.frames.pop(2)
    tape.send(acceptor, b"?" * 500).ack(initiator).silence(0.1)
    tape.frames.append(replace(late, time=tape.now))
    flow = tape.silence(1).send(initiator, b"?" * 40).ack(acceptor).flow()
    assert (flow.initiator.missing, flow.acceptor.missing) == (0, 0)
