"""A baseline: what an earlier audit found does not count, until it is worse or waived no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from auditor.judge.rules.baseline import Baseline, Known
from auditor.judge.tables.table import build
from auditor.judge.verdicts import Severity

FAIL: Mapping[str, Any] = {
    "id": "connection-refused-0123456789",
    "rule": "connection-refused",
    "verdict": "fail",
    "severity": "medium",
    "confidence": "certain",
}
MADE = 1_800_000_000_000_000_000


def baseline(*rows: Mapping[str, Any]) -> Baseline:
    return Baseline.of(build("findings", rows), MADE, "old.json")


def test_what_it_has_is_known_since_it_was_made() -> None:
    assert baseline(FAIL).since(FAIL) == MADE


@pytest.mark.parametrize(
    "change",
    [
        {"id": "connection-refused-9876543210"},
        {"severity": "high"},
        {"verdict": "unknown"},
        {"verdict": "note"},
    ],
)
def test_what_is_other_or_worse_is_new(change: Mapping[str, Any]) -> None:
    assert baseline(FAIL).since({**FAIL, **change}) is None


def test_what_is_less_bad_than_it_was_is_known() -> None:
    assert baseline(FAIL).since({**FAIL, "severity": "low"}) == MADE


@pytest.mark.parametrize("change", [{"verdict": "unknown"}, {"verdict": "note"}, {"waived": "old"}])
def test_what_did_not_count_then_is_new(change: Mapping[str, Any]) -> None:
    """A waiver has its own end: a baseline does not outlive it."""
    assert baseline({**FAIL, **change}).since(FAIL) is None


def test_the_baseline_of_a_baseline_tells_when_it_was_first_known() -> None:
    assert baseline({**FAIL, "known_since": 5}).since(FAIL) == 5


def test_of_several_rows_the_worst_and_the_earliest_hold() -> None:
    high = {**FAIL, "severity": "high", "known_since": 7}
    for rows in ((FAIL, high), (high, FAIL)):
        assert baseline(*rows).known == {FAIL["id"]: Known(Severity.HIGH, 7)}


def test_without_one_all_is_new() -> None:
    assert Baseline().since(FAIL) is None
