"""Follows files that do not overlap one after the other, as if they were one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from auditor.packets.first_look import FirstLook
from auditor.pipeline.recordings.holes import LONG_NS, Pauses, follows, is_hole
from auditor.pipeline.recordings.merged_taps import MergedTaps
from auditor.pipeline.recordings.repeats import Repeats
from auditor.pipeline.track_capture import New, Progress, TrackedCapture, Tracking

if TYPE_CHECKING:
    from auditor.packets.earlier import Earlier


class File(NamedTuple):
    """A file to be read."""

    path: str
    look: FirstLook


class OverlapError(Exception):
    """Raised where a file ends when the next one has begun, or begins as one before did: they may
    have packets in common."""


class OneAfterAnother:
    """One recording or more, whose files come in order of time."""

    def __init__(
        self, ports: Collection[int], progress: Progress | None, new: New = Tracking
    ) -> None:
        self._ports = ports
        self._new = new
        self._progress = progress
        self._done: list[TrackedCapture] = []
        self._repeats = Repeats()
        self._stack = ExitStack()
        self._begin()

    def _begin(self) -> None:
        self._tracking = self._stack.enter_context(self._new(self._ports))
        self._earlier: Earlier | None = None
        self._reached: int | None = None
        self._path = ""
        self._pauses = Pauses()

    def follow(self, files: Sequence[File]) -> list[TrackedCapture]:
        """Return the recordings that files make, which begin in this order. What goes on after a
        time in which nobody recorded is the same recording if any connection goes on.

        Raises OverlapError, or CaptureError.
        """
        begins = [file.look.first for file in files[1:]]
        with self._stack:
            for file, following in zip(files, [*begins, None], strict=True):
                self._interrupted(file)
                self._read(file, following)
            self._done.append(self._tracking.finish())
        return self._done

    def _interrupted(self, file: File) -> None:
        """Look whether somebody recorded all the time before a file, and begin anew if it is not
        known to go on from there."""
        first, reached = file.look.first, self._reached
        if first is None or reached is None or not is_hole(first - reached, self._pauses.longest):
            return
        if first - reached <= LONG_NS or self._tracking.goes_on(file.path, self._ports):
            self._tracking.holes.append((reached, first))
        else:
            self._done.append(self._tracking.finish())
            self._begin()

    def _read(self, file: File, following: int | None) -> None:
        from auditor.packets import read_capture

        self._pauses.begin_file()
        any_yet, merged = False, MergedTaps()
        with read_capture(
            file.path, self._ports, progress=self._progress, earlier=self._earlier
        ) as reader:
            for read in self._tracking.batches(reader):
                batch = merged.without(read)
                times = batch.segments["time"]
                if len(times) and following is not None and times.max() >= following:
                    raise OverlapError
                if not any_yet and len(times) and self._repeats.begins_alike(batch.segments):
                    raise OverlapError
                if len(times) and not any_yet and self._reached is not None:
                    sure = follows(self._path, file.path)
                    self._tracking.look_back(
                        batch, self._reached, sure=sure, thinned=reader.thinned
                    )
                any_yet = any_yet or bool(len(times))
                self._pauses.take(times)
                self._tracking.take(batch, noted=reader.thinned)
        self._earlier, self._path = reader.so_far, file.path
        self._tracking.end_file(merged.noted(reader.info))
        if reader.info.last is not None:
            self._reached = max(reader.info.last, self._reached or reader.info.last)
