"""The frames that show a flow: its beginning, its answer, its hello and its end."""

from __future__ import annotations

import pytest
from hello_wire import client_hello, record
from tape import Endpoint, Tape

from auditor.flows.flow_frames import Frames, frames_of_flow
from auditor.flows.how_ended import Ending

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9102)
PAIRS = pytest.mark.parametrize(("fd", "sd"), [(FD, SD), (FD6, SD6)], ids=["IPv4", "IPv6"])
HELLO = b"Hello Director dir calling\n"


def talking(fd: Endpoint = FD, sd: Endpoint = SD) -> Tape:
    """Frames 1 to 7, of which 4 is the hello."""
    return Tape().syn(fd, sd).synack().ack().send(fd, HELLO).ack().send(sd, b"there").ack()


def frames(tape: Tape) -> Frames:
    return frames_of_flow(tape.follow().flows[0])


@PAIRS
def test_of_a_whole_connection_they_are_syn_syn_ack_hello_and_fin(
    fd: Endpoint, sd: Endpoint
) -> None:
    assert frames(talking(fd, sd).fin(sd).ack().fin(fd).ack()) == (1, 2, 4, 8, 11)
    assert frames(talking(fd, sd).fin(fd).ack().fin(sd).ack()) == (1, 2, 4, 8, 11)


def test_they_are_counted_with_all_that_is_not_of_it() -> None:
    other = Endpoint("10.0.0.77", 40005)
    tape = Tape().syn(other, SD).other().syn(FD, SD).other().synack().ack()
    tape = tape.send(FD, HELLO).duplicate().other().rst(SD)
    first, second = tape.follow().flows
    assert frames_of_flow(first) == (1, 0, 0, 0, 1)
    assert frames_of_flow(second) == (3, 5, 7, 10, 10)


@PAIRS
def test_what_refuses_or_breaks_it_off_is_its_end(fd: Endpoint, sd: Endpoint) -> None:
    assert frames(Tape().syn(fd, sd).rst()) == (1, 2, 0, 2, 2)
    assert frames(talking(fd, sd).rst(fd)).ending == 8
    assert frames(talking(fd, sd).fin(fd).rst(sd)).ending == 8


@pytest.mark.parametrize("router", ["10.0.0.1", "10.0.0.20"])
def test_an_icmp_error_is_no_segment_and_ends_it_all_the_same(router: str) -> None:
    tape = Tape().syn(FD, SD).error(router, 3, 13).silence(1).resend(FD)
    assert frames(tape) == (1, 0, 0, 2, 3)


@pytest.mark.parametrize("times", [4, 6])
def test_of_a_lost_one_the_last_is_its_end(times: int) -> None:
    tape = talking().silence(900).send(FD, b"data")
    for gap in range(times):
        tape.silence(0.2 * 2**gap).resend(FD)
    (flow,) = tape.follow().flows
    assert flow.how.ending is Ending.LOST
    assert frames_of_flow(flow) == (1, 2, 4, 8 + times, 8 + times)


def test_a_packet_that_is_too_big_is_shown_by_who_says_so() -> None:
    tape = talking().send(FD, bytes(1448)).error("10.0.0.1", 3, 4, mtu=1400)
    for gap in range(5):
        tape.silence(0.2 * 2**gap).resend(FD)
    (flow,) = tape.follow().flows
    assert (flow.how.ending, flow.how.too_big) == (Ending.LOST, True)
    assert frames_of_flow(flow).ending == 9


def test_what_is_open_or_nobody_answered_has_no_end() -> None:
    assert frames(talking()) == (1, 2, 4, 0, 7)
    assert frames(talking().fin(SD)).ending == 8  # its other side goes on
    assert frames(Tape().syn(FD, SD).silence(1).resend(FD)) == (1, 0, 0, 0, 2)


def test_of_the_middle_no_frame_is_a_hello() -> None:
    tape = Tape().join(FD, SD).send(SD, b"x" * 90).ack().send(FD, b"y" * 90).ack()
    assert frames(tape) == (1, 1, 0, 0, 4)


def test_a_refused_login_ends_where_one_side_closes() -> None:
    alert = bytes.fromhex("15030300020228")
    tape = Tape().syn(FD, SD).synack().ack().send(FD, record(client_hello())).ack()
    (flow,) = tape.send(SD, alert).ack().fin(SD).ack().fin(FD).ack().follow().flows
    assert flow.how.ending is Ending.LOGIN_REFUSED
    assert frames_of_flow(flow) == (1, 2, 4, 8, 11)
