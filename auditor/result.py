"""What an audit comes to: its tables, the verdict, and the summary of the JSON report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from auditor.judge.proof import Proof, proof
from auditor.judge.verdicts import Severity, Verdict
from auditor.presentation import Presentable
from auditor.site.connections import connections

if TYPE_CHECKING:
    import pandas as pd

    from auditor.config.resources import Excerpt
    from auditor.judge.rules.rule_text import RuleText
    from auditor.judge.tables.table import Table
    from auditor.opinion import Opinion


@dataclass(frozen=True, slots=True)
class Basis:
    """What an audit rests on beside its captures."""

    made: int | None = None
    """When it was made, ns UTC."""
    version: str = ""
    """Of the program that made it."""
    configuration: tuple[str, ...] = ()
    """The paths that were given."""
    site_file: str = ""
    """The site file; empty: none was given."""
    hosts_file: str = ""
    """The file of names and addresses; empty: none was given."""
    rules: tuple[str, ...] = ()
    """The directories with further rules."""
    baseline: str = ""
    """The report of an earlier audit whose findings do not count; empty: none was given."""
    baseline_made: int | None = None
    """When that was made, ns UTC."""
    left_out: tuple[str, ...] = ()
    """Ids of the rules that were not to be applied."""
    decode_as: tuple[str, ...] = ()
    """Which UDP ports are tunnels, in Wireshark's words."""
    fail_on: str = Severity.LOW
    """The least severity of a fail that counts for exit codes, and as one for a pipeline."""


@dataclass(frozen=True, repr=False)
class Audit(Presentable):
    """One audit: five tables (``docs/columns.md``), each a DataFrame of pandas once asked for."""

    tables: Mapping[str, Table]
    """The five tables by name, as rules judge them and reports show them."""
    passed: Mapping[str, int]
    """Rows that passed, by rule: each could have failed and is seen to be right."""
    unobserved: Mapping[str, int]
    """Rows of which nobody could see whether they are right, by rule."""
    rules: tuple[RuleText, ...]
    """The rules that were applied."""
    problems: tuple[str, ...]
    """What could not be read in the configuration, and its traps, one sentence each."""
    statements: tuple[str, ...] = ()
    """What this configuration, or these captures, cannot tell, one sentence each."""
    failed: frozenset[str] | None = None
    """Ids of all flows that a fail is about; None: those that the findings name."""
    basis: Basis = Basis()
    excerpts: tuple[Excerpt, ...] = ()
    """What the configuration says at the places that findings name, secrets hidden."""
    opinion: Opinion | None = None
    """What another program says of the same captures; None: it was not asked."""

    def __repr__(self) -> str:
        """Return the verdict in a line; the tables have the rest."""
        shown = f"{self.verdict} ({self.severity})" if self.severity else self.verdict
        flows, fails = len(self.tables["flows"]), sum(self.fails_by_severity.values())
        return f"<Audit {shown}: {flows} flows, {fails} fails>"

    @cached_property
    def captures(self) -> pd.DataFrame:
        """One row a capture: what it holds and what it lost."""
        return self._frame("captures")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """One row a TCP connection on a Bareos port."""
        return self._frame("flows")

    @cached_property
    def probes(self) -> pd.DataFrame:
        """One row a keepalive probe."""
        return self._frame("probes")

    @cached_property
    def expectations(self) -> pd.DataFrame:
        """One row a connection that the configuration requires, allows or forbids."""
        return self._frame("expectations")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row a fail, unknown or note."""
        return self._frame("findings")

    def _frame(self, name: str) -> pd.DataFrame:
        from auditor.judge.tables.frames import frame

        return frame(self.tables[name])

    @cached_property
    def fails(self) -> pd.DataFrame:
        """The findings that count: fails that no waiver covers and no baseline had."""
        return self.findings.query("verdict == 'fail' and waived == '' and known_since.isna()")

    @cached_property
    def fails_by_severity(self) -> Mapping[Severity, int]:
        """How many fails of each severity count, worst first."""
        found = self._counted(Verdict.FAIL)
        return {severity: found[severity] for severity in Severity if severity.fails}

    @property
    def by_severity(self) -> Mapping[str, int]:
        """The same for the JSON report, where ``info`` counts the notes."""
        counts = {**self.fails_by_severity, Severity.INFO: self._counted(Verdict.NOTE)["info"]}
        return {str(severity): count for severity, count in counts.items()}

    def _counted(self, verdict: Verdict) -> Counter[str]:
        """Count findings with this verdict by their severity, without what is waived or known."""
        rows = (row for row in self.tables["findings"].rows() if row["known_since"] is None)
        return Counter(r["severity"] for r in rows if r["verdict"] == verdict and not r["waived"])

    @property
    def severity(self) -> str:
        """The worst severity that failed: high, medium or low; empty: nothing did."""
        return next((str(one) for one, count in self.fails_by_severity.items() if count), "")

    @cached_property
    def blind(self) -> bool:
        """Nothing could be judged: no connection of which more than a guess says what it is, and
        that this configuration, perhaps another network's, describes; or by no rule."""
        return self.unruled or not proof(self.tables["flows"], ()).numbered

    @property
    def unruled(self) -> bool:
        """Rules were left out on request, and those that were applied passed and found nothing."""
        judged = any(self.passed.values()) or len(self.tables["findings"])
        return bool(self.basis.left_out) and not judged

    @cached_property
    def proof(self) -> Proof:
        """What a ``pass`` rests on: what the flows prove, and what could not be seen."""
        return proof(self.tables["flows"], self._failed)

    @property
    def _failed(self) -> frozenset[str]:
        if self.failed is not None:
            return self.failed
        failed = (row for row in self.tables["findings"].rows() if row["verdict"] == Verdict.FAIL)
        return frozenset(flow for row in failed if not row["waived"] for flow in row["flows"])

    @property
    def known(self) -> int:
        """How many fails do not count because a baseline had them."""
        since = self.tables["findings"].values("known_since")
        waived = self.tables["findings"].values("waived")
        return sum(time is not None and not by for time, by in zip(since, waived, strict=True))

    @property
    def open(self) -> int:
        """How many findings would be high if what is at hand sufficed to decide them."""
        return sum(
            row["verdict"] == Verdict.UNKNOWN and row["severity"] == Severity.HIGH
            for row in self.tables["findings"].rows()
            if not row["waived"]
        )

    @property
    def verdict(self) -> str:
        """``fail``; ``unknown`` when nothing could be judged, or something that would be grave was
        seen and could not be decided (docs/adr/0012); else ``pass``, and ``proof`` says of what."""
        if self.severity:
            return "fail"
        return "unknown" if self.blind or self.open else "pass"

    def summary(self) -> dict[str, object]:
        """Return the JSON report's summary: verdict, counts, and how far the captures reached."""
        flows, findings = self.tables["flows"], self.tables["findings"]
        expectations = self.tables["expectations"]
        numbers = Counter(flows.values("connection"))
        return {
            "verdict": self.verdict,
            "by_severity": self.by_severity,
            "statements": list(self.statements),
            "by_connection": {number: numbers.get(number, 0) for number in connections()},
            "coverage": {
                "flows": len(flows),
                "unnumbered": numbers.get("", 0),
                "proven": self.proof.certain,
                "likely": self.proof.likely,
                "heartbeats_proven": self.proof.heartbeats,
                "heartbeats_unobserved": self.proof.unobserved,
                "expectations": len(expectations),
                "exercised": sum(expectations.values("exercised")),
                "heartbeats": dict(sorted(Counter(flows.values("heartbeat_verdict")).items())),
                "unknowns": findings.values("verdict").count(Verdict.UNKNOWN),
                "waived": sum(waiver != "" for waiver in findings.values("waived")),
                "known": self.known,
                "passed": sum(self.passed.values()),
                "unobserved": sum(self.unobserved.values()),
                "complete": not any(self.tables["captures"].values("incomplete")),
            },
        }


@dataclass(frozen=True, repr=False)
class Check(Audit):
    """What a configuration comes to without any capture: an audit whose captures, flows and probes
    are empty, and whose findings are about the configuration alone."""

    described: tuple[str, ...] = ()
    """Whose own configuration is at hand, such as ``file daemon fd1``."""

    def __repr__(self) -> str:
        """Return the verdict in a line; the tables have the rest."""
        shown = f"{self.verdict} ({self.severity})" if self.severity else self.verdict
        return f"<Check {shown}: {sum(self.fails_by_severity.values())} fails>"

    @property
    def blind(self) -> bool:
        """Nothing could be judged: what was read describes no connection at all."""
        return not len(self.tables["expectations"])

    def summary(self) -> dict[str, object]:
        """Return the summary of ``bareos-check/1``: verdict, counts, and whose configuration was
        read."""
        findings = self.tables["findings"]
        return {
            "verdict": self.verdict,
            "by_severity": self.by_severity,
            "statements": list(self.statements),
            "described": list(self.described),
            "expectations": len(self.tables["expectations"]),
            "unknowns": findings.values("verdict").count(Verdict.UNKNOWN),
            "waived": sum(waiver != "" for waiver in findings.values("waived")),
            "known": self.known,
            "passed": sum(self.passed.values()),
        }
