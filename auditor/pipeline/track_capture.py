"""From one capture to its flows: the reader decodes in one thread, tracking runs in another.

Both release the interpreter's lock inside their kernels, so a two-core machine does both at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Self

from auditor.flows.flow import Flow
from auditor.flows.interruption import Border
from auditor.judge.tables.places import Places
from auditor.packets.segments import Batch, CaptureInfo, UndecodedRun
from auditor.pipeline.recordings.merged_taps import MergedTaps

if TYPE_CHECKING:
    from auditor.packets import CaptureReader

#: So few segments take less time than to hand them to another thread.
_FEW = 1024
#: Called with the number of bytes read since the last call.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class TrackedCapture:
    """One recording, in one file or several, read to its end."""

    info: CaptureInfo
    """Of all its files together."""
    flows: tuple[Flow, ...]
    overflow: tuple[str, ...]
    """Sentences on what the flow table could not hold; empty: nothing was left out."""
    summaries: tuple[str, ...] = ()
    """Sentences on attempts that are counted and have no rows."""
    here: bool = False
    """It was recorded on the host on which the configuration was read."""
    probes_lost: bool = False
    """More keepalive probes were seen than the tables could hold."""
    files: tuple[CaptureInfo, ...] = ()
    """Its files in order of time, where it has several."""
    holes: tuple[tuple[int, int], ...] = ()
    """From when to when (ns UTC) nobody recorded, between its files."""
    copies: tuple[CaptureInfo, ...] = ()
    """Files of which others have all, and which were not followed."""
    doubts: tuple[tuple[int, int], ...] = ()
    """From when to when nothing shows whether somebody did."""

    @property
    def places(self) -> Places:
        """Where in its files connections are."""
        return Places(self.files or (self.info,))

    def called(self, called: Callable[[CaptureInfo], CaptureInfo]) -> TrackedCapture:
        """Return it with another account of each file."""
        files, copies = (tuple(map(called, some)) for some in (self.files, self.copies))
        return replace(self, info=called(self.info), files=files, copies=copies)

    @property
    def longest(self) -> int:
        """For how long (ns) somebody recorded without a hole."""
        if self.info.first is None or self.info.last is None:
            return 0
        begins = [self.info.first, *(end for _, end in self.holes)]
        ends = [*(begin for begin, _ in self.holes), self.info.last]
        return max(end - begin for begin, end in zip(begins, ends, strict=True))


class Tracking:
    """Follows the batches of one recording, from one reader or from several after each other, in
    a thread of its own. Use it as a context manager."""

    def __init__(self, ports: Collection[int]) -> None:
        from auditor.flows import ConnectionTracker

        self._tracker = ConnectionTracker(ports)
        self._worker = ThreadPoolExecutor(1, "track")
        self._pending: Future[None] | None = None
        self._runs: tuple[UndecodedRun, ...] = ()
        self.files: list[CaptureInfo] = []
        """The files that were read to their end."""
        self.holes: list[tuple[int, int]] = []
        """From when to when (ns UTC) nobody recorded."""
        self.doubts: list[tuple[int, int]] = []
        """From when to when nothing shows whether somebody did."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.shutdown()

    def batches(self, reader: CaptureReader) -> Iterator[Batch]:
        """Return what a reader has, as it is to be taken."""
        return iter(reader)

    def take(self, batch: Batch, *, noted: bool) -> None:
        """Follow the next segments; ``noted``: of a thinned capture."""
        self._settle()
        if len(batch.segments) < _FEW:
            self._tracker.feed(batch, noted=noted)
        else:
            self._pending = self._worker.submit(self._tracker.feed, batch, noted=noted)

    def read(self, reader: CaptureReader) -> None:
        """Follow all that a reader has. Raises CaptureError."""
        merged = MergedTaps()
        for batch in reader:
            self.take(merged.without(batch), noted=reader.thinned)
        self.end_file(merged.noted(reader.info))

    def end_file(self, info: CaptureInfo) -> None:
        """Take in what a file contained, once all its batches were taken."""
        from auditor.packets.runs_together import runs_together

        self._runs = runs_together(self._runs, info.runs)
        self.files.append(replace(info, runs=()))

    def goes_on(self, path: str, ports: Collection[int]) -> bool:
        """Tell whether any connection that is open goes on at the beginning of a file."""
        from auditor.packets import read_capture

        self._settle()
        with read_capture(path, ports) as reader:
            return any(self._tracker.goes_on(batch) for batch in islice(reader, 1))

    def look_back(self, batch: Batch, since: int, *, sure: bool, thinned: bool) -> None:
        """Look what the first segments of a file show of the time (ns UTC) from the end of the one
        before it on; ``sure``: the one follows the other if nothing denies it."""
        self._settle()
        border = since, int(batch.segments["time"][0])
        if border in self.holes:
            return
        shown = self._tracker.border_before(batch, thinned=thinned)
        if shown is Border.INTERRUPTED:
            self.holes.append(border)
        elif shown is Border.NOTHING and not sure:
            self.doubts.append(border)

    def _settle(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def finish(self) -> TrackedCapture:
        """Return what was followed, of one file or more."""
        from auditor.packets.joining import joined

        self._settle()
        info = replace(joined(self.files), runs=self._runs)
        result = self._tracker.finish(
            info.ended,
            thinned=info.thinned,
            notes=info.flow_notes,
            unseen=info.unseen,
            snaplen=info.snaplen,
        )
        return TrackedCapture(
            info,
            result.flows,
            tuple(result.notes),
            probes_lost=bool(result.probes_dropped),
            summaries=tuple(map(str, result.summaries)),
            files=tuple(self.files) if len(self.files) > 1 else (),
            holes=tuple(sorted({*self.holes, *info.holes})),
            doubts=tuple(self.doubts),
        )


#: Makes what follows one recording on ports.
New = Callable[[Collection[int]], Tracking]


def track_capture(
    path: str, ports: Collection[int], progress: Progress | None = None
) -> TrackedCapture:
    """Return the flows of one capture file, or of standard input for ``-``.

    Raises CaptureError when it is not a capture. ``ports`` are the TCP ports to look at.
    """
    from auditor.packets import read_capture

    with read_capture(path, ports, progress=progress) as reader, Tracking(ports) as tracking:
        tracking.read(reader)
    return tracking.finish()
