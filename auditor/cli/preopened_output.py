"""A report's place, reserved while rights are held and filled in when they are gone."""

from __future__ import annotations

from auditor.capture.rights.privileges import remaining_account
from auditor.cli import output as sink
from auditor.errors import OutputError
from auditor.outputs import Owner, ReservedFile
from auditor.text import printable


class PreopenedOutput:
    """Where a report will be written: standard output for ``-``, else a file that is open already.

    The account that is left at the end may not be able to create files where root may. The file
    keeps what it holds until the report is there; a new one is empty until then, and is removed if
    none comes. It belongs to that account. Raises OutputError.
    """

    def __init__(self, target: str) -> None:
        sink.check(target)
        self._target = target
        self._file: ReservedFile | None = None
        if target == "-":
            return
        account = remaining_account()
        try:
            self._file = ReservedFile(target, None if account is None else Owner(*account))
        except OSError as error:
            raise self._failure(error) from error

    @property
    def folder(self) -> int | None:
        """The open folder from which a file that was never written is removed; None: none is."""
        return None if self._file is None else self._file.folder

    def write(self, text: sink.Text) -> None:
        """Write the report."""
        if self._file is None:
            sink.write(text, self._target)
            return
        try:
            self._file.write(sink.blocks(text))
        except OSError as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Let go of it; may be called twice."""
        if self._file is not None:
            self._file.close()

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(f"{printable(self._target)} cannot be written: {error.strerror}.")
