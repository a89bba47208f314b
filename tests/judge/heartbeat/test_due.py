"""What heartbeat is due, in words."""

from __future__ import annotations

import pytest

from auditor.judge.heartbeat.due import each, shown
from auditor.site.heartbeat import Heartbeat


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (Heartbeat(60), "60 s"),
        (Heartbeat(0), "7200 s (system)"),
        (Heartbeat(None), ""),
        (Heartbeat(9, others=(Heartbeat(0),)), "9 s or 7200 s (system)"),
        (Heartbeat(6, others=(Heartbeat(9), Heartbeat(20))), "6 s or 9 s or 20 s"),
    ],
)
def test_every_value_that_may_be_in_force_is_named(due: Heartbeat, words: str) -> None:
    assert shown(due, 7200) == words


def test_each_is_judged_for_itself() -> None:
    first, second = each(Heartbeat(9, others=(Heartbeat(0, reason="none is set"),)))
    assert (first, second.seconds) == (Heartbeat(9), 0)
