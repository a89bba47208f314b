"""``bareos-audit capture``: record what an audit needs, show it as it happens, and judge it."""

from __future__ import annotations

import os
from typing import Any

import click

from auditor.capture.backend_registry import AUTO, BackendName
from auditor.cli import options
from auditor.cli.errors import Refusal, exit_code
from auditor.cli.inputs import inputs
from auditor.cli.places import Reports
from auditor.cli.quantities import DURATION, SIZE
from auditor.cli.report_options import report_options
from auditor.cli.suggest import interface_names
from auditor.report.formats import Format, TableFormat
from auditor.report.interface import TableName

_EPILOG = """\
Exit code: as analyze, and 2 where the recording had to end early (disk full, interface gone); the
report on what was recorded until then is written all the same. A second Ctrl-C ends at once, and so
does one before or after the recording; the code is then 128 and the signal's number.
"""
_FORCE = (
    "Let -w replace a file that holds something, and -o one that is no report of ours. Never an "
    "input."
)


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
    help="Record into this pcapng file, which must not be there yet (see --force); - is standard "
    "output, and then the report is written only with -o. Without -w nothing is left behind but "
    "the report.",
)
@options.audit_options
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
@report_options(*Format, *TableFormat, tables=[*TableName], force=_FORCE, times=True, brief=True)
@options.exit_zero_option
@click.pass_context
def capture(
    ctx: click.Context,
    /,
    interfaces: tuple[str, ...],
    path: str | None,
    reports: Reports,
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
    # Before numpy and pyarrow are imported, which start threads of their own: with threads,
    # capabilities could not be given up in all of them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")
    if path == "-" and not reports.named:
        reports = reports._replace(places=())
    read = inputs(**known)
    wanted, known = _wanted(interfaces, path, known)
    from auditor.cli.session import capture as record
    from auditor.cli.stopping import stopping

    with stopping() as signals:
        audit, failure = record(wanted, signals, reports, read, **known)
    if failure:
        raise Refusal(failure)
    if not exit_zero:
        ctx.exit(exit_code(audit))


def _wanted(
    interfaces: tuple[str, ...], path: str | None, known: dict[str, Any]
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
        quiet=known.pop("quiet"),
        fail_on=known.pop("fail_on"),
    )
    known["ports"] = dict(known["ports"])
    known["rules"] = known.pop("more_rules")
    return wanted, known
