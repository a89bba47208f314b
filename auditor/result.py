"""What an audit comes to: its tables, the verdict, and the summary of the JSON report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.site.connections import connections

if TYPE_CHECKING:
    import pandas as pd

    from auditor.judge.rules.rule import Rule

#: Worst first; the order of ``Audit.severity``'s possible values.
_SEVERITIES = ("high", "medium", "low")


@dataclass(frozen=True, repr=False)
class Audit:
    """One audit: five tables with fixed columns (``docs/columns.md``) and their summary."""

    captures: pd.DataFrame
    """One row a capture: what it holds and what it lost."""
    flows: pd.DataFrame
    """One row a TCP connection on a Bareos port."""
    probes: pd.DataFrame
    """One row a keepalive probe."""
    expectations: pd.DataFrame
    """One row a connection that the configuration requires, allows or forbids; empty without."""
    findings: pd.DataFrame
    """One row a fail or unknown."""
    passed: Mapping[str, int]
    """Rows that passed, by rule."""
    rules: tuple[Rule, ...]
    """The rules that were applied."""
    problems: tuple[str, ...]
    """What could not be read in the configuration, and its traps, one sentence each."""

    def __repr__(self) -> str:
        """Say the verdict in a line: the tables are there to be asked."""
        said = f"{self.verdict} ({self.severity})" if self.severity else self.verdict
        return f"<Audit {said}: {len(self.flows)} flows, {len(self.fails)} fails>"

    @cached_property
    def fails(self) -> pd.DataFrame:
        """The findings that count: fails that no waiver covers."""
        return self.findings.query("verdict == 'fail' and waived == ''")

    @property
    def severity(self) -> str:
        """The worst severity that failed: high, medium or low; empty: nothing did. Info never
        fails an audit."""
        found = set(self.fails["severity"])
        return next((severity for severity in _SEVERITIES if severity in found), "")

    @property
    def blind(self) -> bool:
        """Nothing could be judged: no flow on any Bareos port, or none that this configuration
        has a number for, so that it may be the configuration of another network."""
        return not bool(self.flows["numbered"].any())

    @property
    def verdict(self) -> str:
        """``fail``, ``pass``, or ``unknown`` when the captures show nothing that can be judged."""
        return "fail" if self.severity else "unknown" if self.blind else "pass"

    def summary(self) -> dict[str, object]:
        """Return the JSON report's summary: verdict, counts by severity and by connection, and
        how far the captures reached."""
        numbers = Counter(self.flows["connection"])
        known = int(self.expectations["exercised"].sum())
        return {
            "verdict": self.verdict,
            "by_severity": {
                severity: int((self.fails["severity"] == severity).sum())
                for severity in (*_SEVERITIES, "info")
            },
            "by_connection": {number: numbers.get(number, 0) for number in connections()},
            "coverage": {
                "flows": len(self.flows),
                "unnumbered": numbers.get("", 0),
                "expectations": len(self.expectations),
                "exercised": known,
                "heartbeats": dict(sorted(Counter(self.flows["heartbeat_verdict"]).items())),
                "unknowns": int((self.findings["verdict"] == "unknown").sum()),
                "waived": int((self.findings["waived"] != "").sum()),
                "passed": sum(self.passed.values()),
                "complete": not bool(self.captures["incomplete"].any()),
            },
        }
