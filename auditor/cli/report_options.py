"""The options of a command that writes reports: formats, files, and which table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import wraps
from typing import Any

import click

from auditor.cli.choice import Choice
from auditor.cli.options import Decorator
from auditor.cli.places import reports
from auditor.report.formats import SUFFIXES
from auditor.report.interface import TableName

_FORCE = "Let -o replace a file that is no report of ours. Never a capture or another input."


def report_options(
    *formats: StrEnum,
    tables: Sequence[TableName] = (),
    suffixes: Mapping[str, StrEnum] = SUFFIXES,
    force: str = _FORCE,
    times: bool = False,
    brief: bool = False,
) -> Decorator:
    """``--format``, ``--output``, ``--force``, ``--table`` where the command has ``tables``,
    ``--local-time`` where its reports for people have ``times``, and ``--brief`` where they have a
    ``brief`` form.

    The command gets all of them as ``reports``. The first of the formats, and of the tables, is the
    default; ``force`` says what --force does.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        def with_reports(*arguments: Any, **known: Any) -> Any:
            asked = reports(
                known.pop("outputs"),
                known.pop("chosen"),
                Choice(formats, suffixes, tables),
                known.pop("table", None),
                force=known.pop("force"),
                local_time=known.pop("local_time", False),
                brief=known.pop("brief", False),
            )
            return command(*arguments, reports=asked, **known)

        wrapped: Callable[..., Any] = wraps(command)(with_reports)
        options = [
            *_report(Choice(formats, suffixes), force),
            *_table(tables),
            *_brief(brief),
            *_times(times),
        ]
        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def _report(choice: Choice, force: str) -> Iterator[Decorator]:
    yield click.option(
        "-f",
        "--format",
        "chosen",
        type=click.Choice([str(one) for one in choice.formats]),
        help=f"How the report is written, {choice.formats[0]} if nothing says it.",
    )
    yield click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="Write the report here instead of to standard output (-); its suffix says how: "
        f"{', '.join(choice.names)}. An older report of ours is replaced. Repeatable.",
    )
    yield force_option(force)


def force_option(what: str) -> Decorator:
    """``--force``, and what it does."""
    return click.option("--force", is_flag=True, help=what)


def _table(tables: Sequence[TableName]) -> Iterator[Decorator]:
    if tables:
        yield click.option(
            "--table",
            type=click.Choice([str(table) for table in tables]),
            help=f"The one table that csv writes, {tables[0]} if nothing says it.",
        )


def _brief(wanted: bool) -> Iterator[Decorator]:
    if wanted:
        yield click.option(
            "--brief",
            is_flag=True,
            help="In table, show the first screen only: the verdict, and what failed in short.",
        )


def _times(wanted: bool) -> Iterator[Decorator]:
    if wanted:
        yield click.option(
            "--local-time",
            is_flag=True,
            help="In table, times are of this machine's zone, which is named, instead of UTC.",
        )
