"""What works on this machine, a line each, and what it comes to."""

from __future__ import annotations

from auditor.report.machine import Machine
from auditor.report.terminal.screen import Cell, Screen

_STYLES = {"ok": "green", "limited": "yellow", "missing": "bold red"}


def render_machine(screen: Screen, machine: Machine) -> None:
    """Write each check with its hint below it, each hint once, and at the end the conclusion."""
    checks = machine.checks
    widths = [max(len(c.state) for c in checks), max(len(c.name) for c in checks), 0]
    told: set[str] = set()
    for check in checks:
        state = Cell(check.state, _STYLES[check.state])
        screen.grid([[state, Cell(check.name, "bold"), check.detail]], widths, indent=0)
        if check.hint and check.hint not in told:
            told.add(check.hint)
            screen.grid([["", "", Cell(check.hint, "dim")]], widths, indent=0)
    screen.gap()
    first, *others = machine.conclusion
    screen.line(Cell(first, "bold green" if machine.can_capture else "bold red"))
    for sentence in others:
        screen.line(sentence)
