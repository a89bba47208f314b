"""Findings: what failed, what could not be decided, what is good to know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.judge.rules.rule import Rule
from auditor.report.cells import text, texts
from auditor.report.terminal.groups import FindingGroup, Row, group_findings
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.terminal.view import View
from auditor.report.terminal.words import STYLES, count, moment, places, some

#: Lines under one rule: whoever has more reads them with another format.
_MOST_FAILS = 25
_MOST_OTHERS = 4
_MOST_SOURCES = 8
_MOST_FLOWS = 4
#: The notes that a statement of the first screen sums up; JSON and CSV have each.
_STATED = "heartbeat-unset"


def render_fails(screen: Screen, view: View) -> None:
    """Write the findings that fail, worst first: each rule once, with sources and remedy."""
    for rule, rows in _by_rule(view, "fail"):
        screen.gap()
        style = STYLES[rule.severity]
        title, name = Cell(rule.title, "bold"), Cell(f"  {rule.id}", "dim")
        screen.item(Cell(rule.severity, style), title, name, indent=0, hang=8)
        remedies = {text(row, "remedy") for row in rows if not text(row, "waived")}
        for group in _shown(screen, view, rows, _MOST_FAILS):
            _render_group(screen, view, group)
            if len(remedies) > 1:
                _render_way_out(screen, [group.first])
        if len(remedies) <= 1:
            _render_way_out(screen, rows)


def _render_way_out(screen: Screen, rows: Sequence[Row]) -> None:
    """Write the places of findings that have one remedy, and what to do."""
    _render_sources(screen, rows)
    remedy = next((text(row, "remedy") for row in rows if not text(row, "waived")), "")
    if remedy:
        screen.item(Cell("do", "bold"), remedy, indent=4, hang=4)


def render_unknowns(screen: Screen, view: View) -> None:
    """Write what could not be decided, and why."""
    groups = _by_rule(view, "unknown")
    if groups:
        screen.heading("Could not be decided")
    for _, rows in groups:
        for group in _shown(screen, view, rows, _MOST_OTHERS):
            _render_group(screen, view, group)


def render_notes(screen: Screen, view: View) -> None:
    """Write what fails no audit and is good to know."""
    groups = [(rule, rows) for rule, rows in _by_rule(view, "note") if rule.id != _STATED]
    if groups:
        screen.heading("Good to know")
    for _, rows in groups:
        for group in _shown(screen, view, rows, _MOST_OTHERS):
            _render_group(screen, view, group)


def _render_sources(screen: Screen, rows: Sequence[Row]) -> None:
    found = places(list(dict.fromkeys(place for row in rows for place in texts(row, "sources"))))
    for position, place in enumerate(found[:_MOST_SOURCES]):
        mark = "" if position else "see"
        screen.item(Cell(mark, "dim"), Cell(place, "dim"), indent=4, hang=4)
    if len(found) > _MOST_SOURCES:
        left = count(len(found) - _MOST_SOURCES, "more file")
        screen.line(Cell(f"{screen.signs.more} and {left}", "dim"), indent=8)


def _by_rule(view: View, verdict: str) -> list[tuple[Rule, list[Row]]]:
    rows: dict[str, list[Row]] = {rule: [] for rule in view.rules}
    for row in view.findings:
        if row["verdict"] == verdict:
            rows[text(row, "rule")].append(row)
    return [(view.rules[rule], found) for rule, found in rows.items() if found]


def _shown(screen: Screen, view: View, rows: Sequence[Row], most: int) -> Iterator[FindingGroup]:
    """Yield the groups that are shown; write how many are not."""
    groups = group_findings(rows, view.flow_by_id)
    shown = groups if len(groups) <= most + 1 else groups[:most]
    yield from shown
    if len(shown) < len(groups):
        left = sum(group.count for group in groups[len(shown) :])
        screen.item(screen.signs.more, f"and {left:,} more like these (rule {rows[0]['rule']})")


def _render_group(screen: Screen, view: View, group: FindingGroup) -> None:
    row = group.first
    parts: list[Cell | str] = [text(row, "message")]
    if text(row, "waived"):
        parts.append(Cell(f" [waived: {text(row, 'waived')}]", "bold"))
    if group.count > 1:
        parts.append(Cell(f" {screen.signs.times} {group.count}", "bold"))
    flows = some(group.flows, _MOST_FLOWS, screen.signs.more)
    aside = ", ".join(filter(None, (flows, _why_unsure(row, group.flow))))
    if aside:
        parts.append(Cell(f" ({aside})", "dim"))
    time = moment(group.flow["started"], view.day) if group.flow is not None else ""
    screen.item(Cell(time or screen.signs.bullet, "dim"), *parts, hang=len(time) + 2 if time else 2)


def _why_unsure(row: Row, flow: Row | None) -> str:
    """How sure a finding is where it is not certain, and why where the flow tells."""
    confidence = text(row, "confidence")
    if confidence == "certain":
        return ""
    reason = text(flow, "match_reason") if flow is not None else ""
    return f"{confidence}: {reason}" if reason and confidence == "guess" else confidence
