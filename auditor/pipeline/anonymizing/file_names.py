"""What the files and folders of a tree are called that tells nothing of the names of the true ones.

Names by which a program is found stay, all others become numbers, in an order that is that of the
true names: by it files are read (bareos.md §5.1).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from auditor.config.resource_names import BACULA_FILES, CONVENTIONAL, FILES, FOLDERS
from auditor.config.resources import Program
from auditor.config.schema import resource_types

_KNOWN_FILES = frozenset({*FILES, *BACULA_FILES})
_KNOWN_FOLDERS = frozenset({*FOLDERS, "bacula"})
#: What folders in a ``*.d`` are called by convention.
_TYPES = frozenset(word for program in Program for word in resource_types(program))


class FileNames:
    """New names for files, below one folder.

    ``files`` are what was read, as it is called, and ``tops`` the paths that were given.
    """

    def __init__(self, files: Iterable[str], tops: Sequence[str]) -> None:
        self._tops = [(Path(top), _real(Path(top))) for top in tops]
        known = {self._place(file) for file in files}
        folders = {path.parent for path in known}
        for _, place in self._tops:
            folders.add(place if place.is_dir() else place.parent)
            known.add(place)
        self._root = _above_trees(Path(os.path.commonpath(folders)))
        self._new: dict[Path, Path] = {self._root: Path()}
        below: dict[Path, set[Path]] = {}
        for path in known:
            for one in (path, *path.parents):
                if one == self._root:
                    break
                below.setdefault(one.parent, set()).add(one)
        waiting = [self._root]
        while waiting:
            folder = waiting.pop()
            entries = below.get(folder, set())
            named = _named(folder, {path: path in below or path.is_dir() for path in entries})
            self._new |= {path: self._new[folder] / name for path, name in named.items()}
            waiting.extend(entries)

    def of(self, path: str) -> Path:
        """Return what a file, or a folder of some, is called now, below the new folder."""
        return self._new[self._place(path)]

    def _place(self, path: str) -> Path:
        """Return where a file lies; the part of its path below the path given is as it is called,
        also if it is a link."""
        for top, real in self._tops:
            if Path(path).is_relative_to(top):
                return real / Path(path).relative_to(top)
        return _real(Path(path))


def _real(path: Path) -> Path:
    """Return a path without links, but for one that a file itself is."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 (must not follow links)
    return Path(os.path.realpath(path)) if path.is_dir() else absolute.parent.resolve() / path.name


def _above_trees(folder: Path) -> Path:
    """Return the folder, or the one that holds the ``*.d`` in which it is."""
    for above in (folder, *folder.parents):
        if above.name in FOLDERS:
            return above.parent
    return folder


def _named(folder: Path, entries: Mapping[Path, bool]) -> dict[Path, str]:
    """Return new names for what is in a folder; ``entries`` tells whether it is one itself."""
    tree = folder.name in FOLDERS

    def order(path: Path) -> bytes:  # in a ``*.d`` whole paths are sorted
        return os.fsencode(f"{path.name}/" if tree and entries[path] else path.name)

    found = {}
    for is_folder in (False, True):
        alike = sorted((path for path in entries if entries[path] is is_folder), key=order)
        before, width = "", len(str(len(alike)))
        for number, path in enumerate(alike, 1):
            if _is_known(path.name, tree, is_folder=is_folder):
                found[path], before = path.name, f"{path.name}_"
            else:
                found[path] = f"{before}{number:0{width}}{_suffix(path, is_folder=is_folder)}"
    return found


def _is_known(name: str, tree: bool, *, is_folder: bool) -> bool:
    if not is_folder:
        return name in _KNOWN_FILES
    return name in _KNOWN_FOLDERS or name.lower() in CONVENTIONAL or (tree and name in _TYPES)


def _suffix(path: Path, *, is_folder: bool) -> str:
    if is_folder:
        return ""
    return ".conf" if path.name.endswith(".conf") else ".inc"
