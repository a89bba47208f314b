"""A stream that skips, and one that only seems to."""

from __future__ import annotations

from typing import Any

import pytest
from records import row, segment
from talking import FD, SD, connected
from tape import SECOND

from auditor.flows.skips import deny_skip, follow_skip, has_open_skip, skip
from auditor.flows.tables import SIDE
from auditor.flows.tcp_state import ACKED, NEVER

START = 1_800_000_000 * SECOND


def test_who_goes_on_where_he_was_never_skipped() -> None:
    tape = connected().segment(FD, "PA", b"forged", shift=5000).silence(100)
    flow = tape.send(FD, b"true").ack().flow()
    assert flow.initiator.longest_idle > 99 * SECOND
    assert (flow.initiator.missing, flow.initiator.stream) == (0, 5)


def test_a_bare_ack_of_the_peer_shows_it_too() -> None:
    tape = connected().segment(SD, "A", shift=5000).silence(100).send(FD, b"true").ack()
    flow = tape.flow()
    assert flow.initiator.longest_idle > 99 * SECOND
    assert flow.acceptor.missing == 0


def test_a_hole_that_is_filled_within_seconds_is_one() -> None:
    """The first segment was lost on the way, and its sender repeats it."""
    tape = connected().send(FD, b"a" * 50).drop().send(FD, b"b" * 50)
    tape.silence(3).segment(FD, "PA", b"a" * 50, shift=-100).ack(SD).silence(60).other()
    flow = tape.flow()
    assert (flow.initiator.missing, flow.initiator.stream) == (0, 101)
    assert flow.tampering_count == 0


def test_what_the_capture_lost_stays_lost() -> None:
    tape = connected().send(FD, b"lost").drop().send(FD, b"seen").ack().silence(60)
    flow = tape.send(FD, b"later").ack().flow()
    assert (flow.initiator.missing, flow.tampering_count) == (4, 0)


def test_a_probe_after_one_lost_byte_denies_nothing() -> None:
    tape = connected().send(FD, b"1").drop().send(FD, b"2").ack().silence(60).probe(FD).answer()
    flow = tape.flow()
    assert flow.initiator.missing == 1
    assert len(flow.initiator.probes) == 1


def skipped(to: int = 5000) -> Any:
    """A side that seems to have gone on at ``to``, where 100 came next, and said ten bytes."""
    side = row(SIDE, next=100, acked=100, bits=ACKED, skip_time=NEVER, fin=NEVER)
    skip(side, to, START)
    side["next"] = to + 10
    follow_skip(side, to, to + 10)
    return side


@pytest.mark.parametrize(
    ("begin", "length", "seconds", "denied"),
    [
        (100, 4, 60, True),
        (100, 0, 60, True),
        (100, 4, 4, False),  # so soon what was lost is sent again
        (101, 4, 60, False),
        (5010, 4, 60, False),
    ],
)
def test_who_goes_on_where_he_was_after_seconds_denies_it(
    begin: int, length: int, seconds: int, denied: bool
) -> None:
    side, peer = skipped(), row(SIDE)
    later = segment(time=START + seconds * SECOND, length=length)
    assert has_open_skip(side)
    assert deny_skip(side, peer, later, begin) is denied
    assert (side["next"] == 100, side["skip_time"] == NEVER, side["gap_count"] == 0) == (
        denied,
    ) * 3


def test_a_probe_at_the_end_of_the_stream_denies_no_skip() -> None:
    side = skipped(101)
    side["next"] = 101
    assert not deny_skip(side, row(SIDE), segment(time=START + 60 * SECOND, length=1), 100)


def test_a_skip_is_over_once_what_lies_between_was_sent() -> None:
    side = skipped()
    follow_skip(side, 100, 3000)
    assert (side["skip_from"], has_open_skip(side)) == (3000, True)
    follow_skip(side, 3000, 5000)
    assert side["skip_time"] == NEVER
    assert not has_open_skip(side)
