"""``bareos-audit capture``: record what an audit needs, show it as it happens, and judge it."""

from __future__ import annotations

import os
from typing import Any

import click

from auditor.capture.backend_registry import AUTO, BackendName
from auditor.cli import options
from auditor.cli.errors import Refusal, exit_code
from auditor.cli.quantities import DURATION, SIZE
from auditor.cli.suggest import interface_names
from auditor.report.formats import Format
from auditor.report.interface import TableName

_EPILOG = """\
Exit code: as analyze, and 2 where the recording had to end early (disk full, interface gone); the
report on what was recorded until then is written all the same. A second Ctrl-C ends at once, and so
does one before or after the recording; the code is then 128 and the signal's number.
"""


@click.command(epilog=_EPILOG, short_help="Record, watch and judge what passes interfaces now.")
@click.argument(
    "interfaces",
    nargs=-1,
    required=True,
    metavar="INTERFACE...",
    shell_complete=interface_names,
)
@click.option(
    "-w",
    "--write",
    "path",
    type=click.Path(),
    metavar="FILE",
    help="Record into this pcapng file; - is standard output, and then the report is written only "
    "with -o. Without -w nothing is left behind but the report.",
)
@options.config_option(required=False)
@options.site_options
@options.idle_limit_option
@options.port_option
@options.rules_option
@options.baseline_option
@click.option(
    "--backend",
    type=click.Choice([AUTO, *(name.value for name in BackendName)]),
    default=AUTO,
    show_default=True,
    help="How packets are taken; auto takes the best that works, and the report says which.",
)
@click.option("--duration", type=DURATION, help="End after this time, such as 10m.")
@click.option("--packets", type=click.IntRange(min=1), help="End after so many kept packets.")
@click.option("--filesize", type=SIZE, help="Begin a new file at this size, such as 100M.")
@click.option("--ring", type=click.IntRange(min=1), help="Keep so many files, the latest.")
@click.option("-q", "--quiet", is_flag=True, help="Show no connections while they happen.")
@options.format_option(*Format)
@options.table_option(*TableName)
@options.output_option
@options.exit_zero_option
@click.pass_context
def capture(
    ctx: click.Context,
    /,
    interfaces: tuple[str, ...],
    path: str | None,
    chosen: str,
    table: str,
    output: str,
    exit_zero: bool,
    **known: Any,
) -> None:
    """Record what passes INTERFACEs, show each connection as it happens, and print the report.

    INTERFACE is a name such as eth0, or any. Only what an audit needs is kept: how connections
    begin and end, keepalive probes, silences and the first bytes, never file data. Each
    connection is shown on standard error with its number and verdict; the report comes at Ctrl-C,
    SIGTERM or a limit. Needs CAP_NET_RAW, CAP_BPF and CAP_PERFMON, or root, and gives them up
    before a packet is read.
    """
    # Before numpy is imported: with threads, capabilities could not be given up in all of them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    wanted, known = _wanted(interfaces, path, output, known)
    from auditor.cli.session import capture as record
    from auditor.cli.stopping import stopping
    from auditor.cli.terminal import render_options
    from auditor.report import reporter

    report = reporter(Format(chosen), render_options(to_file=output != "-", table=TableName(table)))
    with stopping() as signals:
        audit, failure = record(wanted, signals, report, **known)
    if failure:
        raise Refusal(failure)
    if not exit_zero:
        ctx.exit(exit_code(audit))


def _wanted(
    interfaces: tuple[str, ...], path: str | None, output: str, known: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """Part the options of the recording from those of the audit."""
    from auditor.capture.recording.limits import Limits
    from auditor.cli.session import NOWHERE, Wanted

    filesize, ring = known.pop("filesize"), known.pop("ring")
    if path is None and (filesize or ring):
        raise click.UsageError("--filesize and --ring split a recording: name one with -w.")
    wanted = Wanted(
        interfaces=interfaces,
        backend=known.pop("backend"),
        path=NOWHERE if path is None else path,
        limits=Limits(
            duration=known.pop("duration"),
            packets=known.pop("packets"),
            file_bytes=None if filesize is None else int(filesize),
            ring=ring,
        ),
        report="" if path == "-" and output == "-" else output,
        quiet=known.pop("quiet"),
    )
    known["ports"] = dict(known["ports"])
    known["rules"] = known.pop("more_rules")
    return wanted, known
