"""Coverage: seen, never seen, impossible from this tap."""

from __future__ import annotations

from typing import Any

import pytest
from audits import made, recorded

from auditor.report.told.reach import Reach, reached
from auditor.report.told.view import View

ROW = {"id": "4:a>b", "connection": "4", "permission": "allowed"}


@pytest.mark.parametrize(
    ("changes", "reach", "why"),
    [
        ({"exercised": True, "permission": "forbidden"}, Reach.EXERCISED, ""),
        ({"permission": "forbidden"}, Reach.KEPT_OUT, ""),
        ({"permission": "required", "opportunity": True}, Reach.MISSED, ""),
        (
            {"permission": "required", "opportunity_reason": "it is too short"},
            Reach.IMPOSSIBLE,
            "it is too short",
        ),
        ({"jobs": ["j"]}, Reach.PLANNED, "a job needs it"),
        ({}, Reach.UNSEEN, ""),
    ],
)
def test_each_expectation_has_one_word(changes: dict[str, Any], reach: Reach, why: str) -> None:
    (one,) = reached(View(made(expectations=[{**ROW, **changes}])))
    assert (one.reach, one.why) == (reach, why)


def test_what_the_tap_could_not_show_is_not_called_missed() -> None:
    found = {one.row["id"]: one for one in reached(View(recorded("trouble")))}
    (required,) = [one for one in found.values() if one.row["permission"] == "required"]
    assert required.reach is Reach.IMPOSSIBLE
    assert required.why == "the capture is shorter than its heartbeat of 7200 s"
