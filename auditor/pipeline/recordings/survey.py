"""Reads captures once before they are followed together, where that is not clear without."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePath

from auditor.packets.segments import CaptureInfo
from auditor.pipeline.recordings.holes import Pauses
from auditor.pipeline.recordings.sketch import Sketch, Sketching


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What is known of a capture file before it is followed."""

    path: str
    info: CaptureInfo
    begin: int | None
    """Time (ns UTC) of its earliest segment on the ports asked for; None: it has none."""
    end: int | None
    """Of its latest."""
    pause: int
    """The longest time (ns) between two of them."""
    sketch: Sketch

    @property
    def series(self) -> tuple[str, str]:
        """What the names of files of one series have in common: all but their digits."""
        path = PurePath(self.path)
        return str(path.parent), path.name.translate(_NO_DIGITS)


_NO_DIGITS = str.maketrans("", "", "0123456789")


def survey(paths: Sequence[str], ports: Collection[int]) -> list[Surveyed]:
    """Read files to their ends, as many at a time as there are processors. Raises CaptureError."""
    with ThreadPoolExecutor(os.cpu_count() or 1, "survey") as workers:
        return list(workers.map(lambda path: _survey(path, ports), paths))


def _survey(path: str, ports: Collection[int]) -> Surveyed:
    from auditor.packets import read_capture

    sketching, pauses = Sketching(), Pauses()
    begin: int | None = None
    end: int | None = None
    with read_capture(path, ports) as reader:
        for batch in reader:
            times = batch.segments["time"]
            sketching.take(batch.segments)
            pauses.take(times)
            if not len(times):  # its clock was set
                continue
            least, most = int(times.min()), int(times.max())
            begin = least if begin is None else min(begin, least)
            end = most if end is None else max(end, most)
    return Surveyed(path, reader.info, begin, end, pauses.longest, sketching.made())
