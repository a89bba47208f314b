"""Who initiated, how the attempt went, and whether one side was never seen: table by table."""

from __future__ import annotations

from typing import Any

import pytest
from records import row

from auditor.flows.direction import find_initiator, find_outcome, is_one_sided
from auditor.flows.flow import InitiatorEvidence, Outcome
from auditor.flows.tables import FLOW, SIDE
from auditor.flows.tcp_state import (
    ACK_ADVANCED,
    ACKED,
    NEVER,
    NONE,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
)

LISTENING = {9101, 9102, 9103}
OPENING, ANSWER = b"Hello", b"1000 OK"


def side(bits: int = 0, **columns: int) -> Any:
    return row(SIDE, **{"bits": bits, "rst": NEVER} | columns)


def initiator(
    opener: int = NONE,
    bits: tuple[int, int] = (0, 0),
    hellos: tuple[bytes, bytes] = (b"", b""),
    ports: tuple[int, int] = (40000, 9103),
) -> tuple[int, InitiatorEvidence]:
    flow = row(FLOW, opener=opener, a_port=ports[0], b_port=ports[1])
    sides = (side(bits[0]), side(bits[1]))
    return find_initiator(flow, sides, hellos, LISTENING, lambda hello: hello == OPENING)


@pytest.mark.parametrize("opener", [0, 1])
def test_the_syn_outweighs_everything(opener: int) -> None:
    """RFC 9293 §3.5: the side that sends the SYN opens the connection."""
    bits, hellos = [0, 0], [OPENING, OPENING]
    bits[opener], hellos[1 - opener] = SENT_SYN_ACK, ANSWER
    found = initiator(opener, (bits[0], bits[1]), (hellos[0], hellos[1]), (9103, 9102))
    assert found == (opener, InitiatorEvidence.SYN)


@pytest.mark.parametrize("acceptor", [0, 1])
def test_who_sent_the_syn_ack_accepted(acceptor: int) -> None:
    bits = (SENT_SYN_ACK, 0) if acceptor == 0 else (0, SENT_SYN_ACK)
    hellos = (OPENING, ANSWER) if acceptor == 0 else (ANSWER, OPENING)
    assert initiator(bits=bits, hellos=hellos) == (1 - acceptor, InitiatorEvidence.SYNACK)


@pytest.mark.parametrize(
    ("hellos", "found"),
    [
        ((OPENING, ANSWER), (0, InitiatorEvidence.HELLO)),
        ((ANSWER, OPENING), (1, InitiatorEvidence.HELLO)),
        ((b"", OPENING), (1, InitiatorEvidence.HELLO)),
        ((OPENING, OPENING), (0, InitiatorEvidence.PORT)),  # each contradicts the other
        ((ANSWER, ANSWER), (0, InitiatorEvidence.PORT)),
    ],
)
def test_one_side_alone_that_began_like_an_initiator_is_one(
    hellos: tuple[bytes, bytes], found: tuple[int, InitiatorEvidence]
) -> None:
    assert initiator(hellos=hellos) == found


@pytest.mark.parametrize(
    ("ports", "found"),
    [
        ((40000, 9103), 0),
        ((9103, 40000), 1),
        ((9103, 80), 1),  # a listening port, though the other is lower
        ((9102, 9103), 1),  # both listen: the lower accepts
        ((40001, 40000), 0),
        ((40000, 40000), 1),
    ],
)
def test_the_listening_port_accepts_and_failing_that_the_lower(
    ports: tuple[int, int], found: int
) -> None:
    assert initiator(ports=ports) == (found, InitiatorEvidence.PORT)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (side(), side(), Outcome.MIDSTREAM),
        (side(SENT_ACK), side(SENT_ACK), Outcome.MIDSTREAM),
        (side(SENT_SYN), side(), Outcome.UNANSWERED),
        (side(SENT_SYN), side(rst=5), Outcome.REFUSED),
        (side(SENT_SYN, rst=5), side(), Outcome.UNANSWERED),  # it gave up by itself
        (side(SENT_SYN), side(SENT_SYN_ACK), Outcome.ESTABLISHED),
        (side(), side(SENT_SYN_ACK), Outcome.ESTABLISHED),
        (side(SENT_SYN | SENT_ACK), side(), Outcome.ESTABLISHED),
        (side(SENT_SYN), side(SENT_SYN_ACK, rst=5), Outcome.ESTABLISHED),  # reset afterwards
        # The SYN-ACK was not captured, but what followed acknowledges the SYN.
        (side(SENT_SYN | ACKED, isn=9, acked=10), side(SENT_ACK), Outcome.ESTABLISHED),
        (side(SENT_SYN | ACKED, isn=9, acked=9), side(SENT_ACK), Outcome.UNANSWERED),
        (side(SENT_SYN, isn=9, acked=10), side(SENT_ACK), Outcome.UNANSWERED),
        # RFC 9293 §3.10.7.1: the RST that refuses acknowledges the SYN as well.
        (side(SENT_SYN | ACKED, isn=9, acked=10), side(rst=5), Outcome.REFUSED),
    ],
)
def test_how_the_attempt_went(one: Any, other: Any, found: Outcome) -> None:
    assert find_outcome(one, other) is found


@pytest.mark.parametrize(
    ("one", "other", "outcome", "found"),
    [
        (side(segments=1), side(segments=1), Outcome.ESTABLISHED, False),
        (side(segments=1), side(), Outcome.ESTABLISHED, True),
        (side(), side(segments=1), Outcome.ESTABLISHED, True),
        (side(segments=1), side(), Outcome.UNANSWERED, False),
        (side(segments=1), side(), Outcome.MIDSTREAM, False),
        (side(ACK_ADVANCED, segments=2), side(), Outcome.MIDSTREAM, True),
        (side(), side(ACK_ADVANCED, segments=2), Outcome.MIDSTREAM, True),
        (side(segments=9, payload_bytes=65536), side(), Outcome.MIDSTREAM, False),
        (side(segments=9, payload_bytes=65537), side(), Outcome.MIDSTREAM, True),
        (side(ACK_ADVANCED, segments=2), side(segments=1), Outcome.MIDSTREAM, False),
    ],
)
def test_a_side_is_missed_when_it_must_have_sent_something(
    one: Any, other: Any, outcome: Outcome, found: bool
) -> None:
    assert is_one_sided(one, other, outcome) is found
