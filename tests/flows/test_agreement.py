"""What is seen first of a connection that began earlier stands once the other side fits to it."""

from __future__ import annotations

import pytest
from talking import ENDS, FD, SD
from tape import SECOND, Tape


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("flags", ["A", "PA", "FA"])
@pytest.mark.parametrize("shift", [-(1 << 30), -5000, 5000, 1 << 30])
@pytest.mark.parametrize("ahead", [0, 7, 1 << 29])
@pytest.mark.parametrize("who", [0, 1])
def test_a_segment_of_nobody_before_all_others_hides_nothing(
    family: str, flags: str, shift: int, ahead: int, who: int
) -> None:
    fd, sd = ends = ENDS[family]
    tape = Tape().join(fd, sd).segment(ends[who], flags, shift=shift, unread=-ahead)
    for _ in range(3):
        tape.silence(1).send(fd, b"x" * 37).ack().send(sd, b"y" * 37).ack()
    flow = tape.silence(80).send(fd, b"x").ack().flow()
    assert flow.initiator.longest_idle >= 80 * SECOND
    assert (flow.initiator.missing, flow.acceptor.missing) == (0, 0)


@pytest.mark.parametrize("family", ENDS)
def test_probes_before_anything_else_are_recorded(family: str) -> None:
    fd, sd = ENDS[family]
    tape = Tape().join(fd, sd)
    for _ in range(3):
        tape.silence(30).probe(fd).answer()
    assert len(tape.flow().initiator.probes) == 3


def test_what_is_lost_afterwards_is_missing() -> None:
    fd, sd = ENDS["IPv4"]
    tape = Tape().join(fd, sd).send(fd, b"x").ack().send(fd, b"lost").drop().send(fd, b"y").ack()
    assert tape.flow().initiator.missing == 4


def words(length: int) -> bytes:
    return (f"{length} OK. " * length).encode()[:length]


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("base", [5000, 0x1_0000_0000 - 90])
def test_one_direction_of_a_stream_does_not_contradict_itself(
    family: str, who: int, base: int
) -> None:
    ends = ENDS[family]
    one, other = ends[who], ends[1 - who]
    tape = Tape().join(*ends, a_next=base, b_next=base)
    for length in (40, 155, 54, 218, 44):
        tape.send(one, words(length)).ack().drop().send(other, words(9)).drop().ack(one)
    flow = tape.flow()
    assert (flow.hello_contradicts, flow.tampering_count) == (False, 0), str(flow.tampering)


def test_who_repeats_from_before_what_was_acknowledged_for_him_was_not_heard() -> None:
    """Data ahead and their acknowledgement, forged while nothing is agreed yet."""
    tape = Tape().join(FD, SD).send(FD, b"x" * 37)
    tape.segment(FD, "PA", b"x" * 37, shift=5000).ack(SD).send(SD, b"y").ack()
    tape.segment(SD, "A", unread=-5037).silence(100).send(FD, b"z" * 37)
    for wait in (0.2, 0.4, 0.8, 1.6):
        tape.silence(wait).resend(FD)
    stall = tape.flow().initiator.stall
    assert stall is not None and stall.sends == 5
