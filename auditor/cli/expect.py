"""``bareos-audit expect``: the connections that a configuration calls for."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli import options
from auditor.report.formats import Format
from auditor.text import SENTENCE, printable


@click.command(short_help="Show the connections that a configuration calls for.")
@options.config_option(required=True)
@options.site_options
@options.format_option(*Format)
@options.output_option
def expect(chosen: str, output: str, **known: Any) -> None:
    """Show the connections that a configuration requires, allows or forbids.

    Who dials whom, from and at which address and port, with which HeartbeatInterval and TLS, and
    what is wrong in the configuration or could not be read of it (with csv on standard error).
    Nothing is captured.
    """
    from auditor.cli import output as sink
    from auditor.cli.terminal import render_options

    sink.check(output)
    from auditor import api
    from auditor.pipeline.expected_connections import problems
    from auditor.report import reporter

    network = api.load_network(**known)
    found = problems(network)
    report = reporter(Format(chosen), render_options(to_file=output != "-"))
    sink.write(report.expectation_parts(api.expectation_table(network=network), found), output)
    if chosen == Format.CSV:
        for problem in dict.fromkeys(found):
            click.echo(printable(problem, SENTENCE), err=True)
