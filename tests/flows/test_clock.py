"""What sets a tap's clock, or lets a machine stand still, is no sign of somebody else."""

from __future__ import annotations

import pytest
from talking import ENDS
from tape import Endpoint, Tape

from auditor.flows.tampering import CLOCK_FROM_ELSEWHERE

RATES = [100, 250, 1000, 1_000_000]


def opened(family: str, rate: int) -> tuple[Tape, Endpoint, Endpoint]:
    fd, sd = ENDS[family]
    tape = Tape().clocks(rate).syn(fd, sd).synack().ack()
    for _ in range(5):
        tape.send(fd, b"hello").ack(sd).send(sd, b"hello").ack(fd).silence(4)
    return tape, fd, sd


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [-3600, -600, -60, 20, 90])
@pytest.mark.parametrize("beat", [8, 60])
def test_clocks_that_go_on_from_another_place_accuse_nobody(
    family: str, rate: int, seconds: int, beat: int
) -> None:
    tape, fd, sd = opened(family, rate)
    tape.silence(beat).probe(fd).answer().silence(beat).stamps(seconds * rate)
    for _ in range(6):
        tape.probe(fd).answer().silence(beat)
    tape.send(fd, b"more").ack(sd).send(sd, b"more").ack(fd)
    for _ in range(3):
        tape.silence(beat).probe(fd).answer()
    flow = tape.flow()
    assert flow.tampering_count == 0, str(flow.tampering)
    assert len(flow.initiator.probes) >= 4


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seconds", [-3600, -60, 90])
def test_a_clock_that_is_another_only_now_and_then_does(
    family: str, rate: int, seconds: int
) -> None:
    tape, fd, sd = opened(family, rate)
    for _ in range(3):
        tape.silence(8).stamps(seconds * rate).probe(fd).answer()
        tape.silence(8).stamps().send(fd, b"more").ack(sd).send(sd, b"more").ack(fd)
    assert {fact.kind for fact in tape.flow().tampering} == {CLOCK_FROM_ELSEWHERE}


@pytest.mark.parametrize("family", ENDS)
def test_what_is_as_late_as_the_odd_one_changes_no_rate(family: str) -> None:
    tape, fd, sd = opened(family, 1000)
    tape.silence(8).stamps(-60_000).probe(fd).answer()
    for _ in range(40):
        tape.silence(20).probe(fd).answer()
    assert len(tape.flow().initiator.probes) >= 30
    tape.silence(20).stamps(-9_000_000).probe(fd).answer()
    tape.silence(20).stamps(-60_000).send(fd, b"more").ack(sd)
    assert tape.flow().tampering_count > 0
