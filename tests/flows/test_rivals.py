"""A SYN on the endpoints of an open connection opens another beside it, and ends nothing."""

from __future__ import annotations

import pytest
from talking import ENDS, FD, SD, connected
from tape import SECOND, Tape

from auditor.flows import Flow


def flows(tape: Tape) -> tuple[Flow, ...]:
    return tape.follow().flows


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("flags", ["S", "SA"])
@pytest.mark.parametrize("shift", [-5000, 0, 1, 65_000, 1 << 21, -(1 << 29), 1 << 31])
@pytest.mark.parametrize("who", [0, 1])
def test_an_open_connection_goes_on_after_it(family: str, flags: str, shift: int, who: int) -> None:
    ends = ENDS[family]
    tape = connected(*ends).silence(40).segment(ends[who], flags, shift=shift, unread=7)
    (flow, *_) = flows(tape.silence(40).probe(ends[0]).answer().silence(1).send(ends[1], b"z"))
    assert [probe.silence // SECOND for probe in flow.initiator.probes] == [80]
    assert flow.acceptor.stream == 2


def test_who_goes_on_did_not_send_it() -> None:
    tape = connected().segment(FD, "S", shift=5000).silence(20).send(FD, b"z").ack()
    (flow,) = flows(tape)
    assert (flow.tampering_count, flow.initiator.stream) == (1, 2)
    assert "SYN" in str(flow.tampering[0])


@pytest.mark.parametrize("flags", ["SF", "SFPAU"])
def test_a_syn_with_a_fin_is_nothing_but_a_finding(flags: str) -> None:
    (flow,) = flows(connected().segment(FD, flags, shift=5000).silence(20).send(FD, b"z").ack())
    assert (flow.tampering_count, flow.initiator.stream) == (1, 2)


@pytest.mark.parametrize("family", ENDS)
def test_a_new_connection_whose_predecessor_was_not_seen_to_end_is_one(family: str) -> None:
    fd, sd = ENDS[family]
    tape = connected(fd, sd).silence(40).syn(fd, sd).synack().ack()
    tape.send(fd, b"second").ack().silence(60).probe(fd).answer()
    first, second = flows(tape)
    assert (first.initiator.stream, second.initiator.stream) == (1, 6)
    assert (len(first.initiator.probes), len(second.initiator.probes)) == (0, 1)
    assert first.tampering_count + second.tampering_count == 0


def test_each_of_several_is_told_from_the_others() -> None:
    tape = Tape()
    for count in range(1, 8):
        tape.syn(FD, SD).synack().ack().send(FD, b"x" * count).ack().silence(5)
    assert [flow.initiator.stream for flow in flows(tape)] == list(range(1, 8))


def test_syns_that_nobody_answers_keep_no_connection_out() -> None:
    tape = connected()
    for shift in range(7, 20):
        tape.segment(FD, "S", shift=shift << 24)
    tape.syn(FD, SD).synack().ack().send(FD, b"true").ack()
    assert [flow.initiator.stream for flow in flows(tape) if flow.initiator.stream] == [1, 4]
    assert flows(tape)[-1].syns == 1


def test_a_refusal_belongs_to_the_syn_that_it_answers() -> None:
    tape = connected().syn(FD, SD).rst(SD)
    first, second = flows(tape)
    assert (first.ended, second.outcome.value) == (None, "refused")
