"""Opens the folder that an output belongs into, step by step, and tells who may change it.

Who can write to a folder can put a link there, at any moment. So links are followed only in folders
that nobody but root and we can write, and below the first folder of anybody else not at all; every
step is taken from the descriptor of the folder before (openat(2)), so that what was looked at is
what is used. Python's ``Path.resolve`` looks at names, which mean something else a moment later.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from types import TracebackType

#: As many links as Linux follows in one path (path_resolution(7)).
_MOST_LINKS = 40
#: To go through a folder the right to enter it is enough, where the system knows O_PATH.
_ENTER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class RefusedError(OSError):
    """An output that would go where somebody else chose; ``strerror`` says it to people."""

    def __init__(self, words: str) -> None:
        super().__init__(errno.EPERM, words)


@dataclass(slots=True)
class Folder:
    """An open folder, and a name in it which is no link. To be closed, also by ``with``."""

    fd: int
    name: str
    foreign: bool
    """Whether anybody but root and us can write to it, or could put another in its place."""

    def state(self) -> os.stat_result | None:
        """Return what bears the name now; None: nothing. Links are not followed."""
        try:
            return os.stat(self.name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it; may be called twice."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def open_folder(path: str) -> Folder:
    """Open the folder of the file ``path``; the file need not exist.

    Raises RefusedError for a link in a folder that others can write to, IsADirectoryError for a
    path that names no file, and OSError as open(2) does.
    """
    steps = _steps(path)
    links = 0
    fd = _start(path)
    ours = True  # whether nobody else can have put this folder where it is
    try:
        while steps:
            here = os.fstat(fd)
            name = steps.pop(0)
            folder = Folder(fd, name, not ours or others_may_write(here))
            state = folder.state()
            if state is not None and stat.S_ISLNK(state.st_mode):
                links += 1
                fd, steps = _follow(folder, steps, links)
            elif not steps and name != ".." and not (state and stat.S_ISDIR(state.st_mode)):
                return folder
            else:
                fd = _enter(name, fd)
                ours = ours and not others_may_replace(here, os.fstat(fd))
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    except BaseException:
        os.close(fd)
        raise


def others_may_write(state: os.stat_result) -> bool:
    """Tell whether anybody but root and us may write to what a state is of."""
    return state.st_uid not in {0, os.geteuid()} or bool(state.st_mode & 0o022)


def others_may_replace(above: os.stat_result, entered: os.stat_result) -> bool:
    """Tell whether anybody but root and us may put another thing in the place of ``entered``.

    In a sticky folder (such as /tmp) only who owns a thing, or the folder, may move it away.
    """
    known = {0, os.geteuid()}
    sticky = bool(above.st_mode & stat.S_ISVTX) and above.st_uid in known
    return others_may_write(above) and not (sticky and entered.st_uid in known)


def _steps(path: str) -> list[str]:
    if "\0" in path:  # what open(2) would not even be asked
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    steps = [step for step in path.split("/") if step not in {"", "."}]
    ends_in_folder = not path or path.endswith(("/", "/."))
    return [*steps, ".."] if ends_in_folder and steps else steps


def _start(path: str) -> int:
    return os.open("/" if path.startswith("/") else ".", _ENTER)


def _enter(name: str, fd: int) -> int:
    entered = os.open(name, _ENTER, dir_fd=fd)
    os.close(fd)
    return entered


def _follow(folder: Folder, steps: list[str], links: int) -> tuple[int, list[str]]:
    """Return where a link leads from, and the steps that are left then."""
    if folder.foreign:
        raise RefusedError(
            f"{folder.name} is a link in a folder that others can write to; name what it leads to"
        )
    if links > _MOST_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    leads_to = os.readlink(folder.name, dir_fd=folder.fd)
    left = _steps(leads_to) + steps
    if not leads_to.startswith("/"):
        return folder.fd, left
    start = _start(leads_to)
    os.close(folder.fd)
    return start, left
