"""How a flow ended, who ended it, and what is said of it."""

from __future__ import annotations

import pytest
from hello_wire import client_hello, keys, record, versions
from tape import Endpoint, Tape

from auditor.flows.how_ended import Ender, Ending, HowEnded

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9103)
PAIRS = pytest.mark.parametrize(("fd", "sd"), [(FD, SD), (FD6, SD6)], ids=["IPv4", "IPv6"])


def talking(fd: Endpoint, sd: Endpoint) -> Tape:
    return Tape().syn(fd, sd).synack().ack().send(fd, b"hello").ack().send(sd, b"there").ack()


def how(tape: Tape) -> HowEnded:
    return tape.flow().how


@PAIRS
def test_two_fins_end_it_in_order_and_the_first_to_send_one_ended_it(
    fd: Endpoint, sd: Endpoint
) -> None:
    assert how(talking(fd, sd).fin(sd).ack().fin(fd).ack()) == HowEnded(
        Ending.ORDERLY, Ender.ACCEPTOR, f"closed by {sd.address} with FIN"
    )
    assert how(talking(fd, sd).fin(fd).ack().fin(sd).ack()).by is Ender.INITIATOR


def test_a_rst_after_a_fin_is_how_bareos_closes_what_it_did_not_read() -> None:
    ended = how(talking(FD, SD).fin(SD).rst(FD))
    assert (ended.ending, ended.by) == (Ending.ORDERLY, Ender.ACCEPTOR)


@PAIRS
def test_a_rst_in_the_middle_resets_it(fd: Endpoint, sd: Endpoint) -> None:
    ended = how(talking(fd, sd).silence(7).rst(sd))
    assert (ended.ending, ended.by) == (Ending.RESET, Ender.ACCEPTOR)
    said = f"{sd.address} sent RST after 7.0 s, 7.0 s after the last segment of its peer"
    assert ended.evidence == said


def test_a_fin_after_a_rst_closes_nothing_any_more() -> None:
    assert how(talking(FD, SD).rst(SD).fin(FD)).ending is Ending.RESET


def test_a_rst_that_answers_the_syn_says_so() -> None:
    assert how(Tape().syn(FD, SD).rst()) == HowEnded(
        Ending.RESET, Ender.ACCEPTOR, "10.0.0.20 answered the SYN with RST"
    )


def test_what_nobody_answered_has_not_ended() -> None:
    assert how(Tape().syn(FD, SD)) == HowEnded()


def test_what_is_open_when_the_capture_ends_is_open() -> None:
    assert how(talking(FD, SD).silence(60).other()) == HowEnded(Ending.OPEN)
    assert how(talking(FD, SD).fin(FD).ack()) == HowEnded(
        Ending.OPEN, Ender.INITIATOR, "10.0.0.31 closed its side, its peer has not"
    )


def test_a_refused_login_is_told_rather_than_the_fin_after_it() -> None:
    hello = record(client_hello(versions(0x0304), keys(b"R_DIRECTOR\x1edir")))
    refused = Tape().syn(FD, SD).synack().ack().send(FD, hello).ack()
    refused.send(SD, b"\x15\x03\x03\0\x02\x02\x2f").ack().fin(SD).ack().fin(FD).ack()
    assert how(refused) == HowEnded(
        Ending.LOGIN_REFUSED,
        Ender.ACCEPTOR,
        "10.0.0.20 refused the login by TLS alert 47 (illegal_parameter)",
    )
