"""A rule as an audit keeps it: what people are told of it, without what it judges by."""

from __future__ import annotations

from typing import NamedTuple

from auditor.judge.rules.rule import Rule
from auditor.judge.verdicts import Severity
from auditor.text.markup import NO_MATH, inert


class RuleText(NamedTuple):
    """What reports say of one rule."""

    id: str
    title: str
    about: str
    """The table whose rows it judges."""
    severity: Severity
    explains: tuple[str, ...]
    """Rules that find what this one is the cause of."""
    why: str
    remedy: str
    manual: str
    """Chapter and section of the Bareos manual; empty: none."""

    def __repr__(self) -> str:
        """Return the rule in a line; its members have the rest."""
        return f"<Rule {self.id} ({self.severity}): {self.title}>"

    def _repr_html_(self) -> str:
        """Return the rule as a notebook shows it: what it is, why it matters, what to do."""
        told = {"why": self.why, "remedy": self.remedy, "manual": self.manual}
        parts = (f"<dt>{name}</dt><dd>{inert(text)}</dd>" for name, text in told.items() if text)
        title = f"{inert(self.title)} ({inert(self.id)}, {self.severity})"
        return f'<div class="{NO_MATH}"><strong>{title}</strong><dl>{"".join(parts)}</dl></div>'


def rule_text(rule: Rule) -> RuleText:
    """Return what an audit keeps of a rule that it applied."""
    return RuleText(
        id=rule.id,
        title=rule.title,
        about=rule.about,
        severity=rule.severity,
        explains=rule.explains,
        why=" ".join(rule.why.split()),
        remedy=" ".join(rule.remedy.split()),
        manual=rule.manual,
    )
