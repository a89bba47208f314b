"""``bareos-audit check``: what is wrong in a configuration alone, without any packet."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli import options
from auditor.cli.errors import counting_from, exit_code
from auditor.cli.inputs import inputs
from auditor.cli.places import Reports
from auditor.cli.report_options import report_options
from auditor.report.formats import Format, TableFormat
from auditor.report.interface import TableName

_EPILOG = """\
Exit code: 0 nothing failed; 2 wrong usage or unreadable input; 3 the configuration describes no
connection; 12, 13, 14 the worst severity that failed is low, medium, high; 1 the program itself
failed.
"""


@click.command(epilog=_EPILOG, short_help="Judge a configuration alone, without any packet.")
@options.config_option(required=True)
@options.site_options
@options.idle_limit_option
@options.rules_option
@options.selection_options
@options.baseline_option
@report_options(
    *Format, *TableFormat, tables=(TableName.FINDINGS, TableName.EXPECTATIONS), brief=True
)
@options.exit_zero_option
@click.pass_context
def check(
    ctx: click.Context,
    /,
    reports: Reports,
    more_rules: tuple[str, ...],
    exit_zero: bool,
    fail_on: str,
    **known: Any,
) -> None:
    """Judge a configuration alone: what in it keeps connections from working, and where.

    Nothing is captured, no name is asked for but by the resolver, and no command is run. Each
    finding names the lines and what to write there.
    """
    guard = reports.check(inputs(more_rules=more_rules, **known))
    from auditor import api

    result = counting_from(api.check(rules=more_rules, **known), fail_on)
    reports.write(lambda report: report.check(result), guard, result.tables)
    if not exit_zero:
        ctx.exit(exit_code(result))
