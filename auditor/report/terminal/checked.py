"""What was found in a configuration alone: the verdict, whose configuration it is, the findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.config.problem_kinds import UNREAD
from auditor.report.cells import text
from auditor.report.terminal.findings import (
    render_fails,
    render_notes,
    render_rows,
    render_unknowns,
)
from auditor.report.terminal.groups import Row
from auditor.report.terminal.opening import failed, render_folder, render_statements, undecided
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.terminal.view import View
from auditor.report.terminal.words import STYLES, count
from auditor.site.connections import connections
from auditor.site.model import Role

if TYPE_CHECKING:
    from auditor.result import Check

#: Names of daemons in the opening; the JSON report has all.
_MOST = 12


def render_checked(screen: Screen, check: Check) -> None:
    """Write the verdict, what was read, and every finding."""
    view = View(check)
    screen.line(Cell(*_verdict(view)), _aside(check))
    screen.line(_read(check))
    render_folder(screen, view)
    render_statements(screen, view)
    render_fails(screen, view)
    render_unknowns(screen, view, UNREAD)
    _render_unread(screen, view)
    render_notes(screen, view, UNREAD)
    _render_numbers(screen, view)


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


def _verdict(view: View) -> tuple[str, str]:
    match view.audit.verdict:
        case "fail":
            return failed(view)
        case "pass":
            return "pass: nothing is wrong in what was read", STYLES["pass"]
        case _ if not view.audit.blind:
            return undecided(view)
        case _:
            return "could not look: what was read describes no connection", STYLES["unknown"]


def _aside(check: Check) -> str:
    waived = sum(reason != "" for reason in check.tables["findings"].values("waived"))
    return f"; {waived:,} waived" if waived else ""


def _read(check: Check) -> str:
    expected = len(check.tables["expectations"])
    rows = count(expected, "connection") if expected else "no connection"
    known = check.described
    names = f"the configuration of {_by_role(known[:_MOST])}" if known else "no daemon's own files"
    more = f" and {len(known) - _MOST} more" if len(known) > _MOST else ""
    return f"Read: {names}{more}; what was read calls for {rows}."


def _by_role(described: Sequence[str]) -> str:
    """Return ``director d, file daemons f1, f2``."""
    names: dict[str, list[str]] = {}
    for one in described:
        role = next(str(role) for role in Role if one.startswith(f"{role} "))
        names.setdefault(role, []).append(one.removeprefix(f"{role} "))
    return ", ".join(
        f"{role}{'s' if len(found) > 1 else ''} {', '.join(found)}" for role, found in names.items()
    )
