"""The words of every judgement: its verdict, how sure it is, and how bad a failure would be.

Severity and confidence are two axes and are never mixed: a guess may concern something grave.
All three are public words of the reports (``docs/columns.md``).
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The judgement of a rule on one row, or of a heartbeat on one flow."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """It could not be observed; the reason says why."""
    NOT_APPLICABLE = "notapplicable"
    NOTE = "note"
    """Good to know: what a rule of severity ``info`` found. It fails no audit."""


#: What one observation comes to, such as that of a heartbeat; only a rule makes notes.
OBSERVED = tuple(verdict for verdict in Verdict if verdict is not Verdict.NOTE)
#: The verdicts of findings.
FOUND = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.NOTE)


class Confidence(StrEnum):
    """How sure a classification or a finding is, surest first."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "guess"


class Severity(StrEnum):
    """How bad a failure is, worst first: ``list(Severity)`` is that order everywhere."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    """Worth knowing; it never makes an audit fail."""

    @property
    def rank(self) -> int:
        """Its place in the order of the words, the worst first: what findings are sorted by."""
        return list(type(self)).index(self)

    @property
    def fails(self) -> bool:
        """Whether such a failure makes an audit fail."""
        return self is not Severity.INFO

    def counts(self, fail_on: str) -> bool:
        """Whether such a failure counts where only those of a severity and worse do."""
        return self.rank <= Severity(fail_on).rank


#: The words from the least to the greatest: what is worse, or surer, is greater.
RISING_VERDICTS = (
    Verdict.NOT_APPLICABLE,
    Verdict.PASS,
    Verdict.NOTE,
    Verdict.UNKNOWN,
    Verdict.FAIL,
)
RISING_CONFIDENCES = tuple(reversed(Confidence))
RISING_SEVERITIES = tuple(reversed(Severity))
