"""``bareos-audit expect``: the connections that a configuration calls for."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli import options
from auditor.report.formats import Format


@click.command(short_help="Show the connections that a configuration calls for.")
@options.config_option(required=True)
@options.site_options
@options.format_option(*Format)
@options.output_option
def expect(chosen: str, output: str, **known: Any) -> None:
    """Show the connections that a configuration requires, allows or forbids.

    Who dials whom, at which address and port, with which HeartbeatInterval and TLS; nothing is
    captured.
    """
    from auditor.cli import output as sink
    from auditor.cli.terminal import render_options

    sink.check(output)
    from auditor import api
    from auditor.report import reporter

    table = api.expectation_table(**known)
    report = reporter(Format(chosen), render_options(to_file=output != "-"))
    sink.write(report.expectations(table), output)
