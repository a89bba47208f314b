"""Thins captures of one recording into one file of evidence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import numpy as np

from auditor.errors import CaptureError
from auditor.evidence.anonymizing.copying import copy_without_names, key_of
from auditor.evidence.thin_batches import ThinnedCapture, Thinning
from auditor.evidence.thin_file import thin_capture
from auditor.outputs import Guard, Write, atomic_file
from auditor.packets import CaptureReader
from auditor.packets.segments import Batch, CapturedOn
from auditor.pipeline.recordings.track_recordings import track_recordings
from auditor.pipeline.track_capture import Progress, TrackedCapture, Tracking
from auditor.text import SENTENCE, printable
from auditor.text.listing import first_of

#: An interface of a packet is a number of two octets.
_MOST_INTERFACES = 1 << 16
_CHUNK = 1 << 20
#: Recordings that are named.
_SHOWN = 3


def thin_as_one(
    paths: Sequence[str],
    output: str,
    ports: Collection[int],
    *,
    progress: Progress | None = None,
    guard: Guard | None = None,
    anonymize: bool | str | Path | bytes = False,
) -> ThinnedCapture:
    """Write what an audit of captures needs, which are of one recording, to the pcapng file
    ``output``: an audit of it says what that of the captures says. For all else see
    ``thin_capture``, which thins one.

    Raises CaptureError also for captures of several recordings, and OutputError.
    """
    if len(paths) == 1:
        how, of = anonymize, paths[0]
        return thin_capture(of, output, ports, progress=progress, guard=guard, anonymize=how)
    if "-" in paths:
        raise CaptureError("Standard input (-) is a recording of its own: thin it by itself.")
    key = key_of(anonymize)
    with TemporaryDirectory(prefix="bareos-audit-") as folder:
        writing = _Writing(Path(folder))
        found = track_recordings(paths, ports, progress, writing.begin)
        if len(found) != 1 or len(writing.done) != 1:
            names = first_of([printable(one.info.name, SENTENCE) for one in found], _SHOWN)
            raise CaptureError(
                f"The captures are {len(found)} recordings, which begin with {names}, and a file "
                "of evidence is of one: thin the captures of each by themselves."
            )
        path, done = writing.done[0]
        with atomic_file(output, guard=guard) as write:
            if key is None:
                _copy(path, write)
                return done
            copy = copy_without_names(str(path), write, ports, key, max_flows=65536)
        return replace(done, packets_out=copy.packets, octets_out=copy.bytes_written)


def _copy(path: Path, write: Write) -> None:
    with path.open("rb") as file:
        while data := file.read(_CHUNK):
            write(data)


class _Writing:
    """Evidence of each recording that is begun, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begun = 0
        self.done: list[tuple[Path, ThinnedCapture]] = []
        """The evidence of each that was followed to its end, and what that came to."""

    def begin(self, ports: Collection[int]) -> Tracking:
        """Begin a recording."""
        path = self._folder / f"recording{self._begun}.pcapng"
        self._begun += 1
        return _ThinTracking(ports, path, lambda done: self.done.append((path, done)))


class _ThinTracking(Tracking):
    """Follows the batches of one recording, and writes its evidence."""

    def __init__(
        self, ports: Collection[int], path: Path, end: Callable[[ThinnedCapture], None]
    ) -> None:
        super().__init__(ports)
        self._file = path.open("wb")
        self._thinning = Thinning(ports, self._write)
        self._interfaces: dict[CapturedOn, int] = {}
        self._octets = 0
        self._end = end

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        self._file.close()

    def _write(self, data: bytes) -> None:
        self._file.write(data)

    def batches(self, reader: CaptureReader) -> Iterator[Batch]:
        """Yield what a reader has, with the numbers of interfaces in the evidence."""
        for batch in reader:
            yield self._placed(batch, reader.interfaces)
        self._octets += reader.taken

    def _placed(self, batch: Batch, described: Sequence[CapturedOn]) -> Batch:
        numbers = [self._number(one) for one in described]
        if numbers == list(range(len(numbers))):
            return batch
        segments = batch.segments.copy()
        segments["interface"] = np.array(numbers, "u2")[segments["interface"]]
        return replace(batch, segments=segments)

    def _number(self, one: CapturedOn) -> int:
        number = self._interfaces.setdefault(one, len(self._interfaces))
        if number == _MOST_INTERFACES:
            raise CaptureError(
                f"The captures have more than {_MOST_INTERFACES:,} interfaces: thin fewer at once."
            )
        return number

    def take(self, batch: Batch, *, noted: bool) -> None:
        """Follow the next segments, and write what is kept."""
        self._thinning.evidence.describe(tuple(self._interfaces))
        self._thinning.before(batch, thinned=noted)
        super().take(batch, noted=noted)
        self._thinning.take(batch)

    def finish(self) -> TrackedCapture:
        """Return what was followed, and end the evidence."""
        found = super().finish()
        self._thinning.evidence.describe(tuple(self._interfaces))
        holes = sorted({*found.holes, *found.doubts})
        info = replace(found.info, holes=tuple(holes))
        lacks = self._thinning.end(info, found.flows)
        self._file.close()
        self._end(self._thinning.account(info.packets, self._octets, lacks))
        return found
