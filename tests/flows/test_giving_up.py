"""A sender that gives its peer up: by repetitions, or by a RST in the place of a probe."""

from __future__ import annotations

import pytest
from tape import SECOND, Endpoint, Tape

from auditor.flows.giving_up import gave_up, resets_when_due
from auditor.flows.how_ended import Stall

FD, SD = Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103)


@pytest.mark.parametrize(
    ("sends", "seconds", "expected"), [(3, 9, False), (4, 1, False), (4, 2, True), (9, 60, True)]
)
def test_it_takes_four_sends_over_two_seconds(sends: int, seconds: int, *, expected: bool) -> None:
    assert gave_up(Stall(1, 0, seconds * SECOND, sends, 0, 9)) is expected
    assert not gave_up(None)


@pytest.mark.parametrize(
    ("probes", "wait", "expected"),
    [(2, 25, False), (3, 25, True), (9, 27, True), (9, 30, False), (3, 3, False), (3, 0, False)],
)
def test_a_rst_when_the_next_probe_is_due(probes: int, wait: float, *, expected: bool) -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"hello").ack().send(SD, b"there").ack()
    for _ in range(probes):
        tape.silence(25).probe(FD)
    if wait:
        tape.silence(wait).rst(FD)
    assert resets_when_due(tape.flow().initiator) is expected
