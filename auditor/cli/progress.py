"""What a person who waits is told on stderr: a bar for long captures, and that code is compiled."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import click

from auditor.notebook.progress import LARGE, Advance, size

_COMPILING = "bareos-audit: compiling machine code for this processor, once: a minute or two"


@contextmanager
def progress(captures: Sequence[str]) -> Iterator[Advance | None]:
    """Show a bar while the captures are read, where that makes sense; everywhere, also in a log,
    a line if machine code has to be compiled first.

    Gives the function to call with the bytes read since its last call, or None for no bar.
    """
    total = size(captures)
    with compilation_told(lambda line: click.echo(line, err=True)):
        if total < LARGE or not sys.stderr.isatty():
            yield None
            return
        with _bar(total) as advance:
            yield advance


def compilation_told(show: Callable[[str], object]) -> AbstractContextManager[None]:
    """Within, show a line if machine code has to be compiled, before that begins."""
    from auditor.kernels.native import when_compiling

    return when_compiling(lambda: show(_COMPILING))


@contextmanager
def _bar(total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    console = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)

        def advance(count: int) -> None:
            bar.advance(task, count)

        yield advance
