"""What is wrong in a configuration itself, or could not be read of it, each sentence once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.report.cells import text, texts
from auditor.report.told.groups import Row
from auditor.report.told.view import View
from auditor.report.told.words import place_and_rest


def left_problems(view: View) -> Mapping[str, list[str]]:
    """Return the problems of an audit that are no finding: by sentence, every place of it."""
    told = {(place, text(row, "message")) for row in view.findings for place in _first(row)}
    left = [problem for problem in view.audit.problems if place_and_rest(problem) not in told]
    return by_sentence(map(view.short, left))


def by_sentence(problems: Iterable[str]) -> Mapping[str, list[str]]:
    """Return problems by sentence, with every ``file:line`` of it."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        where, rest = place_and_rest(problem)
        found.setdefault(rest, []).extend([where] if where else [])
    return found


def _first(row: Row) -> list[str]:
    """Return the place that a finding about the configuration begins with."""
    return texts(row, "sources")[:1] or [""]
