"""What an earlier audit found already: found again it is nothing new, and does not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from auditor.judge.tables.table import Table
from auditor.judge.verdicts import Severity, Verdict


class Known(NamedTuple):
    """A finding of the baseline."""

    severity: Severity
    since: int
    """When it was first known, ns UTC: a baseline may itself have had one."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The fails of an earlier audit that no waiver covered."""

    file: str = ""
    made: int = 0
    """When that audit was made, ns UTC; 0: it does not say."""
    known: Mapping[str, Known] = field(default_factory=dict)
    """By the id of the finding."""

    @classmethod
    def of(cls, findings: Table, made: int | None, file: str = "") -> Baseline:
        """Return what the findings of an audit that was made then come to."""
        known: dict[str, Known] = {}
        for row in findings.rows():
            if row["verdict"] == Verdict.FAIL and not row["waived"]:
                since = row["known_since"]
                one = Known(Severity(row["severity"]), (made or 0) if since is None else since)
                known[row["id"]] = _worse(known.get(row["id"], one), one)
        return cls(file, made or 0, known)

    def since(self, cells: Mapping[str, Any]) -> int | None:
        """Return since when a fail is known; None: it is new, or worse than it was."""
        one = self.known.get(cells["id"])
        if one is None or cells["verdict"] != Verdict.FAIL:
            return None
        return one.since if one.severity is _worse_of(one.severity, cells["severity"]) else None


def _worse(one: Known, other: Known) -> Known:
    severity = _worse_of(one.severity, other.severity)
    return Known(severity, min(one.since, other.since))


def _worse_of(one: str, other: str) -> Severity:
    return min(Severity(one), Severity(other), key=lambda severity: severity.rank)
