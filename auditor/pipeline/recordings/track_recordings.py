"""From any files to the recordings that they make."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.packets.first_look import first_look
from auditor.packets.remote import is_url
from auditor.pipeline.recordings.one_after_another import File, OneAfterAnother, OverlapError
from auditor.pipeline.track_capture import New, Progress, TrackedCapture, Tracking, track_capture

if TYPE_CHECKING:
    from auditor.pipeline.recordings.survey import Surveyed

_LATEST = 1 << 63
#: Whether a file is thinned, and the addresses of the host that recorded itself.
_Kind = tuple[bool, tuple[str, ...]]
_FULL: _Kind = (False, ())
_THINNED: _Kind = (True, ())


def track_recordings(
    paths: Sequence[str],
    ports: Collection[int],
    progress: Progress | None = None,
    new: New = Tracking,
) -> list[TrackedCapture]:
    """Return the recordings that captures make, in order of time, whatever the order of ``paths``.

    ``-`` is standard input, which is a recording of its own, as is any other pipe. A file that is
    given twice is read once; ``new`` makes what follows those of one recording. Raises CaptureError
    when one is not a capture.
    """
    if len(paths) == 1:
        return [track_capture(paths[0], ports, progress)]
    from auditor.pipeline.recordings.copies import apart_from_copies, with_copies

    files, pipes = _apart(paths)
    found = [track_capture(path, ports, progress) for path in pipes]
    files, copies = apart_from_copies(files)
    groups = _alike(files)
    full, thinned = groups.pop(_FULL, []), groups.pop(_THINNED, [])
    if full and thinned:
        found += _mixed(full, thinned, ports, progress, new)
    else:
        groups[_FULL] = full or thinned
    for group in groups.values():
        found += _followed(group, ports, progress, new)
    if copies:
        found = [with_copies(one, copies) for one in found]
    return sorted(found, key=_begin)


def _mixed(
    full: list[File],
    thinned: list[File],
    ports: Collection[int],
    progress: Progress | None,
    new: New,
) -> list[TrackedCapture]:
    """Return the recordings of files of which some are thinned."""
    from tempfile import TemporaryDirectory

    from auditor.pipeline.recordings.beside_thinned import sorted_out

    with TemporaryDirectory(prefix="bareos-audit-") as folder:
        out = sorted_out(full, thinned, ports, Path(folder))
        groups = (out.full, out.thinned)
        found = [one for group in groups for one in _followed(group, ports, progress, new)]
    return list(map(out.told, found))


def _begin(one: TrackedCapture) -> tuple[int, str]:
    return (_LATEST if one.info.first is None else one.info.first, one.info.name)


def _apart(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return files, each once, and what can be read only once."""
    files: dict[object, str] = {}
    pipes: dict[str, None] = {}
    for path in paths:
        if is_url(path):
            files.setdefault(path, path)
            continue
        status = None
        with suppress(OSError, ValueError):  # whoever opens it says why it cannot be
            status = Path(path).stat()
        if path == "-" or status is None or not stat.S_ISREG(status.st_mode):
            pipes[path] = None
        else:
            files.setdefault((status.st_dev, status.st_ino), path)
    return list(files.values()), list(pipes)


def _alike(paths: Iterable[str]) -> dict[_Kind, list[File]]:
    """Return files that may be of one recording: those that are thinned apart from those that are
    not, and those of each host that recorded itself apart."""
    groups: dict[_Kind, list[File]] = {}
    for path in paths:
        look = first_look(path)
        groups.setdefault((look.thinned, look.addresses), []).append(File(path, look))
    hosts = [key for key in groups if key[1]]
    if len(hosts) == 1 and _THINNED in groups:  # all but one may have left out to say whose it is
        groups[hosts[0]] += groups.pop(_THINNED)
    return groups


def _order(file: File) -> tuple[int, str]:
    """What holds no packet comes first: it says nothing, and leaves no hole."""
    return (file.look.first or 0, file.path)


def _followed(
    files: list[File], ports: Collection[int], progress: Progress | None, new: New
) -> list[TrackedCapture]:
    if not files:
        return []
    files = sorted(files, key=_order)
    try:
        return OneAfterAnother(ports, progress, new).follow(files)
    except OverlapError:
        from auditor.pipeline.recordings.assignment import assigned
        from auditor.pipeline.recordings.copies import apart_from_twins, with_left_out
        from auditor.pipeline.recordings.halves import in_one_time
        from auditor.pipeline.recordings.survey import survey
        from auditor.pipeline.recordings.together import follow_together

        known = sorted(survey([file.path for file in files], ports), key=_time)
        known, left = apart_from_twins(known)
        recordings = in_one_time(assigned(known), ports)
        found = [follow_together(one, ports, progress, new) for one in recordings]
        return [with_left_out(one, left) for one in found]


def _time(file: Surveyed) -> tuple[int, int, str]:
    return (file.begin or 0, file.end or 0, file.path)
