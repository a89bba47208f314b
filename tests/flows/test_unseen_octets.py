"""A note on what was not seen is about the connection that went on at its time, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tape import Endpoint, Tape

from auditor.flows.unseen_octets import with_unseen
from auditor.packets.unseen_note import UnseenNote

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
ENDS = ((FD.address, FD.port), (SD.address, SD.port))


def note(time: int, *octets: int, port: int = FD.port) -> UnseenNote:
    return UnseenNote((((FD.address, port), octets[0]), (ENDS[1], octets[1])), time)


def missing(*notes: UnseenNote) -> tuple[int, int]:
    (flow,) = with_unseen([FLOW], notes)
    return flow.initiator.missing, flow.acceptor.missing


FLOW = Tape().syn(FD, SD).synack().ack().send(FD, b"?" * 9).ack(SD).silence(2).other().flow()


@pytest.mark.parametrize("time", [FLOW.started, FLOW.last, FLOW.last + 10**10])
def test_each_side_lacks_what_is_said_of_it(time: int) -> None:
    assert missing(note(time, 5, 8)) == (5, 8)
    assert missing(note(time, 5, 8), note(time, 9, 0)) == (9, 8)
    assert missing(note(time, 0, 3)) == (0, 3)


@pytest.mark.parametrize(
    "other",
    [note(FLOW.started - 1, 5, 8), note(FLOW.last, 5, 8, port=40002)],
)
def test_of_another_connection_it_says_nothing(other: UnseenNote) -> None:
    assert missing(other) == missing() == (0, 0)


def test_of_connections_on_the_same_ends_it_is_about_the_last_that_had_begun() -> None:
    starts = [FLOW.started + after for after in (0, 10**9, 2 * 10**9)]
    flows = [replace(FLOW, started=start) for start in starts]
    found = with_unseen(flows, [note(starts[1] + 5, 3, 0)])
    assert [flow.initiator.missing for flow in found] == [0, 3, 0]
