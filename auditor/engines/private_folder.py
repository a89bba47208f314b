"""A folder that is this user's alone: its files are opened in it by name, and no link is followed.

Evidence is believed by its digest only, so nothing here waits until a disk has it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from auditor.errors import OutputError, system_words
from auditor.outputs import Folder, open_folder
from auditor.outputs.new_file import Draft

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_ADD = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class PrivateFolder:
    """The folder, which is made if need be. Raises OutputError where others could write.

    ``advice`` ends the sentence of that error.
    """

    def __init__(self, path: str, advice: str) -> None:
        self.path = path
        self._advice = advice
        with self._said():
            Path(path).mkdir(mode=0o700, exist_ok=True)
            with self._opened() as folder:
                state = os.fstat(folder.fd)
        if state.st_uid not in {0, os.geteuid()} or state.st_mode & 0o022:
            raise self._refused("others can write to it")

    def file(self, name: str) -> str:
        """Return the path of a file in it."""
        return str(Path(self.path) / name)

    def read(self, name: str) -> bytes | None:
        """Return what a regular file holds; None: there is none of that name, or it is a link."""
        if "/" in name:
            return None
        try:
            with self._opened() as folder:
                fd = os.open(name, _READ, dir_fd=folder.fd)
            with os.fdopen(fd, "rb") as file:
                return file.read() if stat.S_ISREG(os.fstat(fd).st_mode) else None
        except (OSError, ValueError):
            return None

    def write(self, name: str, data: bytes) -> str:
        """Write a file, whole or not at all; whatever had its name is gone. Return its path."""
        with self._said(), self._opened() as folder:
            draft = Draft(replace(folder, name=name))
            try:
                with os.fdopen(draft.fd, "wb") as file:
                    file.write(data)
                draft.put()
            finally:
                draft.discard()
        return self.file(name)

    def add(self, name: str, data: bytes) -> None:
        """Write at the end of a file."""
        with self._said():
            with self._opened() as folder:
                fd = os.open(name, _ADD, 0o600, dir_fd=folder.fd)
            with os.fdopen(fd, "ab") as file:
                if not stat.S_ISREG(os.fstat(fd).st_mode):
                    raise self._refused(f"{name} is no file")
                file.write(data)

    @contextmanager
    def _opened(self) -> Iterator[Folder]:
        # By a name that nothing has: a link of a name that is known would be followed.
        with open_folder(self.file(f".{os.urandom(8).hex()}")) as folder:
            yield folder

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._refused(system_words(error)) from None

    def _refused(self, why: str) -> OutputError:
        return OutputError(f"{self.path} cannot hold the evidence: {why}; {self._advice}.")
