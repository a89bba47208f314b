"""Follows files of one recording that overlap, as if they were one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from auditor.packets.fragments import new_fragments
from auditor.packets.segments import Batch, CaptureInfo
from auditor.pipeline.recordings.assignment import Recording
from auditor.pipeline.recordings.copies import as_copy
from auditor.pipeline.recordings.merging import Merging, Taken
from auditor.pipeline.recordings.source import NEVER_ENDS, Source, put_right
from auditor.pipeline.recordings.survey import Surveyed
from auditor.pipeline.track_capture import New, Progress, TrackedCapture, Tracking


def follow_together(
    recording: Recording,
    ports: Collection[int],
    progress: Progress | None,
    new: New = Tracking,
) -> TrackedCapture:
    """Return what the files of a recording show together. Raises CaptureError."""
    with new(ports) as tracking:
        together = _Together(recording.files, ports, progress, tracking)
        together.run()
        for info in together.accounts():
            tracking.end_file(info)
        tracking.holes += recording.holes
        return replace(tracking.finish(), copies=tuple(together.copies))


#: Of files that overlap so many are open at once; of more the smallest are read into memory.
_MOST_OPEN = 128


class _Together:
    """The files of one recording, of which as many are open as overlap."""

    def __init__(
        self,
        files: Sequence[Surveyed],
        ports: Collection[int],
        progress: Progress | None,
        tracking: Tracking,
    ) -> None:
        self._files = sorted(files, key=lambda one: (one.begin or 0, one.info.last or 0, one.path))
        self._ports = ports
        self._progress = progress
        self._tracking = tracking
        self._open: list[Source] = []
        self._next = 0
        self._before = 0
        self._fragments = new_fragments()
        self._accounts: dict[int, CaptureInfo] = {}
        self._merging = Merging()
        self.copies: list[CaptureInfo] = []
        """Accounts of files of which others had all."""
        self._reached: int | None = None
        self._since: int | None = None  # nothing is open but what begins after that time

    def accounts(self) -> list[CaptureInfo]:
        """Return what each file contained, in order."""
        return [self._accounts[place] for place in sorted(self._accounts)]

    @property
    def _next_begin(self) -> int:
        """When (ns) the next file begins."""
        if self._next == len(self._files):
            return NEVER_ENDS
        return self._files[self._next].begin or 0

    def run(self) -> None:
        """Follow all files to their ends."""
        try:
            while self._open or self._next < len(self._files):
                self._step()
        finally:
            for source in self._open:
                source.reader.close()

    def _step(self) -> None:
        begin = self._next_begin
        bound = min((source.bound for source in self._open), default=NEVER_ENDS)
        found = [Taken(one.place, one.before(min(bound, begin))) for one in self._open]
        if any(one.parts for one in found):
            self._put_together([one for one in found if one.parts])
        elif begin <= bound and self._next < len(self._files):
            self._open_next()
        else:
            source = min(self._open, key=lambda one: one.bound)
            batch = source.read(begin if len(self._open) == 1 else -NEVER_ENDS)
            if batch is not None:
                self._take(batch, thinned=source.reader.thinned)
        self._close_ended()

    def _put_together(self, found: Sequence[Taken]) -> None:
        back = max(source.backwards for source in self._open)
        batch, followed = self._merging.merged(found, back)
        for source in self._open:
            source.followed += followed.get(source.place, 0)
        noted = any(source.reader.thinned for source in self._open)
        if len(batch.segments):
            self._take(batch, thinned=noted)

    def _take(self, batch: Batch, *, thinned: bool) -> None:
        if self._since is not None and len(batch.segments):
            self._tracking.look_back(batch, self._since, sure=False, thinned=thinned)
            self._since = None
        self._tracking.take(batch, noted=thinned)

    def _open_next(self) -> None:
        from auditor.packets import read_capture
        from auditor.packets.earlier import Earlier

        file = self._files[self._next]
        if not self._open:
            self._since = self._reached
        fragments = new_fragments() if self._open else self._fragments
        earlier, progress = Earlier(self._before, fragments), self._progress
        reader = read_capture(file.path, self._ports, progress=progress, earlier=earlier)
        batches = self._tracking.batches(reader)
        if file.ahead:
            batches = put_right(batches, file.ahead)
        self._make_room()
        self._open.append(Source(reader, self._next, batches))
        self._next += 1
        self._before += file.info.packets

    def _make_room(self) -> None:
        reading = [one for one in self._open if one.bound != NEVER_ENDS]
        if len(reading) < _MOST_OPEN:
            return
        least = min(reading, key=lambda one: one.reader.size or 0)
        while least.bound != NEVER_ENDS:
            if (batch := least.read(-NEVER_ENDS)) is not None:
                self._tracking.take(batch, noted=least.reader.thinned)

    def _close_ended(self) -> None:
        for source in [one for one in self._open if one.over]:
            info = self._files[source.place].corrected(source.reader.info)
            if source.seen and not source.followed:
                self.copies.append(as_copy(info, info.before))
            else:
                self._accounts[source.place] = info
            if info.last is not None:
                self._reached = max(info.last, self._reached or info.last)
            self._open.remove(source)
