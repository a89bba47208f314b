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


ENDED = {
    "RST": ["R"],
    "RST of both": ["R", "R"],
    "FIN of both": ["FA", "FA"],
}


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("forged", ENDED)
@pytest.mark.parametrize("flags", ["S", "SA"])
@pytest.mark.parametrize("who", [0, 1])
def test_a_forged_end_before_it_changes_nothing(
    family: str, forged: str, flags: str, who: int
) -> None:
    ends = ENDS[family]
    tape = connected(*ends).silence(40)
    for k, flag in enumerate(ENDED[forged]):
        tape.segment(ends[(who + k) % 2], flag, unread=-k if "F" in flag else 0)
    if "FIN" in forged:
        tape.segment(ends[who], "A", shift=1, unread=-1)
    tape.segment(ends[who], flags, shift=1 << 28, unread=-77 << 20)
    (flow, *_) = flows(tape.silence(40).send(ends[0], b"zz").ack().send(ends[1], b"zz").ack())
    assert (flow.initiator.stream, flow.acceptor.stream) == (3, 3)
    assert flow.ended is None and flow.tampering


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("said", [b"", b"said"])
def test_nor_does_an_answer_to_it(family: str, said: bytes) -> None:
    fd, sd = ENDS[family]
    tape = connected(fd, sd).silence(5).segment(fd, "S", shift=9 << 20)
    tape.segment(sd, "SA", shift=7 << 20, unread=-(9 << 20) - 1)
    tape.segment(fd, "PA" if said else "A", said, shift=(9 << 20) + 1, unread=-(7 << 20) - 1)
    (flow,) = flows(tape.silence(5).send(fd, b"z").ack())
    assert (flow.initiator.stream, [str(fact)[:5] for fact in flow.tampering]) == (2, ["a SYN"])


def test_two_numbers_of_one_syn_on_both_sides_of_a_device_accuse_nobody() -> None:
    tape = Tape().syn(FD, SD)
    tape.segment(FD, "S", shift=(9 << 20) - 1).synack()
    tape.segment(SD, "SA", shift=-1, unread=-(9 << 20)).ack().segment(FD, "A", shift=9 << 20)
    tape.silence(3).send(FD, b"z").segment(FD, "PA", b"z", shift=(9 << 20) - 1)
    assert sum(flow.tampering_count for flow in flows(tape)) == 0


@pytest.mark.parametrize("how", ["rst", "fin"])
@pytest.mark.parametrize("after", [0.01, 5, 100])
def test_endpoints_that_are_used_again_are_two_connections(how: str, after: float) -> None:
    tape = connected()
    tape = tape.rst(SD) if how == "rst" else tape.fin(FD).ack().fin(SD).ack()
    tape.silence(after).syn(FD, SD).synack().ack().send(FD, b"second").ack().silence(60)
    first, second = flows(tape.probe(FD).answer().send(SD, b"more").ack())
    assert (first.initiator.stream, second.initiator.stream) == (1, 6)
    assert first.ended is not None and second.ended is None
    assert first.tampering_count + second.tampering_count == 0
