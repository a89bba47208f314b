"""A report's place, reserved while rights are held and filled in when they are gone."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from auditor.capture.rights.privileges import remaining_account
from auditor.cli import output as sink
from auditor.cli.places import Renderer, Reports
from auditor.errors import OutputError
from auditor.outputs import Guard, Owner, ReservedFile
from auditor.text import printable

if TYPE_CHECKING:
    from auditor.result import Audit


class PreopenedReports:
    """All reports of a capture, opened while rights are held."""

    def __init__(self, reports: Reports, guard: Guard) -> None:
        self._guard = guard
        self._rendered = [(reports.renderer(place), place.target) for place in reports.places]
        self._opened: list[tuple[Renderer, PreopenedOutput]] = []

    def warm(self, empty: Audit) -> None:
        """Load all code that writes a report, by rendering an audit of nothing."""
        for rendered, _ in self._rendered:
            deque(rendered(empty), maxlen=0)

    def open(self) -> None:
        """Open every place. Raises OutputError."""
        for rendered, target in self._rendered:
            self._opened.append((rendered, PreopenedOutput(target, self._guard)))

    @property
    def folders(self) -> tuple[int, ...]:
        """The open folders from which files that were never written are removed."""
        found = (place.folder for _, place in self._opened)
        return tuple(folder for folder in found if folder is not None)

    def write(self, audit: Audit) -> None:
        """Write every report. Raises OutputError, when the others have been written."""
        failed: list[OutputError] = []
        for rendered, place in self._opened:
            try:
                place.write(rendered(audit))
            except OutputError as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def close(self) -> None:
        """Let go of all of them; may be called twice."""
        for _, place in self._opened:
            place.close()


class PreopenedOutput:
    """Where a report will be written: standard output for ``-``, else a file that is open already.

    The account that is left at the end may not be able to create files where root may. The file
    keeps what it holds until the report is there; a new one is empty until then, and is removed if
    none comes. It belongs to that account. What ``guard`` refuses is not opened. Raises
    OutputError.
    """

    def __init__(self, target: str, guard: Guard | None = None) -> None:
        sink.check(target, guard)
        self._target = target
        self._file: ReservedFile | None = None
        if target == "-":
            return
        account = remaining_account()
        try:
            self._file = ReservedFile(target, None if account is None else Owner(*account), guard)
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
