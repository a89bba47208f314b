"""Finds the configurations under any path: a file, a ``*.d``, an /etc/bareos, many hosts' trees.

The rules are those of bareos.md §5.1: the single file beats the folder, ``*.d`` counts exactly two
levels deep, and files are read in reverse sorted order.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from auditor.config.file_reader import cannot_read
from auditor.config.given_paths import GivenPaths, is_dir, is_file
from auditor.config.problem_kinds import ProblemKind
from auditor.config.resource_names import (
    BACULA_FILES,
    BASE_NAMES,
    EXPORT_FOLDER,
    FILES,
    FOLDERS,
)
from auditor.config.resources import Problem, Program, Source
from auditor.errors import ConfigurationError
from auditor.text import SENTENCE, printable

#: How far below the path given a configuration is looked for.
MAX_DEPTH = 12
#: Folders and files looked at; more means that the path is not meant (``/``, ``/home``).
MAX_ENTRIES = 100_000


class Found(NamedTuple):
    """One configuration: which files, in reading order, and whose."""

    program: Program | None
    """None: only the content can tell."""
    root: Path
    files: tuple[Path, ...]
    confdir: Path
    top: Path
    """The path given by the user under which it was found."""
    partial: bool = False
    """True: only some files of a ``*.d`` were given."""
    asked: bool = False
    """True: the user named this very path."""
    unread: bool = False
    """True: something in the ``*.d`` could not be read."""


@dataclass(slots=True)
class Discovery:
    """Looks through paths; what it passes over and why is in ``problems``."""

    given: GivenPaths
    """Links that lead outside of them are not followed."""
    problems: list[Problem] = field(default_factory=list)
    entries: int = 0

    def find(self, path: Path) -> Sequence[Found]:
        """Return the configurations at or below one path.

        Raises ConfigurationError if the path is missing or unreadable, is neither file nor folder,
        or has too many entries.
        """
        try:
            if path.is_dir():
                return list(self._folder(path))
            if path.is_file():
                return [self._file(path)]
            path.stat()
        except (OSError, ValueError) as error:
            reason = cannot_read(error) if isinstance(error, OSError) else "not a path"
            raise ConfigurationError(reason, str(path)) from error
        raise ConfigurationError("this is neither a regular file nor a folder", str(path))

    def _file(self, path: Path) -> Found:
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 (must not follow links)
        tree = FOLDERS.get(absolute.parent.parent.name)
        if tree:
            root = path.parent.parent if len(path.parts) > 3 else absolute.parent.parent
            return Found(tree, root, (path,), root.parent, path, partial=True, asked=True)
        program = FILES.get(path.name) or BACULA_FILES.get(path.name)
        return Found(program, path, (path,), path.parent, path, asked=True)

    def _folder(self, path: Path) -> Iterator[Found]:
        absolute = path.resolve()
        if absolute.name in FOLDERS:
            yield from self._tree(path, FOLDERS[absolute.name], path, asked=True)
        elif absolute.parent.name in FOLDERS:
            files = self._files(path)
            if files:
                yield Found(
                    FOLDERS[absolute.parent.name],
                    path,
                    tuple(reversed(files)),
                    path.parent.parent,
                    path,
                    partial=True,
                    asked=True,
                )
        else:
            yield from self._walk(path)

    def _walk(self, top: Path) -> Iterator[Found]:
        waiting, seen = [(top, 0)], {os.path.realpath(top)}
        while waiting:
            folder, depth = waiting.pop()
            entries = self._entries(folder)
            yield from self._programs(folder, top, {entry.name for entry in entries})
            for entry in reversed(entries):
                if entry.name in FOLDERS or entry.name in FILES:
                    continue
                if self._noted(entry, ProblemKind.FILE_NOT_READ):
                    continue
                real = os.path.realpath(entry)
                if not is_dir(entry) or real in seen:
                    continue
                if entry.name == EXPORT_FOLDER:
                    self._note(
                        ProblemKind.EXPORT_NOT_READ,
                        f"{entry} holds copies for other hosts; not read",
                    )
                elif depth < MAX_DEPTH:
                    seen.add(real)
                    waiting.append((entry, depth + 1))
                else:
                    self._note(
                        ProblemKind.FOLDER_TOO_DEEP, f"{entry} is too deep below {top}; not read"
                    )

    def _programs(self, folder: Path, top: Path, names: set[str]) -> Iterator[Found]:
        for program, base in BASE_NAMES.items():
            file, tree = folder / f"{base}.conf", folder / f"{base}.d"
            if file.name in names and self._is_file(file):
                yield Found(program, file, (file,), folder, top)
                if tree.name in names and not self._leads_out(tree) and is_dir(tree):
                    message = f"{tree} is not read, because {file.name} beside it beats it"
                    self._note(ProblemKind.FOLDER_SHADOWED, message)
            elif tree.name in names and self._is_dir(tree):
                yield from self._tree(tree, program, top)
        for name in sorted(names):
            path = folder / name
            if name.endswith(".conf") and name not in FILES and not self._leads_out(path):
                yield Found(BACULA_FILES.get(name), path, (path,), folder, top)

    def _tree(
        self, path: Path, program: Program, top: Path, *, asked: bool = False
    ) -> Iterator[Found]:
        before = len(self.problems)
        files = [
            file
            for folder in self._entries(path)
            if self._is_dir(folder)
            for file in self._files(folder)
        ]
        unread = len(self.problems) > before
        files.sort(key=os.fsencode, reverse=True)
        single = path.resolve().parent / f"{BASE_NAMES[program]}.conf"
        if asked and self.given.hold(single) and is_file(single):
            message = f"{path} was read as asked, but {single.name} beside it beats it"
            self._note(ProblemKind.FOLDER_SHADOWED, message)
        if files:
            yield Found(program, path, tuple(files), path.parent, top, asked=asked, unread=unread)
        elif not asked:
            message = f"{path} holds no *.conf two levels deep; not read"
            self._note(ProblemKind.FOLDER_EMPTY, message)

    def _files(self, folder: Path) -> list[Path]:
        files = [entry for entry in self._entries(folder) if entry.name.endswith(".conf")]
        within = [path for path in files if self._is_file(path)]
        for path in files:
            if not self._leads_out(path) and not is_file(path):
                message = f"{path} is not a regular file; not read"
                self._note(ProblemKind.FILE_NOT_REGULAR, message)
        return within

    def _entries(self, folder: Path) -> list[Path]:
        """Return what a folder holds, dot files left out, sorted as the shell sorts bytes."""
        try:
            entries = sorted(folder.iterdir(), key=os.fsencode)
        except OSError as error:
            message = f"{folder} cannot be read: {error.strerror}"
            self._note(ProblemKind.FOLDER_UNREADABLE, message)
            return []
        self.entries += len(entries)
        if self.entries > MAX_ENTRIES:
            message = f"more than {MAX_ENTRIES} entries below the path given; name a smaller folder"
            raise ConfigurationError(message, str(folder))
        return [entry for entry in entries if not entry.name.startswith(".")]

    def _leads_out(self, path: Path) -> bool:
        """Tell whether an entry of a folder that was given is a link to what was not."""
        return path.is_symlink() and not self.given.hold(path, folder=True)

    def _is_file(self, path: Path) -> bool:
        return not self._noted(path, ProblemKind.INCLUDE_OUTSIDE_TREE) and is_file(path)

    def _is_dir(self, path: Path) -> bool:
        return not self._noted(path, ProblemKind.INCLUDE_OUTSIDE_TREE) and is_dir(path)

    def _noted(self, path: Path, kind: ProblemKind) -> bool:
        """Note a link that leads outside, and tell whether it does. Nothing says what is there."""
        if not self._leads_out(path):
            return False
        message = (
            f"{path} is a link that leads outside of the paths given; not read: if it belongs to "
            "them, give what it leads to as well, or as --include-root"
        )
        at = Source(printable(str(path), SENTENCE), 0)
        self.problems.append(Problem(kind, printable(message, SENTENCE), at))
        return True

    def _note(self, kind: ProblemKind, message: str) -> None:
        self.problems.append(Problem(kind, printable(message, SENTENCE), None))


def merge_partial(found: Iterable[Found]) -> Sequence[Found]:
    """Join files of one ``*.d`` that were given one by one (``bareos-dir.d/*/*.conf``)."""
    merged: dict[str, Found] = {}
    for item in found:
        key = os.path.realpath(item.root)
        if not item.partial:
            merged.setdefault(key, item)
            continue
        earlier = merged.get(key)
        files = (earlier.files if earlier else ()) + item.files
        unique = {os.path.realpath(file): file for file in files}
        ordered = sorted(unique.values(), key=os.fsencode, reverse=True)
        if earlier is None or earlier.partial:
            merged[key] = Found(
                item.program, item.root, tuple(ordered), item.confdir, item.top, True, True
            )
    return list(merged.values())
