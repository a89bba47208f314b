"""``bareos-audit report``: another face of an audit that was saved."""

from __future__ import annotations

import click

from auditor.cli import options
from auditor.cli.errors import counting_from, exit_code
from auditor.cli.inputs import inputs
from auditor.cli.places import Reports
from auditor.cli.report_options import report_options
from auditor.report.formats import Format, TableFormat
from auditor.report.interface import TableName

_EPILOG = """\
Exit code: that of the audit: 0 nothing failed; 3 there was nothing to judge; 12, 13, 14 the worst
severity that failed is low, medium, high; 2 AUDIT is no report that holds an audit.
"""


@click.command(epilog=_EPILOG, short_help="Show an audit that was saved in another format.")
@click.argument("audit", type=click.Path(), metavar="AUDIT.json")
@report_options(*Format, *TableFormat, tables=[*TableName], times=True, brief=True)
@options.fail_on_option(saved=True)
@options.exit_zero_option
@click.pass_context
def report(
    ctx: click.Context,
    /,
    audit: str,
    reports: Reports,
    exit_zero: bool,
    fail_on: str | None,
) -> None:
    """Show an audit that was saved in another format.

    AUDIT.json is what analyze, check or capture wrote with --format json. It holds the whole audit:
    neither captures nor configuration are read again.
    """
    guard = reports.check(inputs(saved=audit))
    from auditor.api import load
    from auditor.result import Check

    saved = load(audit)
    if fail_on is not None:
        saved = counting_from(saved, fail_on)
    if isinstance(saved, Check):
        check = saved
        if not reports.table_named:
            reports = reports._replace(table=TableName.FINDINGS)
        reports.write(lambda report: report.check(check), guard, check.tables)
    else:
        reports.write(lambda report: report.audit_parts(saved), guard, saved.tables)
    if not exit_zero:
        ctx.exit(exit_code(saved))
