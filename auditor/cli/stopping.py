"""Ctrl-C and SIGTERM: the first ends a recording properly, a second one ends the program."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from auditor.cli.errors import ExitCode


@contextmanager
def stopping() -> Iterator[Event]:
    """Give the event that is set at the first signal."""
    stop = Event()

    def handle(number: int, frame: FrameType | None) -> None:
        del number, frame
        if stop.is_set():
            # Not an exception: one that is raised inside a callback from C would be swallowed.
            # The recording is whole after every write, so nothing is left to be done.
            os._exit(ExitCode.INTERRUPTED)
        stop.set()

    before = {one: signal.signal(one, handle) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for one, old in before.items():
            signal.signal(one, old)
