"""SYN-ACKs with different numbers for one SYN, whether the capture has that SYN or not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows import Outcome
from auditor.flows.tampering import SYN_ACKS_DIFFER

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 9102), Endpoint("2001:db8::20", 50001)
#: How far from the first the numbers of one acceptor are: near, as an old stack counts, and far.
NEAR, DRAWN = (0, 1000, 70_000), (0, 3_000_000_000, 77, 1_500_000_000, 5_000_000)
MOST = tuple(k * 400_000_000 for k in range(7))


def answered(
    numbers: Sequence[int], *, seen: bool, ends: tuple[Endpoint, Endpoint] = (FD, SD)
) -> Tape:
    """A SYN, maybe not captured, that its receiver answers by SYN-ACKs with these numbers."""
    tape = Tape().syn(*ends)
    if not seen:
        tape.drop()
    for place, number in enumerate(numbers):
        if place and seen:
            tape.silence(1).segment(ends[0], "S", shift=-1)
        tape.silence(0.01 if seen else 1).segment(ends[1], "SA", shift=number)
    return tape


def taken(tape: Tape, number: int, end: Endpoint = SD) -> Tape:
    """Let the connection go on with one of them."""
    tape.connection.halves[end].next += number + 1
    return tape


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("ends", [(FD, SD), (FD6, SD6)])
@pytest.mark.parametrize("numbers", [NEAR, DRAWN, MOST, MOST * 3])
def test_syn_acks_with_different_numbers_are_one_flow(
    seen: bool, ends: tuple[Endpoint, Endpoint], numbers: tuple[int, ...]
) -> None:
    flow = answered(numbers, seen=seen, ends=ends).flow()
    assert (flow.initiator.address, flow.initiator.port) == (ends[0].address, ends[0].port)
    assert flow.initiator_evidence == ("syn" if seen else "synack")
    assert (flow.acceptor.segments, flow.tampering_count) == (len(numbers), 0)
    assert flow.initiator.missing == flow.acceptor.missing == 0


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("numbers", [NEAR, DRAWN, MOST])
@pytest.mark.parametrize("which", [0, 1, -1])
@pytest.mark.parametrize("early", [True, False])
def test_what_the_dialler_acknowledges_is_followed(
    seen: bool, numbers: tuple[int, ...], which: int, early: bool
) -> None:
    tape = taken(answered(numbers, seen=seen), numbers[which])
    if early:
        tape.send(SD, b"xyz").ack(FD)
    else:
        tape.ack(FD).send(SD, b"xyz").ack()
    flow = tape.send(FD, b"abc").ack().silence(60).send(SD, b"q").ack().flow()
    assert flow.outcome is Outcome.ESTABLISHED
    assert (flow.acceptor.stream, flow.tampering_count) == (4, 0)
    assert flow.initiator.missing == flow.acceptor.missing == 0
    assert 60 * SECOND <= flow.acceptor.longest_idle < 60.1 * SECOND


@pytest.mark.parametrize("numbers", [NEAR, DRAWN, MOST])
@pytest.mark.parametrize("which", [0, 1, -1])
def test_where_only_the_acceptor_is_seen_what_it_says_tells(
    numbers: tuple[int, ...], which: int
) -> None:
    tape = taken(answered(numbers, seen=False), numbers[which])
    tape.connection.halves[FD].next += 100
    flow = tape.segment(SD, "A").send(SD, b"xyz").silence(5).send(SD, b"q").flow()
    assert (flow.one_sided, flow.acceptor.payload_bytes, flow.acceptor.missing) == (True, 4, 0)
    assert flow.acceptor.stream == 4
    assert flow.initiator.address == FD.address


def test_the_dialler_decides_though_somebody_went_on_in_the_acceptors_name() -> None:
    tape = answered(NEAR, seen=True)
    tape.segment(SD, "A", shift=NEAR[1] + 1)
    flow = taken(tape, NEAR[0]).ack(FD).send(SD, b"xyz").ack().flow()
    assert (flow.acceptor.stream, flow.acceptor.missing) == (3, 0)


@pytest.mark.parametrize("seen", [True, False])
def test_one_more_after_one_was_taken_is_tampering_and_moves_nothing(seen: bool) -> None:
    tape = taken(answered(NEAR, seen=seen), NEAR[0]).ack(FD).segment(SD, "SA", shift=999_999)
    flow = tape.send(FD, b"abc").ack().send(SD, b"xyz").ack().flow()
    assert [fact.kind for fact in flow.tampering] == [SYN_ACKS_DIFFER]
    assert flow.initiator.missing == flow.acceptor.missing == 0


@pytest.mark.parametrize("sender", [FD, SD])
@pytest.mark.parametrize("seen", [True, False])
def test_a_reset_ends_the_one_flow(sender: Endpoint, seen: bool) -> None:
    tape = taken(answered(NEAR, seen=seen), NEAR[-1])
    assert tape.rst(sender).flow().ended == tape.now


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("before", ["nothing", "closed", "open"])
def test_another_attempt_is_another_flow(seen: bool, before: str) -> None:
    """It acknowledges another number; so do all SYN-ACKs of it."""
    tape = Tape()
    if before != "nothing":
        tape.syn(FD, SD).synack().ack().send(FD, b"abc").ack()
    if before == "closed":
        tape.fin(FD).ack().fin(SD).ack()
    tape.silence(61)
    for _ in range(2):
        tape.syn(FD, SD)
        if not seen:
            tape.drop()
        for number in NEAR:
            tape.silence(1).segment(SD, "SA", shift=number + 200_000)
    flows = tape.follow().flows
    assert len(flows) == 2 + (before != "nothing")
    assert [flow.acceptor.segments for flow in flows[-2:]] == [3, 3]
    assert {flow.initiator.address for flow in flows} == {FD.address}
