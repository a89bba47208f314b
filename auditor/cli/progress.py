"""A progress bar on stderr, for captures that take a while and a person who waits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

#: Bytes from which on reading takes longer than drawing a bar is worth.
LARGE = 64 << 20

_COMPILING = "bareos-audit: compiling the scanner once, about a minute\n"

Advance = Callable[[int], None]


@contextmanager
def progress(captures: Sequence[str]) -> Iterator[Advance | None]:
    """Show a bar while the captures are read, where that makes sense.

    Gives the function to call with the bytes read since its last call, or None for no bar.
    """
    if not sys.stderr.isatty():
        yield None
        return
    if not _is_compiled():
        sys.stderr.write(_COMPILING)
    total = _size(captures)
    if total < LARGE:
        yield None
        return
    with _bar(total) as advance:
        yield advance


def _is_compiled() -> bool:
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return True
    from auditor.flows.track import track
    from auditor.kernels.native import is_compiled

    return is_compiled(track)


def _size(captures: Sequence[str]) -> int:
    total = 0
    for capture in captures:
        with suppress(OSError):
            total += Path(capture).stat().st_size
    return total


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
