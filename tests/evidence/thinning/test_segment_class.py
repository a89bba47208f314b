"""What one segment is to thinning, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest
from records import row, segment

from auditor.evidence.packet import SILENCE_NS
from auditor.evidence.thinning.segment_class import (
    acknowledge,
    expect_answer,
    is_answer,
    is_due,
    is_first,
    is_outside,
    is_probe,
    is_repeated,
    note_kept,
)
from auditor.evidence.thinning.tables import SIDE
from auditor.flows.tcp_state import (
    ACKED,
    FORGED_MOST,
    HAS_ISN,
    HAS_NEXT,
    SEGMENT_SEEN,
    SENT_ACK,
    STRAY_BYTES,
)
from auditor.packets.segments import ACK, FIN, PSH, RST, SYN

SEEN = HAS_NEXT | SEGMENT_SEEN
DUE_NS = 400_000_000


def side(**columns: int) -> Any:
    return row(SIDE, **{"bits": SEEN, "next": 1000} | columns)


@pytest.mark.parametrize(
    ("begin", "length", "flags", "probe"),
    [
        (999, 0, ACK, True),
        (999, 1, ACK, True),  # Linux sends none, others a garbage byte
        (999, 0, ACK | PSH, True),
        (999, 2, ACK, False),
        (1000, 0, ACK, False),  # an acknowledgement
        (1000, 1, ACK, False),
        (998, 0, ACK, False),
        (999, 0, ACK | SYN, False),
        (999, 0, ACK | FIN, False),
        (999, 0, ACK | RST, False),
        (999, 0, 0, False),
    ],
)
def test_a_probe_is_bare_and_at_the_last_number_but_one(
    begin: int, length: int, flags: int, probe: bool
) -> None:
    """R2; RFC 9293 §3.8.4: SEG.SEQ = SND.NXT - 1, with or without one byte of garbage."""
    assert is_probe(segment(length=length, flags=flags), side(), begin) is probe


@pytest.mark.parametrize(("length", "flags", "probe"), [(0, ACK, True), (2, ACK, False)])
def test_a_sides_very_first_segment_may_be_a_probe_wherever_it_lies(
    length: int, flags: int, probe: bool
) -> None:
    found = is_probe(segment(length=length, flags=flags), side(bits=HAS_NEXT), 5)
    assert found is probe


def test_one_of_four_segments_may_be_the_answer_to_a_probe() -> None:
    """R2: those that do not acknowledge all that the prober sent were under way."""
    made, prober = side(), side(next=2000)
    assert not is_answer(made, prober, 2000)
    expect_answer(made)
    assert [is_answer(made, prober, 1999) for _ in range(5)] == [True] * 4 + [False]


def test_what_acknowledges_all_that_the_prober_sent_is_the_last_that_may_be() -> None:
    made, prober = side(), side(next=2000)
    expect_answer(made)
    assert is_answer(made, prober, 2000)
    assert not is_answer(made, prober, 2000)


@pytest.mark.parametrize(
    ("bits", "flags", "first"),
    [
        (0, SYN, True),  # of all
        (HAS_NEXT, ACK, True),  # its peer's acknowledgement is no segment of its own
        (SEEN | HAS_ISN, ACK, True),  # behind its SYN or SYN-ACK
        (SEEN | HAS_ISN, ACK | SYN, False),
        (SEEN | HAS_ISN | SENT_ACK, ACK, False),
        (SEEN, ACK, False),  # it began before the capture
    ],
)
def test_the_first_segment_and_the_first_behind_the_syn(bits: int, flags: int, first: bool) -> None:
    """R1."""
    assert is_first(side(bits=bits), flags) is first


def test_the_first_behind_the_syn_is_told_once() -> None:
    made = side(bits=SEEN | HAS_ISN)
    assert [is_first(made, ACK) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("time", "end", "acked", "due"),
    [
        (DUE_NS - 1, 1000, 5000, False),
        (DUE_NS, 1000, 5000, True),
        (DUE_NS, 1001, 5000, False),  # it moved on, so the next one shows that there is no silence
        (DUE_NS, 1000, 5001, False),
        (1, 1000 + (1 << 27) - 1, 5000, False),
        (1, 1000 + (1 << 27), 5000, True),
        (1, 1000, 5000 + (1 << 27) - 1, False),
        (1, 1000, 5000 + (1 << 27), True),
    ],
)
def test_activity_is_due_when_a_reader_would_see_silence_or_lose_count(
    time: int, end: int, acked: int, due: bool
) -> None:
    """R5: the same as what was kept 0.4 s ago, or 2^27 bytes further."""
    made = side(last_end=1000, last_ack=5000)
    note_kept(made, 0, 1000, 5000)
    assert is_due(made, time, end, acked) is due


def test_what_is_due_stays_due_until_it_is_kept() -> None:
    made = side(last_end=1000, last_ack=5000)
    note_kept(made, 0, 1000, 5000)
    assert [is_due(made, DUE_NS + more, 1000, 5000) for more in (0, 1)] == [True, True]
    note_kept(made, DUE_NS + 1, 1000, 5000)
    assert not is_due(made, 2 * DUE_NS, 1000, 5000)
    assert is_due(made, 2 * DUE_NS + 1, 1000, 5000)


def test_a_reader_never_sees_a_silence_that_is_judged() -> None:
    """What is due and the silence before it stay below 0.9 s (docs/thinning.md, For readers)."""
    assert DUE_NS + SILENCE_NS <= 900_000_000


@pytest.mark.parametrize(
    ("bits", "begin", "strays"),
    [
        (SEEN, 1000 + STRAY_BYTES, [False, False]),
        (SEEN, 1001 + STRAY_BYTES, [True] * FORGED_MOST + [False]),  # the last is believed
        (SEEN, 999 - STRAY_BYTES, [True] * FORGED_MOST + [False]),
        (HAS_NEXT, 1001 + STRAY_BYTES, [False, False]),  # where it stands is only inferred
    ],
)
def test_what_lies_far_outside_its_stream(bits: int, begin: int, strays: list[bool]) -> None:
    """R5."""
    made = side(bits=bits)
    sent = segment(flags=ACK, ack=50)
    assert [is_outside(made, side(bits=0), sent, begin) for _ in strays] == strays


@pytest.mark.parametrize(
    ("begin", "ack", "outside"),
    [
        (1001, 699, False),  # one before what it acknowledged: a probe's
        (1001, 698, True),
        (1000, 10, False),
        (1001, 800 + STRAY_BYTES, False),  # what the capture missed
        (1001, 801 + STRAY_BYTES, True),
    ],
)
def test_what_fits_by_neither_of_its_numbers(begin: int, ack: int, outside: bool) -> None:
    peer = side(bits=SEEN | ACKED, next=800, acked=700)
    assert is_outside(side(), peer, segment(flags=ACK, ack=ack), begin) is outside


@pytest.mark.parametrize(
    ("bits", "ack", "acked", "known"),
    [
        (SEEN | ACKED, 1000, 1000, (1000, 1000)),
        (SEEN | ACKED, 900, 900, (1000, 950)),  # less than before
        (SEEN | ACKED, 1200, 1200, (1200, 1200)),  # the capture missed what was sent
        # RFC 9293 §3.10.7.4: an ACK of something that was not sent is not taken in.
        (SEEN | ACKED, 1001 + STRAY_BYTES, 1001 + STRAY_BYTES, (1000, 950)),
        (HAS_NEXT | ACKED, 1001 + STRAY_BYTES, 1001 + STRAY_BYTES, (1001 + STRAY_BYTES,) * 2),
        (0, 7, 7, (7, 7)),  # the first that is known of that stream
    ],
)
def test_an_acknowledgement_moves_the_peer_on(
    bits: int, ack: int, acked: int, known: tuple[int, int]
) -> None:
    peer = side(bits=bits, acked=950)
    assert acknowledge(peer, ack) == acked
    assert (peer["next"], peer["acked"]) == known


@pytest.mark.parametrize(
    ("begin", "end", "bits", "repeated"),
    [
        (900, 1000, ACKED, True),
        (900, 950, ACKED, True),
        (900, 1001, ACKED, False),  # some of it is new
        (901, 1000, ACKED, False),  # something before it waits too
        (899, 1000, ACKED, False),  # it begins with what arrived
        (900, 900, ACKED, False),  # it sends nothing
        (900, 1000, 0, False),  # nobody acknowledged anything yet
    ],
)
def test_a_repetition_begins_with_the_first_byte_that_was_not_acknowledged(
    begin: int, end: int, bits: int, repeated: bool
) -> None:
    assert is_repeated(side(bits=SEEN | bits, acked=900), begin, end) is repeated
