"""What later segments show to be false is taken back in the right order."""

from __future__ import annotations

from talking import FD, connected
from tape import SECOND


def test_data_where_a_tail_was_shows_that_it_was_none() -> None:
    tape = connected().segment(FD, "PA", b"forged").silence(100)
    flow = tape.send(FD, b"true").ack().flow()
    assert flow.initiator.stream == 5
    assert flow.initiator.longest_idle > 99 * SECOND


def test_an_open_flow_that_goes_on_as_it_was_takes_nothing_back() -> None:
    flow = connected().silence(100).send(FD, b"true").ack().flow()
    assert (flow.tampering_count, flow.initiator.stream) == (0, 5)
