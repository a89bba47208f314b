"""What failed, in two lines each at most: a first screen, and what does not count."""

from __future__ import annotations

from auditor.report.cells import text
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.causes import causes
from auditor.report.told.groups import Row
from auditor.report.told.view import View
from auditor.report.told.words import STYLES, count

#: Findings of a first screen.
_MOST_BRIEF = 12
#: What does not count; JSON and CSV have each.
_MOST = 100
#: Where the text of a failed finding begins.
_HANG = 8
#: What may be lost where a line ends before a long word.
_FOLDED = 16


def render_brief(screen: Screen, view: View) -> None:
    """Write what failed, worst first, in two lines each at most, and no more than a screen has."""
    found = [cause for cause in causes(view) if not cause.waived]
    if found:
        screen.gap()
    for cause in found[:_MOST_BRIEF]:
        row = cause.happened(view)[0].first
        mark = Cell(cause.severity, STYLES[cause.severity])
        _render_line(screen, view, mark, row, len(cause.rows) - 1)
    if left := sum(len(cause.rows) for cause in found[_MOST_BRIEF:]):
        screen.item(screen.signs.more, f"and {count(left, 'more finding')}", indent=0, hang=_HANG)


def render_waived(screen: Screen, view: View) -> None:
    """Write what failed and does not count, in two lines each at most."""
    found = [
        group
        for cause in causes(view)
        if cause.waived
        for group in (*cause.happened(view), *cause.reasons(view))
    ]
    if found:
        screen.heading("Waived, or known from the baseline")
    for group in found[:_MOST]:
        mark = Cell(text(group.first, "severity"), STYLES["quiet"])
        _render_line(screen, view, mark, group.first, group.rows - 1)
    if left := sum(group.rows for group in found[_MOST:]):
        more = f"and {count(left, 'more finding')}; JSON and CSV have each"
        screen.item(screen.signs.more, more, indent=0, hang=_HANG)


def _render_line(screen: Screen, view: View, mark: Cell, row: Row, others: int) -> None:
    aside, more = why_not_counted(row), f" and {others:,} more" if others else ""
    end = f"{more} ({text(row, 'rule')})"
    room = max(2 * (screen.width - _HANG) - len(aside) - len(end) - _FOLDED, _FOLDED)
    said = view.short(text(row, "message"))
    message = said if len(said) <= room else f"{said[: room - 1]}{screen.signs.more}"
    screen.item(mark, message, Cell(aside, "bold"), Cell(end, "dim"), indent=0, hang=_HANG)


def why_not_counted(row: Row) -> str:
    """Return why a finding does not count; empty: it does."""
    if text(row, "waived"):
        return f" [waived: {text(row, 'waived')}]"
    return f" [known since {text(row, 'known_since')[:10]}]" if row["known_since"] else ""
