"""Files that hold the same octets as another: they are read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from filecmp import cmp
from pathlib import Path

from auditor.packets.remote import is_url
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.track_capture import TrackedCapture

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


def with_copies(found: TrackedCapture, copies: Mapping[str, str]) -> TrackedCapture:
    """Return a recording with the copies of its files, each by its path with the path of the file
    that is like it."""
    files = found.files or (found.info,)
    after = max(one.before + one.packets for one in files)
    known = {one.name: one for one in files}
    own = []
    for path, like in copies.items():
        if like in known:
            own.append(as_copy(replace(known[like], name=path), after))
            after += known[like].packets
    return replace(found, copies=(*found.copies, *own))


def as_copy(info: CaptureInfo, before: int) -> CaptureInfo:
    """Return the account of a file that was not followed; ``before``: packets of the recording
    that are counted before its own."""
    return replace(info, before=before, notes=(*info.notes, COPY))
