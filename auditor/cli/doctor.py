"""``bareos-audit doctor``: what works on this machine for capturing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from auditor.cli.errors import ExitCode
from auditor.cli.places import Place, Reports
from auditor.cli.report_options import report_options
from auditor.report.formats import Format

if TYPE_CHECKING:
    from auditor.capture.doctor import Check
    from auditor.report.interface import RenderOptions

_SCHEMA = "bareos-doctor/1"
_STYLES = {"ok": "green", "limited": "yellow", "missing": "bold red"}
_EPILOG = "Exit code: 0 some backend can capture here; 3 none can; 2 wrong usage."


@click.command(
    epilog=_EPILOG, short_help="Say what works here for capturing, and what will be blind."
)
@report_options(Format.TABLE, Format.JSON)
@click.pass_context
def doctor(ctx: click.Context, /, reports: Reports) -> None:
    """Say what works on this machine for capturing, and what a capture will be blind to.

    Kernel, rights, each type of BPF program and each tool is tried; nothing is changed and
    nothing is sent.
    """
    from auditor.cli.terminal import render_options

    guard = reports.check([])
    from auditor.capture.doctor import can_capture, examine

    checks = examine()

    def told(place: Place) -> str:
        if place.format is Format.JSON:
            return _json(checks)
        return _table(checks, render_options(to_file=place.target != "-"))

    reports.write_each(told, guard)
    ctx.exit(ExitCode.OK if can_capture(checks) else ExitCode.BLIND)


def _json(checks: list[Check]) -> str:
    told = [
        {"name": c.name, "state": str(c.state), "detail": c.detail, "hint": c.hint or None}
        for c in checks
    ]
    return json.dumps({"schema": _SCHEMA, "checks": told}, indent=2) + "\n"


def _table(checks: list[Check], how: RenderOptions) -> str:
    from auditor.report.terminal.screen import Cell, Screen

    screen = Screen(how)
    widths = [max(len(c.state) for c in checks), max(len(c.name) for c in checks), 0]
    for check in checks:
        state = Cell(str(check.state), _STYLES[check.state])
        screen.grid([[state, Cell(check.name, "bold"), check.detail]], widths, indent=0)
        if check.hint:
            screen.grid([["", "", Cell(check.hint, "dim")]], widths, indent=0)
    return screen.text()
