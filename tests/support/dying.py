"""A capture that is there when somebody opens it: a named pipe, whose opening is an event."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Pipe:
    """A named pipe; each time that it is opened for reading the next of ``answers`` is asked.

    An answer writes to the descriptor that it is given, or does away with the reader.
    """

    def __init__(self, path: Path, *answers: Callable[[int], object]) -> None:
        os.mkfifo(path)
        self.path = str(path)
        self._answers = answers
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for answer in self._answers:
            fd = os.open(self.path, os.O_WRONLY)  # returns when a reader is there
            try:
                answer(fd)
            finally:
                os.close(fd)

    def join(self) -> None:
        """Wait for all answers to have been given."""
        self._thread.join(timeout=60)
        assert not self._thread.is_alive()


def until_the_reader_is_gone(fd: int) -> None:
    """Return when the process that was killed is dead, and its end of the pipe closed."""
    with suppress(BrokenPipeError):
        for _ in range(1000):  # beyond what a pipe holds this waits
            os.write(fd, bytes(4096))
        raise AssertionError("the reader lives on")


def write_whole(capture: Path) -> Callable[[int], object]:
    """Return the answer that is the capture."""

    def answer(fd: int) -> None:
        with os.fdopen(os.dup(fd), "wb") as file:
            file.write(capture.read_bytes())

    return answer
