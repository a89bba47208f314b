"""Sides that go on, after a silence, from before what they seemed to have sent or acknowledged."""

from __future__ import annotations

import pytest
from talking import ENDS, FD, SD, connected

from auditor.flows.tampering import GOES_BACK, Tampering


def kinds(facts: tuple[Tampering, ...]) -> set[int]:
    return {fact.kind for fact in facts}


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("ahead", [0, 5000])
@pytest.mark.parametrize("length", [1, 40])
@pytest.mark.parametrize("who", [0, 1])
def test_a_probe_from_before_what_its_side_said_shows_that_it_did_not(
    family: str, ahead: int, length: int, who: int
) -> None:
    ends = ENDS[family]
    tape = connected(*ends).silence(20)
    tape.segment(ends[who], "PA", bytes(length), shift=ahead)
    tape.segment(ends[1 - who], "A", unread=-ahead - length)
    flow = tape.silence(20).probe(ends[who]).answer().flow()
    assert GOES_BACK in kinds(flow.tampering)


@pytest.mark.parametrize("wait", [0.001, 1])
def test_what_a_network_delivers_late_shows_nothing(wait: float) -> None:
    tape = connected().send(FD, b"x" * 40).ack().silence(wait)
    tape.segment(SD, "A", unread=40).segment(FD, "A", shift=-40)
    assert tape.flow().tampering_count == 0


@pytest.mark.parametrize("family", ENDS)
def test_nor_do_probes_of_who_is_where_it_was(family: str) -> None:
    fd, sd = ENDS[family]
    tape = connected(fd, sd)
    for who in (fd, sd, fd):
        tape.silence(30).probe(who).answer().silence(30).send(who, b"z").ack()
    assert tape.flow().tampering_count == 0
