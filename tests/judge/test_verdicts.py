"""The words of a judgement, and the one order of severities."""

from __future__ import annotations

from auditor.judge.verdicts import Confidence, Severity, Verdict


def test_severities_come_worst_first() -> None:
    assert [*Severity] == ["high", "medium", "low", "info"]


def test_confidences_come_surest_first() -> None:
    assert [*Confidence] == ["certain", "likely", "guess"]


def test_a_verdict_is_written_as_one_word() -> None:
    assert [*Verdict] == ["pass", "fail", "unknown", "notapplicable", "note"]


def test_severities_are_sorted_with_the_worst_first() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == [*Severity]
    assert Severity.HIGH.rank < Severity.MEDIUM.rank < Severity.LOW.rank < Severity.INFO.rank
