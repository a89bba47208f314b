"""The catalogue of rules, one rule explained, and the idle limits that have a name."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.judge.rules.manual import manual_url
from auditor.judge.rules.rule import Rule
from auditor.judge.verdicts import Confidence
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.words import STYLES
from auditor.site.middleboxes import Middlebox
from auditor.text.times import length

_SUREST = Confidence.CERTAIN


def render_rules(screen: Screen, rules: Sequence[Rule]) -> None:
    """Write one line a rule, or everything on the only one."""
    if len(rules) == 1:
        _explain(screen, rules[0])
        return
    rows = [
        (Cell(rule.severity, STYLES[rule.severity]), rule.id, Cell(rule.title, "dim"))
        for rule in rules
    ]
    screen.grid(rows, screen.fit(rows, (2,), indent=0), indent=0)


def render_idle_limits(screen: Screen, boxes: Sequence[Middlebox]) -> None:
    """Write a line on each middlebox, and below it where its limit was read."""
    ordered = sorted(boxes, key=lambda box: (box.limit, box.name))
    rows = [(Cell(box.name, "bold"), length(box.limit), box.then) for box in ordered]
    widths = screen.fit(rows, (2,), indent=0)
    for box, row in zip(ordered, rows, strict=True):
        screen.grid([row], widths, indent=0)
        source = f"{' '.join(box.source.split())}, read on {box.read}"
        screen.item("", Cell(source, "dim"), indent=2, hang=2)


def _explain(screen: Screen, rule: Rule) -> None:
    screen.line(Cell(rule.id, "bold"))
    screen.line(rule.title)
    screen.gap()
    parts = {
        "severity": rule.severity,
        "confidence": f"at most {rule.confidence}" if rule.confidence is not _SUREST else "",
        "judges": f"every row of {rule.about}",
        "when": rule.text["applies"],
        "fails if": rule.text["fail"],
        "in doubt if": rule.text["doubt"] or "never",
        "blind if": rule.text["blind"] or "never",
        "says": rule.message,
        "once for": ", ".join(rule.once),
        "explains": ", ".join(rule.explains),
        "evidence": ", ".join(rule.evidence),
        "sources": ", ".join(rule.sources),
        "why": rule.why,
        "do": rule.remedy,
        "manual": rule.manual,
        "": manual_url(rule.manual),
        "file": rule.file,
    }
    for name, value in parts.items():
        if value:
            style = STYLES[rule.severity] if name == "severity" else ""
            cell = Cell(" ".join(value.split()), style)
            screen.item(Cell(name, "dim"), cell, indent=0, hang=13)
