"""Which captures are meant by files, folders, patterns and the name of a ring."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from auditor.errors import CaptureError
from auditor.packets.magic import is_capture, recognise
from auditor.packets.pcap import HEADER_SIZE
from auditor.packets.remote import is_url, matching_urls
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.track_capture import TrackedCapture
from auditor.text import SENTENCE, printable
from auditor.text.listing import first_of

#: Files that one folder or pattern may have.
MOST_FILES = 100_000
#: Names in a sentence.
_MOST_NAMES = 5
_PATTERN = re.compile(r"[*?\[]")
_DIGITS = re.compile(r"(\d+)")

_Item = TypeVar("_Item")


class CapturePaths(list[str]):
    """The paths of captures, and what has to be said of those that were found with them."""

    def __init__(self, paths: Sequence[str] = ()) -> None:
        super().__init__(paths)
        self.notes: dict[str, str] = {}
        """A sentence on what is no capture, by the first path of the folder in which it is."""
        self.folders: list[str] = []
        """The folders that were given: what is in them is looked for anew by the next audit."""

    def note(self, path: str, sentence: str) -> None:
        """Let a sentence be said of a capture."""
        before = self.notes.get(path)
        self.notes[path] = sentence if before is None else f"{before} {sentence}"

    def noted(self, one: TrackedCapture) -> TrackedCapture:
        """Return a recording with what has to be said of the folders of its files."""
        return one.called(self._noted)

    def _noted(self, info: CaptureInfo) -> CaptureInfo:
        note = self.notes.get(info.name)
        return info if note is None else replace(info, notes=(*info.notes, note))


def capture_paths(given: Sequence[str | Path] | str | Path) -> CapturePaths:
    """Return the captures that are meant, each as often as it was given.

    A folder means all captures in it, and in folders in it, by what they hold; links to folders
    and hidden files are passed over, and no file is taken twice. What does not exist and has
    ``*``, ``?`` or ``[`` in it is a pattern, as of a shell, in which ``**`` are folders in
    folders; what matches and is no capture is passed over too, and so is, of several that were
    named, a file in which nothing is yet. The name with which a ring was written (``name.pcapng``)
    means its files (``name_00001_20261124140000.pcapng``). Raises CaptureError for a folder or
    pattern without captures, and for one with more than ``MOST_FILES`` files.
    """
    if isinstance(given, CapturePaths):
        return given
    found, named = CapturePaths(), list[str]()
    for one in [given] if isinstance(given, str | Path) else given:
        for path in _meant(str(one), found):
            if path != "-" and _is_folder(path):
                _take_folder(path, found)
            else:
                found.append(path)
                named.append(path)
    _pass_over_begun(found, named)
    return found


def _pass_over_begun(found: CapturePaths, named: Sequence[str]) -> None:
    """Leave out files that were named and hold no whole header, if any other is left: what is
    written may be on its way to the disk."""
    begun = {path: None for path in named if _is_begun(path)}
    left = [path for path in found if path not in begun]
    if begun and left:
        found[:] = left
        names = first_of([printable(name, 100) for name in begun], _MOST_NAMES)
        found.note(left[0], f"These captures hold nothing yet, and were passed over: {names}.")


def _is_begun(path: str) -> bool:
    with suppress(OSError, ValueError):
        state = Path(path).stat()
        if stat.S_ISREG(state.st_mode) and state.st_size < HEADER_SIZE:
            return not state.st_size or recognise(Path(path).read_bytes()) is not None
    return False


def _is_folder(path: str) -> bool:
    with suppress(OSError, ValueError):  # too long a name, or none
        return bool(path) and Path(path).is_dir()
    return False


def _meant(path: str, noted: CapturePaths) -> Sequence[str]:
    if path == "-" or "\0" in path or os.path.lexists(path):
        return (path,)
    if is_url(path):
        return matching_urls(path, MOST_FILES)
    if _PATTERN.search(path):
        # Path.glob finds hidden files.
        found = glob.iglob(path, recursive=True)  # noqa: PTH207
        if names := _within(path, found):
            return _matching(path, sorted(names, key=_by_numbers), noted)
        raise CaptureError(f"No file matches {printable(path, SENTENCE)}: check the pattern.")
    return _ring(Path(path)) or (path,)


def _matching(pattern: str, names: Sequence[str], noted: CapturePaths) -> Sequence[str]:
    """Return what matches a pattern but for files that are no captures."""
    others = [name for name in names if _is_other(name)]
    shown, those = printable(pattern, SENTENCE), set(others)
    told = first_of([printable(name, 100) for name in others], _MOST_NAMES)
    files = [name for name in names if name not in those]
    if not files:
        raise CaptureError(f"No file that matches {shown} is a capture ({told}): check it.")
    if others:
        noted.note(files[0], f"Of {shown} these are no captures, or hold nothing yet: {told}.")
    return files


def _is_other(path: str) -> bool:
    """Tell whether a file is no capture; pipes and folders are not looked into."""
    try:
        state = Path(path).stat()
    except OSError:  # whoever opens it says why it cannot be
        return False
    return stat.S_ISREG(state.st_mode) and (not state.st_size or not _is_capture(path))


def _ring(base: Path) -> list[str]:
    """Return the files of a ring that was written to ``base``, as dumpcap and we name them."""
    name = re.compile(rf"{re.escape(base.stem)}_\d{{5,}}_\d{{14}}{re.escape(base.suffix)}(\.\w+)?")
    try:
        names = (str(one) for one in base.parent.iterdir() if name.fullmatch(one.name))
        return sorted(_within(str(base), names), key=_by_numbers)
    except OSError:
        return []


def _take_folder(folder: str, found: CapturePaths) -> None:
    files, others = [], []
    seen: set[tuple[int, int]] = set()
    entries = _within(folder, _walk(folder))
    entries.sort(key=lambda entry: (entry.is_symlink(), _by_numbers(entry.path)))
    for entry in entries:
        state = _state(entry)
        if state is not None and (state.st_dev, state.st_ino) in seen:
            continue
        if not _has_content(state) or not _is_capture(entry.path):
            others.append(os.path.relpath(entry.path, folder))
        else:
            files.append(entry.path)
        if state is not None:
            seen.add((state.st_dev, state.st_ino))
    names = first_of([printable(name, 100) for name in others], _MOST_NAMES)
    shown = printable(folder, SENTENCE)
    if not files:
        held = f"what is in it is none ({names})" if others else "it is empty"
        raise CaptureError(f"{shown} has no captures: {held}; name a folder that has some.")
    files.sort(key=_by_numbers)
    found.folders.append(folder)
    if others:
        found.note(files[0], f"In {shown} these are no captures, or hold nothing yet: {names}.")
    found += files


def _walk(folder: str) -> Iterator[os.DirEntry[str]]:
    left = [folder]
    while left:
        at = left.pop()
        try:
            with os.scandir(at) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        left.append(entry.path)
                    else:
                        yield entry
        except OSError as error:
            raise CaptureError(
                f"The folder {printable(at, SENTENCE)} cannot be read: {error.strerror}."
            ) from error


def _state(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return what an entry is, or what it leads to; None: nothing."""
    try:
        return entry.stat()
    except OSError:
        return None


def _has_content(state: os.stat_result | None) -> bool:
    """Tell whether it is a file with something in it: those of /proc, of which some are never read
    to their end, have no size."""
    return state is not None and stat.S_ISREG(state.st_mode) and state.st_size > 0


def _is_capture(path: str) -> bool:
    """Tell whether there is a capture in a file, or may be: who may not read it is told so."""
    try:
        return is_capture(path)
    except CaptureError:
        return True


def _within(what: str, found: Iterator[_Item]) -> list[_Item]:
    taken = list(islice(found, MOST_FILES + 1))
    if len(taken) > MOST_FILES:
        raise CaptureError(
            f"{printable(what, SENTENCE)} has more than {MOST_FILES:,} files: name fewer captures."
        )
    return taken


def _by_numbers(path: str) -> list[tuple[int, str]]:
    """Return what sorts ``a2`` before ``a10``."""
    return [
        (int(part[:300]) if part.isdecimal() and part.isascii() else -1, part)
        for part in _DIGITS.split(path)
    ]
