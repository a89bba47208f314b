"""What each connection survives: its first probe keeps alive what would else be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.judge.heartbeat.first_probe import first_probe
from auditor.judge.verdicts import Verdict
from auditor.report.cells import number, text
from auditor.report.told.groups import Row, heartbeat_verdict
from auditor.report.told.view import View
from auditor.report.told.words import seconds, span
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Permission
from auditor.text.times import length

#: Seconds from which a time is told in minutes and hours.
_EXACT = 120
_WORST_FIRST = (Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN)


@dataclass(slots=True)
class Survival:
    """One expected connection: what is set, and what was seen of it."""

    row: Row
    flows: int = 0
    probes: int = 0
    answered: int = 0
    observed: list[float] = field(default_factory=list)
    """Median intervals of the probes, seconds."""
    silence: float = 0.0
    """The longest silence of both sides that a connection survived, seconds."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Why, by verdict: the first of each."""

    @property
    def verdict(self) -> str:
        """The worst judgement on its flows; empty: none could be judged."""
        return next((str(one) for one in _WORST_FIRST if one in self.reasons), "")

    @property
    def reason(self) -> str:
        """Why; where nothing was seen, why the interval is what it is."""
        return self.reasons.get(self.verdict, "") or text(self.row, "heartbeat_reason")

    @property
    def set_to(self) -> str:
        """The interval in words; ``?``: the resource that sets it is not at hand."""
        value = number(self.row, "heartbeat_s")
        if value is None:
            return "?"
        return seconds(value) if value else "system"

    @property
    def survives(self) -> str:
        """How long a device on the way must remember a silent connection, at least."""
        value, idle = number(self.row, "heartbeat_s"), number(self.row, "idle_s")
        known = value is not None and idle is not None
        first = first_probe(Heartbeat(int(value or 0)), int(idle or 0)) if known else None
        return "?" if first is None else span(first) if first < _EXACT else length(first)

    @property
    def seen(self) -> str:
        """The intervals of the probes that were seen, from the shortest to the longest."""
        if not self.observed:
            return ""
        low, high = seconds(min(self.observed)), seconds(max(self.observed))
        return low if low == high else f"{low.removesuffix(' s')}–{high}"


def survivals(view: View) -> list[Survival]:
    """Return each connection that may be, in the manual's order, with what was seen of it."""
    allowed = (row for row in view.expectations if row["permission"] != Permission.FORBIDDEN)
    found = {text(row, "id"): Survival(row) for row in allowed}
    _observe(found, view.flows)
    return [*found.values()]


def _observe(found: Mapping[str, Survival], flows: Iterable[Row]) -> None:
    for flow in flows:
        one = found.get(text(flow, "expectation"))
        if one is None:
            continue
        one.flows += 1
        one.probes += int(number(flow, "heartbeat_probes") or 0)
        one.answered += int(number(flow, "heartbeat_answered") or 0)
        one.silence = max(one.silence, number(flow, "silence_survived_s") or 0)
        interval = number(flow, "heartbeat_observed_s")
        if interval is not None:
            one.observed.append(interval)
        verdict = heartbeat_verdict(flow)
        by_socket = verdict != text(flow, "heartbeat_verdict")
        reason = text(flow, "socket_reason" if by_socket else "heartbeat_reason")
        one.reasons.setdefault(verdict, reason)
