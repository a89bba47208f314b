"""Recordings whose files an engine thins: others read the captures, here is followed and judged.

What a file says of itself in the evidence is told of the capture that it was made of. A capture of
which there is no evidence is a recording of which nothing was read, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from tempfile import TemporaryDirectory

from auditor.engines.engine import Engine
from auditor.engines.gather import Gathered, gather
from auditor.errors import CaptureError
from auditor.packets.remote import shown_url
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.recordings.track_recordings import track_recordings
from auditor.pipeline.track_capture import Progress, TrackedCapture


def track_gathered(
    paths: Sequence[str],
    ports: Collection[int],
    engine: Engine,
    work: str = "",
    progress: Progress | None = None,
) -> list[TrackedCapture]:
    """Return the recordings that captures make, each thinned by ``engine``, as ``track_recordings``
    does.

    ``work`` is a folder in which the evidence stays, and is found again; empty: it is forgotten.
    Raises CaptureError when none could be read, EngineError and OutputError.
    """
    if "-" in paths:
        raise CaptureError("Standard input (-) is read here and by nobody else: give files.")
    kept = nullcontext(work) if work else TemporaryDirectory(prefix="bareos-audit-")
    with kept as folder:
        found = gather(paths, ports, engine, folder, progress, passing=not work)
        names = {one.evidence: shown_url(one.capture) for one in found if one.evidence}
        missing = [one for one in found if not one.evidence]
        if not names:
            raise CaptureError(missing[0].missing)
        tracked = track_recordings(list(names), ports)
    return [*(_named(one, names) for one in tracked), *map(_unread, missing)]


def _named(one: TrackedCapture, names: Mapping[str, str]) -> TrackedCapture:
    """Call the files of a recording as the captures are called."""

    def named(info: CaptureInfo) -> CaptureInfo:
        return replace(info, name=names[info.name], elsewhere=True)

    return one.called(named)


def _unread(one: Gathered) -> TrackedCapture:
    name = shown_url(one.capture)
    why = one.missing.removeprefix(f"{name} was not read: ").removesuffix(".")
    reason = f"it was not read: {why}"
    info = CaptureInfo(name, format="", backend="", link="", truncated=True, unread=reason)
    return TrackedCapture(info, flows=(), overflow=())
