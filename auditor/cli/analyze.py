"""``bareos-audit analyze``: captures, and what the configuration makes of them."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli import options
from auditor.cli.engine_options import engine_options
from auditor.cli.errors import counting_from, exit_code
from auditor.cli.inputs import inputs
from auditor.cli.places import Reports
from auditor.cli.quantities import DURATION
from auditor.cli.report_options import report_options
from auditor.report.formats import Format, TableFormat
from auditor.report.interface import TableName

_EPILOG = """\
Exit code: 0 nothing failed; 2 wrong usage or unreadable input; 3 the captures hold nothing to
judge; 12, 13, 14 the worst severity that failed is low, medium, high; 1 the program itself failed.
"""


@click.command(
    epilog=_EPILOG, short_help="Judge captures, against a configuration if one is given."
)
@click.argument("captures", nargs=-1, required=True, type=click.Path(), metavar="CAPTURE...")
@options.audit_options
@options.decode_as_option
@click.option(
    "--second-opinion",
    is_flag=True,
    help="Have Wireshark (tshark) read the captures too, and show what both see and what not.",
)
@click.option(
    "--follow",
    is_flag=True,
    help="Read on while the capture is written (as tail -f), and on in the next file of its ring; "
    "show connections on standard error. The report comes at Ctrl-C, SIGTERM or the end of a pipe.",
)
@click.option(
    "--until-idle",
    type=DURATION,
    help="With --follow: end when nothing was written for so long, such as 10m.",
)
@engine_options
@report_options(*Format, *TableFormat, tables=[*TableName], times=True, brief=True)
@options.exit_zero_option
@click.pass_context
def analyze(
    ctx: click.Context,
    /,
    captures: tuple[str, ...],
    reports: Reports,
    ports: tuple[tuple[str, int], ...],
    more_rules: tuple[str, ...],
    exit_zero: bool,
    fail_on: str,
    follow: bool,
    until_idle: float | None,
    **known: Any,
) -> None:
    """Judge captures, against a configuration if one is given.

    CAPTURE is a pcap or pcapng file, also packed with gzip, zstd, lz4, bzip2 or xz, whatever its
    name, or of a format that only Wireshark (tshark) reads; - is standard input. A folder means all
    captures in it and in its folders (not hidden files), a pattern in quotes what it matches, the
    name of a ring (-w) its files, and a URL (s3://…) what fsspec finds there. Files of one
    recording are judged as one, in any order, and what two taps saw is compared.
    """
    if captures.count("-") > 1:
        raise click.UsageError("standard input (-) can be read only once.")
    if "-" in captures and known["second_opinion"]:
        raise click.UsageError("standard input (-) has no second opinion: give a file.")
    if until_idle is not None and not follow:
        raise click.UsageError("--until-idle is for --follow.")
    if follow and known["second_opinion"]:
        raise click.UsageError("--follow has no second opinion: ask for it when all is written.")
    from auditor.cli.progress import progress
    from auditor.pipeline.capture_paths import capture_paths

    if known["second_opinion"]:  # what is not there is said before the work
        from auditor.second_opinion.wireshark import program

        program()
    found = capture_paths(captures)
    guard = reports.check(inputs(found, more_rules=more_rules, **known))
    known |= {"ports": dict(ports), "rules": more_rules}
    if follow:
        from auditor.cli.follow import follow_capture

        del known["engine"], known["work"]
        result = follow_capture(found, until_idle, reports.local_time, **known)
    else:
        from auditor.api import audit

        with progress(found) as advance:
            result = audit(found, progress=advance, **known)
    result = counting_from(result, fail_on)
    reports.write(lambda report: report.audit_parts(result), guard, result.tables)
    if not exit_zero:
        ctx.exit(exit_code(result))
