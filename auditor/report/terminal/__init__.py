"""The report for a person on a terminal: the verdict first, details after, one thing a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.report.cells import records
from auditor.report.interface import RenderOptions, Report
from auditor.report.terminal.closing import render_coverage, render_problems, render_sentences
from auditor.report.terminal.connections import render_connections
from auditor.report.terminal.findings import (
    render_fails,
    render_notes,
    render_unknowns,
)
from auditor.report.terminal.heartbeats import render_heartbeats
from auditor.report.terminal.in_short import render_brief, render_waived
from auditor.report.terminal.opening import render_captures, render_opening
from auditor.report.terminal.opinion import render_opinion
from auditor.report.terminal.screen import Screen
from auditor.report.told.view import View, below, folder

if TYPE_CHECKING:
    from auditor.comparison import Comparison
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.report.machine import Machine
    from auditor.result import Audit, Check
    from auditor.site.middleboxes import Middlebox

#: The sections of an audit, in the order of what a reader wants to know first.
_SECTIONS = (
    render_opening,
    render_fails,
    render_unknowns,
    render_notes,
    render_connections,
    render_heartbeats,
    render_captures,
    render_coverage,
    render_opinion,
    render_problems,
    render_waived,
)
#: The same of a brief report.
_FIRST_SCREEN = (render_opening, render_brief)


class TerminalReport(Report):
    """The report for a person. What a command shows that is no audit is loaded by that command."""

    def __init__(self, options: RenderOptions) -> None:
        self._options = options

    def audit_parts(self, audit: Audit) -> Iterator[str]:
        """Yield an audit; a screen is short, whatever the audit holds."""
        screen, view = Screen(self._options), View(audit)
        for render in _FIRST_SCREEN if self._options.brief else _SECTIONS:
            render(screen, view)
        yield screen.text()

    def check(self, check: Check) -> str:
        """Return what was found in a configuration, worst first."""
        from auditor.report.terminal.checked import render_checked

        screen = Screen(self._options)
        render_checked(screen, check, brief=self._options.brief)
        return screen.text()

    def expectation_parts(self, table: Table, problems: Sequence[str] = ()) -> Iterator[str]:
        """Yield the expectations by connection number, and the problems."""
        from auditor.report.terminal.planned import render_expectations

        screen, rows = Screen(self._options), records(table)
        where = folder(rows)
        render_expectations(screen, rows, where)
        render_sentences(screen, (below(where, problem) for problem in problems))
        yield screen.text()

    def comparison(self, comparison: Comparison) -> str:
        """Return what was opened, closed and left unchanged."""
        from auditor.report.terminal.compared import render_comparison

        screen = Screen(self._options)
        render_comparison(screen, comparison)
        return screen.text()

    def machine(self, machine: Machine) -> str:
        """Return what works on a machine for capturing, and what it comes to."""
        from auditor.report.terminal.looked import render_machine

        screen = Screen(self._options)
        render_machine(screen, machine)
        return screen.text()

    def sockets(self, table: Table) -> str:
        """Return this host's sockets, one a line."""
        from auditor.report.terminal.sockets import render_sockets

        screen = Screen(self._options)
        render_sockets(screen, records(table))
        return screen.text()

    def idle_limits(self, boxes: Sequence[Middlebox]) -> str:
        """Return the middleboxes, shortest limit first."""
        from auditor.report.terminal.catalogue import render_idle_limits

        screen = Screen(self._options)
        render_idle_limits(screen, boxes)
        return screen.text()

    def rules(self, rules: Sequence[Rule]) -> str:
        """Return the catalogue, or one rule explained."""
        from auditor.report.terminal.catalogue import render_rules

        screen = Screen(self._options)
        render_rules(screen, rules)
        return screen.text()
