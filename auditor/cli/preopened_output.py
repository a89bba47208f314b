"""A report's place, reserved while rights are held and filled in when they are gone."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from auditor.cli import output as sink
from auditor.errors import OutputError
from auditor.text import printable


class PreopenedOutput:
    """Where a report will be written: standard output for ``-``, else a file that is open already.

    The account that is left at the end may not be able to create files where root may. The file
    keeps what it holds until the report is there; a new one is empty until then, and is removed if
    none comes. Raises OutputError.
    """

    def __init__(self, target: str) -> None:
        sink.check(target)
        self._target = target
        self._fd = -1
        self._new = False
        if target == "-":
            return
        self._new = not Path(target).exists()
        try:
            self._fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY, 0o666)
        except OSError as error:
            raise self._failure(error) from error

    def write(self, text: str) -> None:
        """Write the report."""
        if self._fd < 0:
            sink.write(text, self._target)
            return
        self._new = False
        data = memoryview(text.encode("utf-8", "replace"))
        try:
            with suppress(OSError):  # a pipe or a device cannot be cut
                os.ftruncate(self._fd, 0)
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            raise self._failure(error) from error
        finally:
            self.close()

    def close(self) -> None:
        """Let go of it; may be called twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._new:
            self._new = False
            with suppress(OSError):
                Path(self._target).unlink()

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(f"{printable(self._target)} cannot be written: {error.strerror}.")
