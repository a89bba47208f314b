"""``bareos-audit sockets``: this host's Bareos sockets as they are now."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli import options
from auditor.cli.errors import EXITS, ExitCode
from auditor.cli.inputs import inputs
from auditor.cli.places import Reports
from auditor.cli.report_options import report_options
from auditor.report.formats import LISTINGS

_EPILOG = """\
Exit code: 0 nothing failed; 2 wrong usage, or the kernel cannot be asked; 3 there is no such
socket; 12, 13, 14 the worst severity that failed is low, medium, high.
"""


@click.command(epilog=_EPILOG, short_help="Show this host's Bareos sockets and their keepalive.")
@options.config_option(required=False)
@options.site_options
@options.port_option
@options.rules_option
@report_options(*LISTINGS)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever the verdict.")
@click.pass_context
def sockets(
    ctx: click.Context,
    /,
    reports: Reports,
    ports: tuple[tuple[str, int], ...],
    more_rules: tuple[str, ...],
    exit_zero: bool,
    **known: Any,
) -> None:
    """Show this host's Bareos sockets, each with its connection number, process and keepalive.

    With a configuration each initiator's socket is held against its HeartbeatInterval, without
    waiting for a probe. Only this network namespace is seen. Needs CAP_BPF and CAP_PERFMON.
    """
    guard = reports.check(inputs(more_rules=more_rules, **known))
    from auditor import api

    table = api.socket_table(ports=dict(ports), rules=more_rules, **known)
    reports.write(lambda report: report.sockets(table), guard)
    if not exit_zero:
        rows = (row for row in table.rows() if row["verdict"] == "fail" and not row["waived"])
        failed = {row["severity"] for row in rows}
        worst = next((code for severity, code in EXITS.items() if severity in failed), None)
        ctx.exit(worst or (ExitCode.OK if len(table) else ExitCode.BLIND))
