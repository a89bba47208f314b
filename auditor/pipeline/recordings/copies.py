"""Files that hold the same octets as another: they are read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from filecmp import cmp
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.packets.remote import is_url
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.track_capture import TrackedCapture

if TYPE_CHECKING:
    from auditor.pipeline.recordings.survey import Surveyed

#: Accounts of files that were not followed, by the name of one beside them.
LeftOut = Mapping[str, Sequence[CaptureInfo]]
COPY = "All that it holds on these ports is in other captures of the recording too."
#: Of fewer octets reading costs nothing.
_WORTH = 1 << 16
#: Octets by which files of one size are told apart first.
_HEAD = 1 << 14


def apart_from_copies(paths: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Return files of which none is known to equal another, and those that do, each with the path
    of the first that is like it.

    Each is compared with one other at most, and only if size and beginning are the same: it takes
    as long as reading those twice.
    """
    by_size: dict[int, list[str]] = {}
    unlike: list[str] = []
    copies: dict[str, str] = {}
    for path in paths:
        size = _size(path)
        if size is None or size < _WORTH:
            unlike.append(path)
        else:
            by_size.setdefault(size, []).append(path)
    for some in by_size.values():
        heads: dict[bytes, str] = {}
        for path in some:
            first = heads.setdefault(_head(path) if len(some) > 1 else b"", path)
            if first != path and _equal(first, path):
                copies[path] = first
            else:
                unlike.append(path)
    return unlike, copies


def _size(path: str) -> int | None:
    """Return the octets of a file; None: it is elsewhere, or cannot be read: who opens it tells."""
    try:
        return None if is_url(path) else Path(path).stat().st_size
    except (OSError, ValueError):
        return None


def _head(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""


def _equal(one: str, other: str) -> bool:
    try:
        return cmp(one, other, shallow=False)
    except OSError:
        return False


def apart_from_twins(known: Sequence[Surveyed]) -> tuple[list[Surveyed], LeftOut]:
    """Return captures of which no two hold the same segments at the same times, and the accounts of
    those that do, by the name of the one that is followed, of which most was captured: such as a
    copy in another format, or of another resolution. What is thinned is no such."""
    alike: dict[object, list[Surveyed]] = {}
    for one in known:
        same = (one.sketch.total, one.info.segments) if _may_be_twin(one) else one.path
        alike.setdefault(same, []).append(one)
    kept: list[Surveyed] = []
    left: dict[str, list[CaptureInfo]] = {}
    for some in alike.values():
        best = max(some, key=lambda one: one.sketch.held)
        kept.append(best)
        if len(some) > 1:
            left[best.info.name] = [one.info for one in some if one is not best]
    return kept, left


def _may_be_twin(one: Surveyed) -> bool:
    return bool(one.info.segments) and not one.info.thinned


def with_copies(found: TrackedCapture, copies: Mapping[str, str]) -> TrackedCapture:
    """Return a recording with the copies of its files, each by its path with the path of the file
    that is like it."""
    known = {one.name: one for one in (*(found.files or (found.info,)), *found.copies)}
    left: dict[str, list[CaptureInfo]] = {}
    for path, like in copies.items():
        if like in known:
            left.setdefault(like, []).append(replace(known[like], name=path))
    return with_left_out(found, left)


def with_left_out(found: TrackedCapture, left: LeftOut) -> TrackedCapture:
    """Return a recording with files that were not followed, beside those of its own."""
    files = (*(found.files or (found.info,)), *found.copies)
    after = max(one.before + one.packets for one in files)
    own = []
    for info in (info for one in files for info in left.get(one.name, ())):
        own.append(as_copy(info, after))
        after += info.packets
    return replace(found, copies=(*found.copies, *own))


def as_copy(info: CaptureInfo, before: int) -> CaptureInfo:
    """Return the account of a file that was not followed; ``before``: packets of the recording
    that are counted before its own."""
    notes = dict.fromkeys((*info.notes, COPY))
    return replace(info, before=before, notes=tuple(notes))
