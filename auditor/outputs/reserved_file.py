"""A place that is reserved while rights are held and written when they are gone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from auditor.outputs import unfinished
from auditor.outputs.folder import Folder, RefusedError, open_folder
from auditor.outputs.guard import Guard
from auditor.outputs.new_file import Owner, check_planted, create, lock, locked, ours
from auditor.outputs.special_file import is_special, open_special, own_descriptor

_REPLACED = "somebody else replaced it meanwhile"
_OLD = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK


class ReservedFile:
    """A file that is open already, so that writing it takes no right any more.

    A new one belongs to ``owner`` (None: us) with mode 0600, is empty until it is written, and is
    removed if that never happens. One that was there keeps owner, mode and, until then, content;
    what ``guard`` refuses is not opened. Raises OSError.
    """

    def __init__(self, path: str, owner: Owner | None = None, guard: Guard | None = None) -> None:
        self._folder: Folder | None = None
        self._new = False
        descriptor = own_descriptor(path)
        self._cut = False
        if descriptor is None:
            self._folder = open_folder(path)
            try:
                descriptor = self._open(self._folder, owner, guard)
            except BaseException:
                self._folder.close()
                raise
        self._fd = descriptor
        if self._folder is None and guard is not None:
            guard.check_descriptor(descriptor)
        if self._new:
            unfinished.begun(self.close)

    def _open(self, folder: Folder, owner: Owner | None, guard: Guard | None) -> int:
        if guard is not None:
            guard.check(folder)
        state = folder.state()
        if is_special(state):
            assert state is not None
            return open_special(folder, state, ours(owner))
        self._cut = True
        if state is None:
            self._new = True
            fd = locked(folder, create(folder, owner))
            if fd is None:
                raise RefusedError(_REPLACED)
            return fd
        fd = os.open(folder.name, _OLD, dir_fd=folder.fd)
        try:
            now = os.fstat(fd)
            if not stat.S_ISREG(now.st_mode):
                raise RefusedError(_REPLACED)
            check_planted(folder, now, ours(owner))
            _check_names(folder, now)
            lock(fd)
            if guard is not None:
                guard.check(folder, now)
        except BaseException:
            os.close(fd)
            raise
        return fd

    @property
    def folder(self) -> int | None:
        """The open folder, from which a new file has to be removed if it is never written."""
        return self._folder.fd if self._folder is not None and self._new else None

    def write(self, data: bytes | Iterable[bytes]) -> None:
        """Write the whole of it, in place of what was there, and close it."""
        self._new = False
        unfinished.over(self.close)
        try:
            if self._cut:
                os.ftruncate(self._fd, 0)
            for block in (data,) if isinstance(data, bytes) else data:
                left = memoryview(block)
                while left:
                    left = left[os.write(self._fd, left) :]
        finally:
            self.close()

    def close(self) -> None:
        """Let go of it; may be called twice. A new file that was never written goes."""
        unfinished.over(self.close)
        if self._folder is not None:
            if self._new:
                self._new = False
                self._remove(self._folder)
            self._folder.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _remove(self, folder: Folder) -> None:
        with suppress(OSError):
            state = folder.state()
            if state is not None and os.path.samestat(state, os.fstat(self._fd)):
                os.unlink(folder.name, dir_fd=folder.fd)


def _check_names(folder: Folder, opened: os.stat_result) -> None:
    """Raise RefusedError unless the name in a folder of others is the only one of what was opened.

    It could be a second name of any file there is. Both are told by one look at the name: what a
    descriptor says alone may be that the second name has just been removed.
    """
    if not folder.foreign:
        return
    named = folder.state()
    if named is None or not os.path.samestat(named, opened) or named.st_nlink > 1:
        raise RefusedError("it is there already under several names; name another file")
