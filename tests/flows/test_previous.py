"""What the connection before says while the next one is dialled belongs to neither's beginning."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows import Flow, Outcome
from auditor.flows.how_ended import Ending

ENDS = [
    (Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)),
    (Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9102)),
]
FD, SD = ENDS[0]
PAIRS = pytest.mark.parametrize(("fd", "sd"), ENDS, ids=["IPv4", "IPv6"])
#: Where the old connection stood, from where the new one does.
APART = [-(1 << 30), -5000, -2, 1, 5000, 1 << 20, 1 << 30]


def held(fd: Endpoint, sd: Endpoint, apart: int, *, isn: int = 70_000) -> Tape:
    """Dial a host that still holds the old connection: it acknowledges that, and gets a RST."""
    tape = Tape().syn(fd, sd, isn)
    tape.segment(sd, "A", shift=-123_456, unread=-apart)
    return tape.segment(fd, "R", shift=apart).silence(1).segment(fd, "S", shift=-1)


def the_flow(tape: Tape) -> Flow:
    (flow,) = tape.follow().flows
    return flow


@PAIRS
@pytest.mark.parametrize("apart", APART)
def test_it_lets_the_old_one_go_and_dials_again(fd: Endpoint, sd: Endpoint, apart: int) -> None:
    tape = held(fd, sd, apart).synack().ack().send(fd, b"hello").ack(sd).send(sd, b"x").ack(fd)
    flow = the_flow(tape.silence(60).probe(fd).answer().fin(fd).ack(sd).fin(sd).ack(fd))
    assert (flow.outcome, flow.how.ending) == (Outcome.ESTABLISHED, Ending.ORDERLY)
    assert (flow.tampering_count, flow.initiator.missing, flow.acceptor.missing) == (0, 0, 0)
    assert flow.initiator.longest_idle >= 59 * SECOND
    assert len(flow.initiator.probes) == 1


@PAIRS
@pytest.mark.parametrize("apart", APART)
def test_who_gets_no_more_was_not_answered(fd: Endpoint, sd: Endpoint, apart: int) -> None:
    flow = the_flow(held(fd, sd, apart).silence(9).other())
    assert (flow.outcome, flow.initiator.rst) == (Outcome.UNANSWERED, None)


@PAIRS
def test_a_rst_that_refuses_or_aborts_counts(fd: Endpoint, sd: Endpoint) -> None:
    assert the_flow(held(fd, sd, 5000).rst(sd)).outcome is Outcome.REFUSED
    tape = Tape().syn(fd, sd).synack().ack().send(fd, b"hello").ack(sd)
    assert the_flow(tape.segment(fd, "R")).how.ending is Ending.RESET


def test_where_the_capture_lost_the_answer_to_a_syn_the_acceptor_counts() -> None:
    tape = Tape().syn(FD, SD).synack().drop().ack().send(FD, b"hello").ack(SD).send(SD, b"there")
    assert the_flow(tape.ack(FD)).acceptor.payload_bytes == len(b"there")


@PAIRS
def test_data_that_answer_what_the_capture_lost_are_of_the_new_one(
    fd: Endpoint, sd: Endpoint
) -> None:
    tape = Tape().syn(fd, sd).synack().drop().ack().drop().send(fd, bytes(913)).drop()
    flow = the_flow(tape.send(sd, b"answer"))
    assert (flow.outcome, flow.acceptor.payload_bytes) == (Outcome.ESTABLISHED, 6)
