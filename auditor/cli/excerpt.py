"""``bareos-audit excerpt``: the packets of one finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from auditor.cli import options
from auditor.cli.inputs import inputs, recording_guard
from auditor.cli.report_options import force_option
from auditor.cli.suggest import finding_ids
from auditor.text import SENTENCE, printable

if TYPE_CHECKING:
    from auditor.pipeline.finding_packets import Excerpted


@click.command(short_help="Write the packets of one finding, for Wireshark.")
@click.argument("source", nargs=-1, required=True, type=click.Path(), metavar="AUDIT.json|CAPTURE…")
@click.option(
    "--finding",
    required=True,
    metavar="ID",
    shell_complete=finding_ids,
    help="Id of the finding, as reports show it.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    metavar="FILE",
    help="Write the packets (pcapng) here; - is standard output.",
)
@force_option("Let -o replace a file that holds something. Never an input.")
@options.config_option(required=False)
@options.site_options
@options.idle_limit_option
@options.port_option
@options.decode_as_option
@options.rules_option
def excerpt(
    source: tuple[str, ...],
    finding: str,
    output: str,
    force: bool,
    ports: tuple[tuple[str, int], ...],
    more_rules: tuple[str, ...],
    **known: Any,
) -> None:
    """Write every packet of the connections that a finding is about, with comments that say what
    it is and which packets are decisive.

    AUDIT.json is what analyze or capture wrote with --format json; the captures that it names are
    read again, and have to be what they were. Captures are audited first, with the same options as
    for analyze.

    Packets are kept as they were captured, payload included: such a file is as private as the
    capture.
    """
    from auditor.cli import output as sink
    from auditor.cli.progress import progress

    if "-" in source:
        raise click.UsageError("standard input (-) cannot be read twice: save the capture first.")
    from auditor import api
    from auditor.loading import report_path
    from auditor.pipeline.capture_paths import capture_paths

    given: dict[str, Any] = {"ports": dict(ports), "rules": more_rules, **known}
    captures = capture_paths(source)
    read = inputs(captures, more_rules=more_rules, **known)
    if (saved := report_path(source)) is not None:
        _refuse_options()
        given, read = {}, inputs(saved=str(saved))
    sink.check(output, recording_guard(read, force=force))
    with progress(captures) as advance:
        result = api.excerpt(captures, finding, output, force=force, progress=advance, **given)
    click.echo(_told(result), err=True)


def _refuse_options() -> None:
    """Raise UsageError for an option that says how to audit, beside an audit that was made."""
    context = click.get_current_context()
    default = click.core.ParameterSource.DEFAULT
    for name in context.params:
        named = name in {"source", "finding", "output", "force"}
        if not named and context.get_parameter_source(name) not in {default, None}:
            shown = next(one.opts[-1] for one in context.command.params if one.name == name)
            raise click.UsageError(f"{shown} is for captures: this audit was made already.")


def _told(result: Excerpted) -> str:
    from auditor.report.told.words import count

    packets, connections = count(result.packets, "packet"), count(result.connections, "connection")
    told = f"{packets} of {connections}, from {', '.join(result.captures)}"
    if result.missing:
        told += f"; the audit does not name {count(result.missing, 'more connection')} of it"
    return printable(f"{told}.", SENTENCE)
