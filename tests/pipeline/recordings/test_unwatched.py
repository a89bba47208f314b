"""What became of connections is not known where nobody recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pieces_of_tape import PORTS, written
from scene import DIR, DIRECTOR, FD1, Wire

from auditor.flows import Flow, Outcome
from auditor.pipeline.recordings.unwatched import Unwatched
from auditor.pipeline.track_capture import track_capture

S = 1_000_000_000


@pytest.fixture(name="flow")
def a_flow(tmp_path) -> Flow:
    wire = Wire().dial(DIR, FD1, 9102, DIRECTOR)
    (flow,) = track_capture(*written(tmp_path, a=wire.frames), PORTS).flows
    return replace(flow, started=100 * S, last=200 * S)


@pytest.mark.parametrize(
    ("hole", "doubt", "ended", "cuts"),
    [
        ((150, 160), None, None, True), ((90, 99), None, None, False),
        ((90, 101), None, 200, True), ((200, 300), None, 200, False),
        ((200, 300), None, None, True), (None, (150, 160), None, False),
        (None, (200, 201), None, True), (None, (200, 201), 200, False),
        (None, None, None, False),
    ],
)  # fmt: skip
def test_a_hole_cuts_what_is_open_and_a_doubt_what_is_not_heard_again(
    flow: Flow,
    hole: tuple[int, int] | None,
    doubt: tuple[int, int] | None,
    ended: int | None,
    *,
    cuts: bool,
) -> None:
    holes, doubts = ([(one[0] * S, one[1] * S)] if one is not None else [] for one in (hole, doubt))
    one = replace(flow, ended=None if ended is None else ended * S)
    assert Unwatched(holes, doubts, 900 * S).cuts(one) is cuts


@pytest.mark.parametrize(("begin", "until"), [(201, 201), (203, None), (150, None)])
def test_an_attempt_that_nobody_watched_for_an_answer_is_not_unanswered(
    flow: Flow, begin: int, until: int | None
) -> None:
    one = replace(flow, started=200 * S, outcome=Outcome.UNANSWERED)
    found = Unwatched([], [(begin * S, 300 * S)], 900 * S)
    assert found.answer_until(one) == (until and until * S)
    assert found.answer_until(replace(one, outcome=Outcome.ESTABLISHED)) is None
    assert found.until(one) == (begin * S if begin > 200 else None)
