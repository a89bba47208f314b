"""``analyze --follow``: a capture is read and shown while it is written, and then judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from auditor.cli import garbage
from auditor.cli.progress import compilation_told
from auditor.cli.stopping import stopping
from auditor.cli.watch import LAG_S, Watch, show_on_stderr
from auditor.loading import load_network
from auditor.packets.growing import Growing, same_ring
from auditor.pipeline.live import LiveAudit
from auditor.text import SENTENCE, printable

if TYPE_CHECKING:
    from auditor.result import Audit

#: How often (s) is looked whether there is more.
_PATIENCE_S = 0.25


def follow_capture(
    captures: Sequence[str], until_idle: float | None, local_time: bool, **options: Any
) -> Audit:
    """Follow a capture until a signal comes, until it ends, or until nothing was written for
    ``until_idle`` seconds; then return its audit.

    ``captures`` are one, or the files of a ring, of which the first is begun with; ``options`` are
    those of ``load_network``. Raises UsageError, or a subclass of BareosAuditError.
    """
    if len(captures) != 1 and not same_ring(captures):
        raise click.UsageError("--follow reads one capture: a file, a ring or standard input.")
    path = captures[0]
    garbage.as_ever()
    with stopping() as signals, compilation_told(show_on_stderr):
        options.pop("second_opinion")
        live = LiveAudit(load_network(**options), here=False, name=path)

        def clock() -> int:
            """Tell what the capture has come to: it may be from another day, or host."""
            return live.latest + round(LAG_S * 1e9)

        watch = Watch(live, show_on_stderr, clock=clock, local_time=local_time)
        with closing(Growing(path, signals.stop.wait)) as source:
            signals.recording()
            shown = "standard input" if path == "-" else printable(path, SENTENCE)
            watch.tell(f"Following {shown}; Ctrl-C ends it.")
            read_on(source, live, watch, signals.stop, until_idle)
            notes = source.notes
        signals.finishing()
        return live.audit(path, notes)


def read_on(
    source: Growing,
    live: LiveAudit,
    watch: Watch,
    stop: Event,
    until_idle: float | None,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Feed an audit with what is written, and show it, until one of them has come to an end."""
    heard, path = monotonic(), source.path
    while not stop.is_set() and not live.ended:
        data = source.read(_PATIENCE_S)
        if data is None:
            break
        if source.path != path:
            path = source.path
            live.begin_file(path)
        if data:
            watch.written(data)
            heard = monotonic()
        elif until_idle is not None and monotonic() - heard >= until_idle:
            break
        if live.latest:
            watch.tick()
    if live.latest:
        watch.look()
