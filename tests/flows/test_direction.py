"""Who initiated, how the attempt went, and whether one side was never seen: table by table."""

from __future__ import annotations

from typing import Any

import pytest
from records import row
from tape import Endpoint, Tape

from auditor.flows.direction import find_initiator, find_outcome, is_one_sided
from auditor.flows.flow import InitiatorEvidence, Outcome
from auditor.flows.tables import FLOW, SIDE
from auditor.flows.tcp_state import (
    ACK_ADVANCED,
    ACKED,
    DIAL_ACKED,
    DIAL_ANSWERED,
    DIALS,
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


S = 1_000_000_000
DIALLING = SENT_SYN | DIALS
ANSWERED = DIALLING | DIAL_ANSWERED
ACCEPTED = SENT_SYN | SENT_ACK | DIAL_ACKED
UNHEARD = SENT_SYN | SENT_ACK | DIAL_ACKED | DIALS
ONE = {"segments": 1, "last": 1}
#: What two forged segments make of a SYN that nobody answered: data, and its acknowledgement.
READ = {"isn": 9, "acked": 12, "payload_bytes": 2}


def outcome(one: Any, other: Any, *, syns: int = 1, icmp: int = 0, end: int = 60 * S) -> Outcome:
    return find_outcome(row(FLOW, syns=syns, icmp_count=(icmp, 0)), one, other, end)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (side(), side(), Outcome.MIDSTREAM),
        (side(SENT_ACK), side(SENT_ACK), Outcome.MIDSTREAM),
        (side(DIALLING), side(), Outcome.UNANSWERED),
        (side(DIALLING), side(rst=5), Outcome.REFUSED),
        (side(DIALLING, rst=5), side(), Outcome.UNANSWERED),  # it gave up by itself
        (side(ACCEPTED), side(SENT_SYN_ACK), Outcome.ESTABLISHED),
        (side(), side(SENT_SYN_ACK), Outcome.ESTABLISHED),
        (side(UNHEARD), side(), Outcome.ESTABLISHED),  # this tap has one side only
        (side(ACCEPTED), side(SENT_SYN_ACK, rst=5), Outcome.ESTABLISHED),  # reset afterwards
        # The SYN-ACK was not captured, but what followed acknowledges the SYN.
        (side(DIALLING | ACKED, isn=9, acked=10), side(SENT_ACK, **ONE), Outcome.ESTABLISHED),
        (side(DIALLING | ACKED, isn=9, acked=9), side(SENT_ACK, **ONE), Outcome.UNANSWERED),
        (side(DIALLING, isn=9, acked=10), side(SENT_ACK), Outcome.UNANSWERED),
        # RFC 9293 §3.10.7.1: the RST that refuses acknowledges the SYN as well.
        (side(DIALLING | ACKED, isn=9, acked=10), side(rst=5), Outcome.REFUSED),
        # A SYN-ACK that nobody acknowledged: it did not arrive.
        (side(ANSWERED), side(SENT_SYN_ACK), Outcome.UNANSWERED),
        (side(ANSWERED), side(SENT_SYN_ACK, rst=5), Outcome.REFUSED),
        (side(ANSWERED | ACKED, **READ), side(SENT_SYN_ACK | SENT_ACK), Outcome.ESTABLISHED),
    ],
)
def test_how_the_attempt_went(one: Any, other: Any, found: Outcome) -> None:
    assert outcome(one, other) is found


@pytest.mark.parametrize(
    ("syn", "answer", "found"),
    [
        (57, 57, Outcome.ESTABLISHED),
        (50, 56, Outcome.UNANSWERED),
        (54, 58, Outcome.UNANSWERED),  # nothing answers so late
    ],
)
def test_an_answer_is_acknowledged_at_once(syn: int, answer: int, found: Outcome) -> None:
    one = side(ANSWERED, syn_time=syn * S)
    other = side(SENT_SYN_ACK, syn_ack_time=answer * S)
    assert outcome(one, other, end=59 * S) is found


@pytest.mark.parametrize(
    ("syns", "icmp", "rst", "found"),
    [
        (1, 0, NEVER, Outcome.ESTABLISHED),
        (2, 0, NEVER, Outcome.UNANSWERED),
        (1, 1, NEVER, Outcome.UNANSWERED),
        (1, 0, 5, Outcome.REFUSED),
    ],
)
def test_without_a_syn_ack_few_segments_show_no_connection(
    syns: int, icmp: int, rst: int, found: Outcome
) -> None:
    """Unless nothing contradicts them; a capture that lost the SYN-ACK has more to show."""
    other = side(SENT_ACK, rst=rst, segments=1)
    few = side(UNHEARD | ACKED, segments=syns + 4, **READ)
    assert outcome(few, other, syns=syns, icmp=icmp) is found
    many = side(UNHEARD | ACKED, segments=syns + 5, **READ)
    assert outcome(many, other, syns=syns, icmp=icmp) is Outcome.ESTABLISHED


@pytest.mark.parametrize("bits", [SENT_ACK, SENT_ACK | SENT_SYN_ACK])
@pytest.mark.parametrize(
    ("syns", "icmp", "segments", "found"),
    [
        (1, 0, 1, Outcome.ESTABLISHED),
        (1, 1, 4, Outcome.UNANSWERED),
        (2, 0, 4, Outcome.UNANSWERED),
        (2, 0, 5, Outcome.ESTABLISHED),
    ],
)
def test_an_acceptor_that_goes_on_was_answered_though_the_capture_lost_it(
    bits: int, syns: int, icmp: int, segments: int, found: Outcome
) -> None:
    """Who dials on was not, so that a few segments in the acceptor's name show nothing."""
    one = side(DIALLING, segments=syns, syn_time=3 * S)
    other = side(bits, segments=segments, payload_bytes=9, last=4 * S, syn_ack_time=3 * S)
    assert outcome(one, other, syns=syns, icmp=icmp) is found
    assert is_one_sided(one, other, found) is (found is Outcome.ESTABLISHED)
    other["last"] = 3 * S
    assert outcome(one, other, syns=syns, icmp=icmp) is Outcome.UNANSWERED


@pytest.mark.parametrize(
    ("syns", "segments", "both", "found"),
    [
        (2, 6, True, Outcome.UNANSWERED),
        (2, 7, True, Outcome.ESTABLISHED),
        (2, 6, False, Outcome.ESTABLISHED),
        (1, 2, True, Outcome.ESTABLISHED),  # a tap may have one side of some connections
    ],
)
def test_nobody_answered_where_this_tap_would_have_seen_it(
    syns: int, segments: int, both: bool, found: Outcome
) -> None:
    a, b = Endpoint("10.0.0.10", 40001), Endpoint("10.0.0.31", 9102)
    tape = Tape()
    if both:
        tape.syn(Endpoint(a.address, 40000), b).synack().ack()
    tape.syn(a, b)
    for _ in range(syns - 1):
        tape.silence(1).segment(a, "S", shift=-1)
    for _ in range(segments - syns):
        tape.segment(a, "A")
    assert tape.silence(9).other().follow().flows[-1].outcome is found


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
