"""Packets that are too big for the way, named by ICMP or swallowed without a word."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows.how_ended import Ender, Ending, HowEnded

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)
FD6, SD6 = Endpoint("2001:db8::31", 50001), Endpoint("2001:db8::20", 9102)
ROUTER, ROUTER6 = "10.0.0.1", "2001:db8::1"


def talking(fd: Endpoint = FD, sd: Endpoint = SD) -> Tape:
    return Tape().syn(fd, sd).synack().ack().send(fd, b"hello").ack().send(sd, b"there").ack()


def how(tape: Tape) -> HowEnded:
    return tape.follow().flows[0].how


def again(tape: Tape, end: Endpoint) -> Tape:
    for gap in (0.3, 0.6, 1.2, 2.4):
        tape.silence(gap).resend(end)
    return tape


@pytest.mark.parametrize(
    ("ends", "router", "kind", "code", "mtu", "said"),
    [
        (
            (FD, SD),
            ROUTER,
            3,
            4,
            1400,
            "ICMP fragmentation needed (type 3 code 4) from 10.0.0.1 had said that packets of 1488 "
            "bytes are too big, and that 1400 bytes fit",
        ),
        (
            (FD6, SD6),
            ROUTER6,
            2,
            0,
            1280,
            "ICMPv6 packet too big (type 2 code 0) from 2001:db8::1 had said that packets of 1508 "
            "bytes are too big, and that 1280 bytes fit",
        ),
    ],
    ids=["ICMP", "ICMPv6"],
)
def test_a_sender_that_does_not_hear_icmp_sends_the_same_again(
    ends: tuple[Endpoint, Endpoint], router: str, kind: int, code: int, mtu: int, said: str
) -> None:
    tape = talking(*ends).send(ends[0], bytes(1448)).error(router, kind, code, mtu=mtu)
    ended = how(again(tape, ends[0]))
    assert (ended.ending, ended.by, ended.too_big) == (Ending.LOST, Ender.WAY, True)
    assert ended.certain
    assert said in ended.evidence
    assert ended.evidence.startswith(f"{ends[0].address} sent the same 1448 bytes 5 times")


def test_a_router_that_answers_each_time_has_said_it_the_first_time() -> None:
    tape = talking().send(FD, bytes(1448)).error(ROUTER, 3, 4, mtu=1400)
    for gap in (0.3, 0.6, 1.2):
        tape.silence(gap).resend(FD).error(ROUTER, 3, 4, mtu=1400)
    ended = how(tape)
    assert ended.too_big and ended.certain
    assert "sent the same 1448 bytes 4 times, the last 2.1 s after ICMP" in ended.evidence


@pytest.mark.parametrize(("length", "mtu"), [(1448, 576), (1448, 0), (37, 68)])
@pytest.mark.parametrize("six", [False, True])
def test_after_a_silence_an_error_that_anybody_can_write_excuses_no_loss(
    length: int, mtu: int, six: bool
) -> None:
    ends, router, kind = ((FD6, SD6), ROUTER6, (2, 0)) if six else ((FD, SD), ROUTER, (3, 4))
    tape = talking(*ends).silence(100).send(ends[0], bytes(length)).error(router, *kind, mtu=mtu)
    tape = again(again(tape, ends[0]), ends[0])
    ended = how(tape)
    assert (ended.ending, ended.too_big) == (Ending.LOST, False)
    assert ended.silence == 100 * SECOND
    assert how(tape.segment(ends[1], "A", unread=length)).too_big


@pytest.mark.parametrize("mtu", [0, 1400])
def test_an_error_that_names_a_size_that_fits_hides_no_true_one(mtu: int) -> None:
    tape = talking().send(FD, bytes(1448)).error(ROUTER, 3, 4, mtu=9000)
    ended = how(again(tape.silence(0.1).resend(FD).error(ROUTER, 3, 4, mtu=mtu), FD))
    assert (ended.too_big, ended.certain) == (True, True)


def test_an_error_that_names_a_size_that_fits_hides_no_black_hole() -> None:
    tape = again(talking().send(FD, bytes(1448)).error(ROUTER, 3, 4, mtu=9000), FD)
    ended = how(tape.silence(1).segment(SD, "PA", b"where are you", unread=1448))
    assert (ended.too_big, ended.certain) == (True, False)


def test_a_capture_that_ends_before_the_smaller_segment_is_acknowledged_shows_no_trouble() -> None:
    tape = talking().send(FD, bytes(1448)).error(ROUTER, 3, 4, mtu=1400)
    assert not how(tape.segment(FD, "A", bytes(1348), shift=-1448)).too_big


def test_an_old_router_names_no_mtu() -> None:
    ended = how(again(talking().send(SD, bytes(1448)).error(ROUTER, 3, 4), SD))
    assert ended.too_big
    assert ended.evidence.endswith("packets of 1488 bytes are too big")


def test_a_sender_that_heeds_it_has_no_trouble() -> None:
    tape = talking().send(FD, bytes(1448)).error(ROUTER, 3, 4, mtu=1000)
    tape.segment(FD, "A", bytes(900), shift=-1448).segment(FD, "PA", bytes(548), shift=-548)
    assert how(tape.ack(SD)).ending is Ending.OPEN


def test_what_arrived_in_the_end_was_not_too_big() -> None:
    tape = talking().send(FD, bytes(1448)).error(ROUTER, 3, 4, mtu=1400).silence(1).resend(FD)
    assert how(tape.ack(SD)).ending is Ending.OPEN


def test_an_error_about_the_other_side_says_nothing_of_this_one() -> None:
    tape = talking().send(SD, bytes(1448)).error(ROUTER, 3, 4, mtu=1400).ack(FD)
    assert not how(again(tape.send(FD, b"data"), FD)).too_big


def test_a_black_hole_swallows_what_is_large_while_the_peer_is_heard() -> None:
    tape = again(talking().send(FD, bytes(1448)), FD)
    ended = how(tape.silence(1).segment(SD, "PA", b"where are you", unread=1448))
    assert (ended.ending, ended.too_big, ended.certain) == (Ending.LOST, True, False)
    assert ended.evidence == (
        "10.0.0.31 sent the same 1448 bytes 5 times in 4.5 s and 10.0.0.20, which was heard "
        "meanwhile, never acknowledged them; of what it sent no segment above 5 bytes arrived"
    )


def elsewhere(tape: Tape) -> Tape:
    other = Endpoint("10.0.0.77", 40009)
    return tape.silence(1).syn(other, SD).synack()


def test_a_peer_that_is_heard_on_another_connection_is_not_dead() -> None:
    ended = how(elsewhere(again(talking().send(FD, bytes(1448)), FD)))
    assert (ended.ending, ended.too_big, ended.certain) == (Ending.LOST, True, False)
    assert "10.0.0.20, which was heard meanwhile on another connection, never" in ended.evidence


def test_after_a_silence_the_way_may_have_forgotten_the_connection_instead() -> None:
    ended = how(elsewhere(again(talking().silence(60).send(FD, bytes(1448)), FD)))
    assert (ended.ending, ended.too_big, ended.idle) == (Ending.LOST, False, True)


def test_where_as_large_a_segment_arrived_before_there_is_no_black_hole() -> None:
    tape = talking().send(FD, bytes(1448)).ack().send(FD, bytes(1448))
    tape = again(tape, FD).silence(1).segment(SD, "PA", b"where", unread=1448)
    assert not how(tape).too_big


def test_a_peer_that_is_not_heard_tells_nothing_of_sizes() -> None:
    ended = how(again(talking().send(FD, bytes(1448)), FD))
    assert (ended.ending, ended.too_big) == (Ending.LOST, False)


@pytest.mark.parametrize("size", [10, 900])
def test_small_segments_are_lost_for_other_reasons(size: int) -> None:
    tape = again(talking().send(FD, bytes(size)), FD)
    assert not how(tape.segment(SD, "PA", b"where", unread=size)).too_big


def test_a_closed_window_is_no_black_hole() -> None:
    tape = again(talking().send(FD, bytes(1448)), FD)
    assert not how(tape.window(SD, 0)).too_big
