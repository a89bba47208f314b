"""Makes, locks and gives away the files of this process: by descriptor, never by name.

A name in somebody else's folder means whatever its owner puts there; the descriptor that
O_CREAT|O_EXCL|O_NOFOLLOW returned is the file that this process made and nothing else.
"""

from __future__ import annotations

import fcntl
import os
import stat
from contextlib import suppress
from typing import NamedTuple

from auditor.outputs import unfinished
from auditor.outputs.folder import Folder, RefusedError

#: A capture, a report: they show who talks to whom. Who may read it is for its owner to say.
PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
#: Never waits, whatever is there.
_LOOK = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class Owner(NamedTuple):
    """A user and a group, by number."""

    uid: int
    gid: int


def create(folder: Folder, owner: Owner | None = None, name: str = "") -> int:
    """Make the file, or another of ``name`` beside it, for ``owner`` (None: us) alone.

    Returns its descriptor. Raises FileExistsError for whatever is there, a link included.
    """
    fd = os.open(name or folder.name, _NEW, PRIVATE, dir_fd=folder.fd)
    try:
        # A umask may have taken more away. A confined recording may not ask for a mode at all.
        if stat.S_IMODE(os.fstat(fd).st_mode) != PRIVATE:
            os.fchmod(fd, PRIVATE)
        if owner is not None:
            os.fchown(fd, owner.uid, owner.gid)
    except BaseException:
        os.close(fd)
        raise
    return fd


class Draft:
    """A new file beside its place, under a name that nobody can know before."""

    def __init__(self, folder: Folder, owner: Owner | None = None) -> None:
        self._folder = folder
        self._name = f".{_short(folder.name)}.{os.urandom(8).hex()}.part"
        self.fd = create(folder, owner, self._name)
        """Its descriptor: the caller's to close."""
        unfinished.begun(self.discard)

    def put(self) -> None:
        """Give it its name; what was there is gone."""
        at = self._folder.fd
        os.replace(self._name, self._folder.name, src_dir_fd=at, dst_dir_fd=at)
        self._name = ""
        unfinished.over(self.discard)

    def discard(self) -> None:
        """Remove it if it has not been put in its place."""
        unfinished.over(self.discard)
        if self._name:
            with suppress(OSError):
                os.unlink(self._name, dir_fd=self._folder.fd)


def _short(name: str) -> str:
    """Leave room for the rest in the 255 bytes that a name may have."""
    return os.fsdecode(os.fsencode(name)[:200])


def check_owner(state: os.stat_result, owners: frozenset[int]) -> None:
    """Raise RefusedError for a file that belongs to none of ``owners``."""
    if state.st_uid not in owners:
        raise RefusedError(
            f"it is there already and belongs to user {state.st_uid}; name another file"
        )


def check_planted(folder: Folder, state: os.stat_result, owners: frozenset[int]) -> None:
    """Raise RefusedError for a file that somebody else may have put in the way.

    In a folder of others a file is believed that is ours or its folder's owner's: what that user
    allows there is for that user to say.
    """
    if folder.foreign:
        check_owner(state, owners | {os.fstat(folder.fd).st_uid})


def ours(owner: Owner | None = None) -> frozenset[int]:
    """Return the users whose files are ours: us, root, and who the file is for."""
    return frozenset({os.geteuid(), 0} | ({owner.uid} if owner is not None else set()))


def lock(fd: int) -> None:
    """Hold a file until it is closed; raise RefusedError where another process holds it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RefusedError("another capture is writing it; name another file") from None
    except OSError:  # some network file systems have no locks
        return


def locked(folder: Folder, fd: int) -> int | None:
    """Hold a regular file and return its descriptor; close it, and return None, where it has not
    the name any more: before we held it another process may have put its own there.

    While it is held nobody who keeps to this rule puts another in its place. Raises RefusedError
    where another process holds it.
    """
    try:
        lock(fd)
        now, named = os.fstat(fd), folder.state()
        if named is not None and os.path.samestat(now, named) and stat.S_ISREG(now.st_mode):
            return fd
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None


def open_locked(folder: Folder) -> int | None:
    """Hold the regular file that bears the name; None where it has meanwhile become another one."""
    try:
        return locked(folder, os.open(folder.name, _LOOK, dir_fd=folder.fd))
    except FileNotFoundError:
        return None
