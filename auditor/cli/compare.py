"""``bareos-audit compare``: what became of the findings of one audit in a later one."""

from __future__ import annotations

import click

from auditor.cli import options
from auditor.cli.errors import ExitCode
from auditor.cli.inputs import inputs
from auditor.cli.places import Reports
from auditor.cli.report_options import report_options
from auditor.report.formats import LISTINGS

_EPILOG = """\
Exit code, as of diff: 0 nothing was opened or closed; 1 something was; 2 wrong usage, or a file
that is no report of an audit.
"""


@click.command(epilog=_EPILOG, short_help="Show what two audits differ in.")
@click.argument("old", type=click.Path(), metavar="OLD.json")
@click.argument("new", type=click.Path(), metavar="NEW.json")
@report_options(*LISTINGS, times=True)
@options.exit_zero_option
@click.pass_context
def compare(ctx: click.Context, /, old: str, new: str, reports: Reports, exit_zero: bool) -> None:
    """Show what was opened, closed and left unchanged from one audit to a later one.

    OLD.json and NEW.json are what analyze, check or capture wrote with --format json. A finding
    that is closed says whether it is known to be mended, or was only not seen again.
    """
    guard = reports.check(inputs(saved=(old, new)))
    from auditor import api

    try:
        compared = api.compare(old, new)
    except ValueError as error:
        raise click.UsageError(f"{error}: give two of one kind.") from error
    reports.write(lambda report: report.comparison(compared), guard)
    if compared.differs and not exit_zero:
        ctx.exit(ExitCode.DIFFERENT)
