"""ICMP errors as facts of flows: believed where they quote what was sent, and never more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows.flow import Flow, Outcome
from auditor.flows.how_ended import Ender, Ending

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9102)
ROUTER, ROUTER6 = "10.0.0.1", "2001:db8::1"


def first(tape: Tape) -> Flow:
    return tape.follow().flows[0]


def talking() -> Tape:
    return Tape().syn(FD, SD).synack().ack().send(FD, b"hello").ack().send(SD, b"there").ack()


@pytest.mark.parametrize(
    ("ends", "router", "kind", "code", "said"),
    [
        ((FD, SD), SD.address, 3, 10, "ICMP host administratively prohibited (type 3 code 10)"),
        ((FD, SD), ROUTER, 3, 1, "ICMP host unreachable (type 3 code 1)"),
        ((FD, SD), ROUTER, 11, 0, "ICMP time to live exceeded (type 11 code 0)"),
        ((FD6, SD6), SD6.address, 1, 1, "ICMPv6 administratively prohibited (type 1 code 1)"),
        ((FD6, SD6), ROUTER6, 1, 3, "ICMPv6 address unreachable (type 1 code 3)"),
    ],
)
def test_an_error_that_answers_the_syn_rejects_it(
    ends: tuple[Endpoint, Endpoint], router: str, kind: int, code: int, said: str
) -> None:
    flow = first(Tape().syn(*ends).error(router, kind, code))
    assert (flow.outcome, flow.how.ending) == (Outcome.UNANSWERED, Ending.REJECTED)
    assert flow.how.evidence.startswith(f"answered by {said} from {router}: ")
    own = router == ends[1].address
    assert flow.how.by is (Ender.ACCEPTOR if own else Ender.WAY)


def test_a_quotation_with_another_number_is_a_forgery() -> None:
    flow = first(Tape().syn(FD, SD, isn=7000).error(ROUTER, 3, 10, seq=7001))
    assert (flow.rejection, flow.how.ending) == (None, None)


def test_an_error_about_a_flow_that_was_never_seen_opens_none() -> None:
    tape = Tape().syn(FD, SD).error(ROUTER, 3, 10)
    del tape.frames[0]
    assert tape.follow().flows == ()


def test_an_attempt_that_was_answered_after_all_is_not_rejected() -> None:
    tape = Tape().syn(FD, SD).error(ROUTER, 3, 1).synack().ack().send(FD, b"hello").ack()
    flow = first(tape)
    assert (flow.outcome, flow.how.ending) == (Outcome.ESTABLISHED, Ending.OPEN)
    assert flow.rejection is not None


@pytest.mark.parametrize("after", ["synack", "data", "fin"])
def test_an_error_changes_nothing_else_of_a_flow(after: str) -> None:
    def tape(*, error: bool) -> Tape:
        made = Tape().syn(FD, SD)
        for name in ("synack", "data", "fin"):
            if name == "synack":
                made.synack().ack()
            elif name == "data":
                made.send(FD, b"hello")
            else:
                made.ack().fin(FD).ack().fin(SD).ack()
            if error and name == after:
                made.error(ROUTER, 3, 10)
        return made

    with_error, without = first(tape(error=True)), first(tape(error=False))
    assert (with_error.outcome, with_error.how.ending) == (without.outcome, without.how.ending)
    assert (with_error.hello, with_error.syns) == (without.hello, without.syns)
    for one, other in (
        (with_error.initiator, without.initiator),
        (with_error.acceptor, without.acceptor),
    ):
        assert (one.segments, one.payload_bytes) == (other.segments, other.payload_bytes)
        assert (one.retransmissions, one.missing) == (other.retransmissions, other.missing)


def test_after_a_silence_it_says_that_the_connection_was_forgotten() -> None:
    tape = talking().silence(42).send(FD, b"data").error(ROUTER, 3, 13)
    how = first(tape.silence(1).on(FD, SD).resend(FD).error(ROUTER, 3, 13)).how
    assert (how.ending, how.by, how.idle) == (Ending.LOST, Ender.WAY, True)
    assert how.silence == 42 * SECOND
    assert "ICMP communication administratively prohibited (type 3 code 13) from 10.0.0.1" in (
        how.evidence
    )


def test_in_the_middle_it_rejects_what_was_sent_in_vain_again() -> None:
    tape = talking().send(FD, b"data").error(ROUTER, 3, 1)
    assert first(tape).how.ending is Ending.OPEN
    assert first(tape.silence(1).resend(FD)).how.ending is Ending.REJECTED
    assert first(tape.ack(SD)).how.ending is Ending.OPEN


def test_a_packet_that_was_too_big_is_kept_apart() -> None:
    flow = first(talking().send(FD, bytes(1400)).error(ROUTER, 3, 4, mtu=1200))
    assert flow.rejection is None
    assert flow.too_big is not None
    assert (flow.too_big.mtu, flow.too_big.size, flow.too_big.of_initiator) == (1200, 1440, True)
    six = Tape().syn(FD6, SD6).synack().ack().send(SD6, bytes(1400)).error(ROUTER6, 2, 0, mtu=1280)
    big = first(six).too_big
    assert big is not None
    assert (big.version, big.mtu, big.size, big.of_initiator) == (6, 1280, 1460, False)


def test_errors_are_counted() -> None:
    tape = Tape().syn(FD, SD).error(ROUTER, 3, 10)
    tape.frames.append(replace(tape.frames[-1], time=tape.now + SECOND))
    rejection = first(tape).rejection
    assert rejection is not None
    assert rejection.count == 2
