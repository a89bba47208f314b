"""``bareos-audit notebook``: the security review as a notebook, run on the user's own files."""

from __future__ import annotations

from typing import Any

import click

from auditor.cli import options
from auditor.cli.errors import EXITS, ExitCode
from auditor.cli.inputs import inputs
from auditor.cli.places import Place, Reports
from auditor.cli.report_options import report_options
from auditor.judge.verdicts import Severity
from auditor.notebook.review import ReviewFormat
from auditor.report.formats import SUFFIXES

_SUFFIXES = {
    ".html": ReviewFormat.HTML,
    ".htm": ReviewFormat.HTML,
    ".ipynb": ReviewFormat.IPYNB,
}

_EPILOG = """\
Exit code: that of the audit: 0 nothing failed; 3 there was nothing to judge; 12, 13, 14 the worst
severity that failed is low, medium, high; 2 wrong usage or unreadable input.
"""


@click.command(epilog=_EPILOG, short_help="Run the security review as a notebook.")
@click.argument("captures", nargs=-1, required=True, type=click.Path(), metavar="CAPTURE...")
@options.audit_options
@options.decode_as_option
@report_options(*ReviewFormat, suffixes={**SUFFIXES, **_SUFFIXES})
@options.exit_zero_option
@click.pass_context
def notebook(
    ctx: click.Context,
    /,
    captures: tuple[str, ...],
    reports: Reports,
    ports: tuple[tuple[str, int], ...],
    more_rules: tuple[str, ...],
    exit_zero: bool,
    fail_on: str,
    **known: Any,
) -> None:
    """Run the security review as a notebook on your own files: a page to sign (-o review.html), or
    the notebook to go on with (-o review.ipynb).

    CAPTURE is what analyze takes. Needs the extra: pip install 'bareos-audit[notebook]'.
    """
    if "-" in captures:
        raise click.UsageError("standard input (-) cannot be reviewed: give a file.")
    from auditor.pipeline.capture_paths import capture_paths

    guard = reports.check(inputs(capture_paths(captures), more_rules=more_rules, **known))
    from auditor.notebook.review import run_review

    given = {**known, "ports": dict(ports), "rules": more_rules}
    review = run_review(captures, {name: value for name, value in given.items() if value != ()})

    def text(place: Place) -> str:
        if place.format is ReviewFormat.IPYNB:
            from auditor.notebook.review import as_text

            return as_text(review)
        from auditor.notebook.page import page

        return page(review.notebook, "Security review of a Bareos network")

    reports.write_each(text, guard)
    if not exit_zero:
        counts = review.severity and Severity(review.severity).counts(fail_on)
        unsure = ExitCode.BLIND if review.unknown else ExitCode.OK
        ctx.exit(EXITS[review.severity] if counts else unsure)
