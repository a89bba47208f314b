"""What was found in a configuration alone: the verdict, whose configuration it is, the findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.config.problem_kinds import UNREAD
from auditor.report.cells import text
from auditor.report.terminal.findings import (
    render_fails,
    render_notes,
    render_rows,
    render_unknowns,
)
from auditor.report.terminal.in_short import render_brief, render_waived
from auditor.report.terminal.opening import render_folder, render_statements
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.groups import Row
from auditor.report.told.verdict import checked_aside, headline, what_was_read
from auditor.report.told.view import View
from auditor.report.told.words import STYLES
from auditor.site.connections import connections

if TYPE_CHECKING:
    from auditor.result import Check


def render_checked(screen: Screen, check: Check, *, brief: bool = False) -> None:
    """Write the verdict, what was read, and every finding; ``brief``: what failed, in short."""
    view = View(check)
    verdict, style = headline(view)
    screen.line(Cell(verdict, STYLES[style]), checked_aside(check))
    screen.line(what_was_read(check))
    render_folder(screen, view)
    render_statements(screen, view)
    if brief:
        render_brief(screen, view)
        return
    render_fails(screen, view)
    render_unknowns(screen, view, UNREAD)
    _render_unread(screen, view)
    render_notes(screen, view, UNREAD)
    _render_numbers(screen, view)
    render_waived(screen, view)


def _render_unread(screen: Screen, view: View) -> None:
    """Write what could not be read, and once a kind what that hides."""
    found: dict[str, list[Row]] = {}
    for row in view.findings:
        if text(row, "rule") in UNREAD:
            found.setdefault(text(row, "rule"), []).append(row)
    if found:
        screen.heading("Not read, and what that hides")
    for rule, rows in found.items():
        untold = [row for row in rows if row["verdict"] != "fail"]
        render_rows(screen, view, untold)
        if not untold:
            screen.item(screen.signs.bullet, view.rules[rule].title)
        screen.item("", Cell(" ".join(view.rules[rule].why.split()), "dim"))


def _render_numbers(screen: Screen, view: View) -> None:
    """Write what the numbers of connections mean: no table of an audit says it here."""
    found = {text(row, "connection") for row in view.expectations}
    named = [f"{number} {one.title}" for number, one in connections().items() if number in found]
    if named:
        screen.heading("The numbers of connections")
        screen.item("", Cell(", ".join(named), "dim"), indent=0)
