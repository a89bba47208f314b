"""How long a side was idle as the capture ends."""

from __future__ import annotations

from records import open_side, put, tracking_tables

from auditor.flows.idle_periods import ended, longest_idle, unasked_by, unsure_rst
from auditor.flows.tampering import Unasked
from auditor.flows.tcp_state import FIN_ACKED, IDLE, NEVER

END = 1000


def both(**columns: int):  # type: ignore[no-untyped-def]
    made = tracking_tables(1)
    put(made.flows[0], ended=NEVER, last=500)
    put(made.sides[0], **open_side(bits=IDLE, idle_since=400, **columns))
    put(made.sides[1], **open_side())
    return made.flows[0], (made.sides[0], made.sides[1])


def test_a_period_that_runs_counts_up_to_the_end() -> None:
    flow, ends = both()
    assert longest_idle(flow, ends, END) == (600, 400)
    assert longest_idle(flow, ends, 300) == (0, None)


def test_it_counts_up_to_the_end_of_the_flow_or_of_its_side() -> None:
    flow, ends = both(fin=900)
    assert longest_idle(flow, ends, END) == (600, 400)
    ends[0]["bits"] |= FIN_ACKED
    assert longest_idle(flow, ends, END) == (500, 400)
    flow["ended"] = 600
    assert longest_idle(flow, ends, END) == (200, 400)


def test_what_it_heard_last_may_divide_it() -> None:
    flow, ends = both(heard_first=500, heard_last=700)
    assert longest_idle(flow, ends, END) == (300, 700)
    put(ends[0], heard_first=900, heard_last=950)
    assert longest_idle(flow, ends, END) == (500, 400)


def test_a_rst_ahead_ends_a_flow_after_which_nothing_comes() -> None:
    flow, ends = both(rst_ahead=800)
    assert (unsure_rst(flow, ends[0]), ended(flow, ends)) == (800, 800)
    flow["last"] = 801
    assert (unsure_rst(flow, ends[0]), ended(flow, ends)) == (None, None)


def test_acks_that_nothing_asked_for_are_told_with_what_they_hide() -> None:
    flow, ends = both(doubt_since=100)
    assert unasked_by(flow, (ends[1], ends[0]), END) == Unasked()
    put(ends[1], unasked=2, unasked_frame=7, unasked_after=15)
    assert unasked_by(flow, (ends[1], ends[0]), END) == Unasked(2, 7, 15, 900)
