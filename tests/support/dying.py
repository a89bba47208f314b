"""A capture that is there when somebody opens it: a named pipe, whose opening is an event."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path


class Pipe:
    """A named pipe; each time that it is opened for reading the next of ``answers`` is asked.

    An answer writes to the descriptor that it is given; or it kills the reader, and returns what
    waits until that is dead. Our end is closed before: the next reader shall not find it open.
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
                dead = answer(fd)
            finally:
                os.close(fd)
            if callable(dead):
                dead()

    def join(self) -> None:
        """Wait for all answers to have been given."""
        self._thread.join(timeout=60)
        assert not self._thread.is_alive()


def write_whole(capture: Path) -> Callable[[int], object]:
    """Return the answer that is the capture."""

    def answer(fd: int) -> None:
        with os.fdopen(os.dup(fd), "wb") as file:
            file.write(capture.read_bytes())

    return answer
