"""``bareos-audit report``: another face of an audit that was saved."""

from __future__ import annotations

import click

from auditor.cli import options
from auditor.cli.errors import exit_code
from auditor.report.formats import Format
from auditor.report.interface import TableName

_EPILOG = """\
Exit code: that of the audit: 0 nothing failed; 3 there was nothing to judge; 12, 13, 14 the worst
severity that failed is low, medium, high; 2 AUDIT is no report that holds an audit.
"""


@click.command(epilog=_EPILOG, short_help="Show an audit that was saved in another format.")
@click.argument("audit", type=click.Path(), metavar="AUDIT.json")
@options.format_option(*Format)
@click.option(
    "--table",
    type=click.Choice([str(table) for table in TableName]),
    help="The one table that --format csv writes: flows, or findings of a check, if not given.",
)
@options.output_option
@options.exit_zero_option
@click.pass_context
def report(
    ctx: click.Context, /, audit: str, chosen: str, table: str | None, output: str, exit_zero: bool
) -> None:
    """Show an audit that was saved in another format.

    AUDIT.json is what analyze, check or capture wrote with --format json. It holds the whole audit:
    neither captures nor configuration are read again.
    """
    from auditor.cli import output as sink
    from auditor.cli.terminal import render_options

    sink.check(output)
    from auditor.api import load
    from auditor.report import reporter
    from auditor.result import Check

    saved = load(audit)
    first = TableName.FINDINGS if isinstance(saved, Check) else TableName.FLOWS
    wanted = TableName(table) if table is not None else first
    shown = reporter(Format(chosen), render_options(to_file=output != "-", table=wanted))
    told = shown.check(saved) if isinstance(saved, Check) else shown.audit_parts(saved)
    sink.write(told, output)
    if not exit_zero:
        ctx.exit(exit_code(saved))
