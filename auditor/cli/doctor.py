"""``bareos-audit doctor``: what works on this machine for capturing."""

from __future__ import annotations

import click

from auditor.cli.errors import ExitCode
from auditor.cli.places import Reports
from auditor.cli.report_options import report_options
from auditor.report.formats import Format

_EPILOG = "Exit code: 0 some backend can capture here; 3 none can; 2 wrong usage."


@click.command(
    epilog=_EPILOG, short_help="Say what works here for capturing, and what will be blind."
)
@click.option(
    "--unit",
    is_flag=True,
    help="Only print the systemd unit that records with this installation, for "
    "/etc/systemd/system/bareos-audit.service.",
)
@report_options(Format.TABLE, Format.JSON)
@click.pass_context
def doctor(ctx: click.Context, /, unit: bool, reports: Reports) -> None:
    """Say what works on this machine for capturing, and what a capture will be blind to.

    Kernel, rights, each type of BPF program and each tool is tried; nothing is changed and
    nothing is sent. At the end it says which backends can capture, and what the others lack.
    """
    if unit:
        _print_unit(reports)
        return
    guard = reports.check([])
    from auditor.capture.diagnosis import conclusion, outlooks
    from auditor.capture.doctor import examine
    from auditor.report.machine import Looked, Machine, Sees

    checks = examine()
    seen = outlooks(checks)
    machine = Machine(
        [Looked(one.name, str(one.state), one.detail, one.hint) for one in checks],
        [Sees(str(one.backend), one.packets, one.sockets, one.lacks) for one in seen],
        conclusion(seen),
    )
    reports.write(lambda report: report.machine(machine), guard)
    ctx.exit(ExitCode.OK if machine.can_capture else ExitCode.BLIND)


def _print_unit(reports: Reports) -> None:
    from auditor.cli import unit
    from auditor.cli.output import write

    if reports.named or reports.places[0].format is not Format.TABLE:
        raise click.UsageError("--unit is no report: give neither --format nor -o with it.")
    write(unit.unit(), "-")
    for doubt in unit.doubts():
        click.echo(f"bareos-audit: {doubt}", err=True)
