"""Captures of a recording of which some files were thinned and others were not.

In one segments are absent on purpose, in the other since nobody saw them: they are not followed
together. A thinned file of which full ones hold all is left out; for what else it holds the full
ones are thinned too, as those are that an engine reads.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from auditor.packets.first_look import first_look
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.recordings.assignment import Recording, assigned
from auditor.pipeline.recordings.copies import with_left_out
from auditor.pipeline.recordings.one_after_another import File
from auditor.pipeline.recordings.sketch import MOST, together
from auditor.pipeline.recordings.survey import Surveyed, survey
from auditor.pipeline.track_capture import TrackedCapture


@dataclass(slots=True)
class Sorted:
    """Files that are followed, and what is to be told of others."""

    full: list[File]
    thinned: list[File]
    names: dict[str, str] = field(default_factory=dict)
    """Of a file that stands for a capture the path of that."""
    parts: dict[str, list[CaptureInfo]] = field(default_factory=dict)
    """Accounts of thinned files that are not followed, by the name of one beside them."""

    def told(self, found: TrackedCapture) -> TrackedCapture:
        """Return a recording as its captures are called, and with those that were left out."""
        return with_left_out(found.called(self._named), self.parts)

    def _named(self, info: CaptureInfo) -> CaptureInfo:
        if (name := self.names.get(info.name)) is None:
            return info
        return replace(info, name=name, elsewhere=True)


def sorted_out(
    full: Sequence[File], thinned: Sequence[File], ports: Collection[int], folder: Path
) -> Sorted:
    """Return which files are followed; those that are thinned for it are written to ``folder``.
    Raises CaptureError and OutputError."""
    looks = {file.path: file.look for file in (*full, *thinned)}
    known = survey(list(looks), ports)
    known.sort(key=lambda one: (one.begin or 0, one.end or 0, one.path))
    found = Sorted([], [])
    for recording in assigned(known):
        kept, parts = _without_parts(recording)
        if parts:
            found.parts[kept[0].info.name] = parts
        mixed = len({one.info.thinned for one in kept}) > 1
        for one in kept:
            if one.info.thinned or not mixed:
                files = found.thinned if one.info.thinned else found.full
                files.append(File(one.path, looks[one.path]))
            else:
                found.thinned.append(_thinned(one, ports, folder, found.names))
    return found


def _without_parts(recording: Recording) -> tuple[list[Surveyed], list[CaptureInfo]]:
    """Return the files of a recording that are followed, and the accounts of those that are not."""
    full = [one for one in recording.files if not one.info.thinned]
    kept: list[Surveyed] = []
    parts: list[CaptureInfo] = []
    for one in recording.files:
        if one.info.thinned and full and _is_part(one, full, recording):
            parts.append(one.info)
        else:
            kept.append(one)
    return kept, parts


def _is_part(one: Surveyed, full: Sequence[Surveyed], recording: Recording) -> bool:
    """Tell whether full files hold all that a thinned one of their recording does: they were
    recorded all the time that it was, and have each of its connections in the same directions."""
    if one.info.facts or one.info.addresses or not _reach_around(one.info, full):
        return False
    begin, end = one.info.first or 0, one.info.last or 0
    if any(hole[0] < end and begin < hole[1] for hole in recording.holes):
        return False
    held = together(np.concatenate([other.sketch.connections for other in full]))
    cut = [other.sketch.connections for other in full if len(other.sketch.connections) >= MOST]
    known = one.sketch.connections
    for some in cut:  # those with greater keys are not remembered
        known = known[known["key"] <= some["key"].max()]
    at = np.searchsorted(held["key"], known["key"])
    if not len(known) or at.max() == len(held) or (held["key"][at] != known["key"]).any():
        return False
    return not (known["ways"] & ~held["ways"][at]).any()


def _reach_around(info: CaptureInfo, full: Sequence[Surveyed]) -> bool:
    """Tell whether the earliest and the latest packet of a file are within the time of others."""
    firsts = [one.info.first for one in full if one.info.first is not None]
    lasts = [one.info.last for one in full if one.info.last is not None]
    if info.first is None or info.last is None or not firsts or not lasts:
        return False
    return min(firsts) <= info.first and info.last <= max(lasts)


def _thinned(one: Surveyed, ports: Collection[int], folder: Path, names: dict[str, str]) -> File:
    """Return evidence of a full file, as a worker makes it, and note its name."""
    from auditor.evidence.thin_file import thin_to

    path = folder / f"{len(names)}.pcapng"
    with path.open("wb") as file:
        thin_to(one.path, file.write, ports, piece=True)
    names[str(path)] = one.info.name
    return File(str(path), first_look(str(path)))
