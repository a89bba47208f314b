"""How far the captures reached, and what was wrong with the configuration itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.report.cells import text
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.groups import Row
from auditor.report.told.problems import by_sentence, left_problems
from auditor.report.told.view import View
from auditor.report.told.words import count, places, some
from auditor.site.connections import connections

#: Lines of one list; the JSON report has all.
_MOST = 6


def render_coverage(screen: Screen, view: View) -> None:
    """Write what was seen of what could be, and what was not."""
    coverage = view.coverage()
    seen = dict.fromkeys(text(row, "connection") for row in view.flows)
    unseen = [number for number in connections() if number not in seen]
    screen.heading("Coverage")
    unnumbered = coverage["unnumbered"]
    without = f", {unnumbered:,} without a number" if unnumbered else ""
    screen.item(screen.signs.bullet, f"{count(coverage['flows'], 'flow')}{without}")
    if unseen:
        screen.item(screen.signs.bullet, f"numbers not seen: {', '.join(unseen)}")
    if not view.expectations:
        sentence = "no configuration was given, so only ports and hellos could be judged"
        screen.item(screen.signs.bullet, sentence)
        return
    met = f"{coverage['exercised']:,} of {count(coverage['expectations'], 'connection')}"
    screen.item(screen.signs.bullet, f"{met} that the configuration knows were seen")
    _render_unseen(screen, view)


def _render_unseen(screen: Screen, view: View) -> None:
    """Required ones and those that jobs are planned for; the others are merely possible."""
    unseen = [row for row in view.expectations if not row["exercised"]]
    for row in [row for row in unseen if row["permission"] == "required"]:
        reason = text(row, "opportunity_reason")
        why = f": {reason}" if reason else ""
        screen.item(screen.signs.bullet, f"required but not seen: {_ends(screen, row)}{why}")
    planned = [_ends(screen, row) for row in unseen if row["jobs"]]
    if planned:
        shown = some(planned, _MOST, f"and {len(planned) - _MOST} more")
        screen.item(screen.signs.bullet, f"planned by jobs but not seen: {shown}")


def _ends(screen: Screen, row: Row) -> str:
    ends = f"{text(row, 'initiator')} {screen.signs.arrow} {text(row, 'acceptor')}"
    return f"{text(row, 'connection')} {ends}"


def render_problems(screen: Screen, view: View) -> None:
    """Write what could not be read in the configuration, and trifles in it, but for what is a
    finding; equal sentences once, with every place."""
    _render_found(screen, left_problems(view))


def render_sentences(screen: Screen, problems: Iterable[str]) -> None:
    """Write what is wrong in a configuration, or could not be read of it; equal sentences once,
    with every place."""
    _render_found(screen, by_sentence(problems))


def _render_found(screen: Screen, found: Mapping[str, Sequence[str]]) -> None:
    if not found:
        return
    screen.heading("The configuration itself")
    for sentence, sources in list(found.items())[:_MOST]:
        screen.item(screen.signs.bullet, sentence)
        listed = places(sources)
        for place in listed[: _MOST // 2]:
            screen.line(Cell(place, "dim"), indent=4)
        if len(listed) > _MOST // 2:
            left = count(len(listed) - _MOST // 2, "more file")
            screen.line(Cell(f"{screen.signs.more} and {left}", "dim"), indent=4)
    if len(found) > _MOST:
        screen.item(screen.signs.more, f"and {len(found) - _MOST} more (--format json)")
