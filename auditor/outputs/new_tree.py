"""A folder of new files, private and whole: nothing that lay in it before is read with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from auditor.errors import OutputError
from auditor.outputs.atomic_file import atomic_file
from auditor.outputs.folder import open_folder
from auditor.outputs.guard import evidence_guard
from auditor.outputs.new_file import check_owner, create, ours
from auditor.text import SENTENCE, printable

_PRIVATE = 0o700


class NewTree:
    """A folder that is to be filled; with ``force`` also one that holds an earlier such tree."""

    def __init__(self, folder: str, *, force: bool) -> None:
        self.folder = folder.rstrip("/") or "/"
        self._force = force
        self._guard = evidence_guard(force=force)

    def check(self, read: Iterable[str]) -> None:
        """Raise OutputError if the folder holds something, or is or lies in what is ``read``."""
        for path in read:
            self._guard.protect(path, f"{printable(path)}, which is read")
        there = Path(self.folder).is_dir()
        if not there and os.path.lexists(self.folder):
            raise self._refused("it is no folder; name a new one")
        try:
            with open_folder(f"{self.folder}/new" if there else self.folder) as folder:
                self._guard.check(folder)
                if there:  # as a file: somebody else may have put it in the way
                    above = os.stat("..", dir_fd=folder.fd).st_uid
                    check_owner(os.fstat(folder.fd), ours() | {above})
            held = there and any(Path(self.folder).iterdir())
        except OSError as error:
            raise self._refused(error.strerror or "it is no folder") from None
        if held and not self._force:
            raise self._refused("it holds something already; name a new folder, or use --force")

    def write(self, files: Mapping[Path, bytes]) -> None:
        """Write files, by their paths below the folder. Raises OutputError."""
        self._refuse_others(files)
        try:
            for folder in sorted({above for path in files for above in (Path(), *path.parents)}):
                self._make(str(self.folder / folder))
        except OSError as error:
            raise self._refused(error.strerror or "a folder in it cannot be made") from None
        for path, data in sorted(files.items()):
            self._put(str(self.folder / path), data)

    def _put(self, path: str, data: bytes) -> None:
        """Write a file. A new one does not wait for the disk, which takes most of the time: what a
        crash cuts off is a tree that is made again."""
        try:
            with open_folder(path) as folder:
                self._guard.check(folder)
                if folder.state() is None:
                    with os.fdopen(create(folder), "wb") as fresh:
                        fresh.write(data)
                    return
        except OSError as error:
            raise self._refused(f"{path}: {error.strerror}") from None
        with atomic_file(path, guard=self._guard) as write:
            write(data)

    def _refuse_others(self, files: Mapping[Path, bytes]) -> None:
        """What an earlier tree had and this one has not would be read as if it were of this."""
        for where, _, names in os.walk(self.folder):
            for name in names:
                path = Path(where, name)
                if name.endswith(".conf") and path.relative_to(self.folder) not in files:
                    raise self._refused(f"it holds {path}, which would be left; remove the folder")

    def _make(self, path: str) -> None:
        if Path(path).is_dir():
            return
        with open_folder(path) as folder:
            os.mkdir(folder.name, _PRIVATE, dir_fd=folder.fd)

    def _refused(self, why: str) -> OutputError:
        return OutputError(printable(f"{self.folder} cannot be written: {why}.", SENTENCE))
