"""Two audits beside each other: what is new first, then what is over, then what stays."""

from __future__ import annotations

from auditor.comparison import Compared, Comparison, State
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.view import below, folder
from auditor.report.told.words import STYLES, count, places
from auditor.result import Basis
from auditor.text.times import iso

#: Findings of one state; JSON and CSV have each.
_MOST = 200
_HANG = 8
_MOST_SOURCES = 3


def render_comparison(screen: Screen, comparison: Comparison) -> None:
    """Write how many findings were opened, closed and unchanged, and each of them."""
    counts = {state: len(comparison.of(state)) for state in State}
    style = STYLES["fail" if counts[State.OPENED] else "pass"]
    screen.line(Cell(", ".join(f"{number:,} {state}" for state, number in counts.items()), style))
    old, new = _made(screen, comparison.old), _made(screen, comparison.new)
    screen.line(Cell(f"from {old} to {new}", "dim"))
    where = folder({"sources": list(one.sources)} for one in comparison.findings)
    for state in State:
        found = comparison.of(state)
        if found:
            screen.heading(state.capitalize())
        for one in found[:_MOST]:
            _render(screen, one, where)
        if len(found) > _MOST:
            more = f"and {count(len(found) - _MOST, 'more finding')}; JSON and CSV have each"
            screen.item(screen.signs.more, more, indent=0, hang=_HANG)


def _render(screen: Screen, one: Compared, where: str) -> None:
    mark = Cell(one.severity, STYLES[one.severity if one.state is not State.CLOSED else "quiet"])
    reason = f" [{one.reason}]" if one.reason else ""
    parts = (below(where, one.message), Cell(reason, "bold"), Cell(f" ({one.id})", "dim"))
    screen.item(mark, *parts, indent=0, hang=_HANG)
    if one.state is not State.OPENED:
        return
    found = places([below(where, place) for place in one.sources])
    for position, place in enumerate(found[:_MOST_SOURCES]):
        mark = Cell("" if position else "see", "dim")
        screen.item(mark, Cell(place, "dim"), indent=2, hang=_HANG - 2)
    if len(found) > _MOST_SOURCES:
        left = f"{screen.signs.more} and {count(len(found) - _MOST_SOURCES, 'more file')}"
        screen.item("", Cell(left, "dim"), indent=2, hang=_HANG - 2)
    if one.remedy:
        screen.item(Cell("do", "bold"), below(where, one.remedy), indent=2, hang=_HANG - 2)


def _made(screen: Screen, basis: Basis) -> str:
    return screen.times.dated(iso(basis.made)) if basis.made is not None else "an unknown date"
