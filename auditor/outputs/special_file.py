"""What is no regular file: standard output by its path, devices, pipes. They are written to."""

from __future__ import annotations

import os
import re
import stat

from auditor.outputs.folder import Folder, RefusedError

#: Paths by which a program's own descriptors go. They are taken from the program itself: opening
#: them again would begin at the start of a file, and links in /proc say no path.
_OWN = re.compile(r"(?:/dev/fd|/proc/self/fd)/(\d{1,4})")
_WORDS = {"-": 1, "/dev/stdout": 1, "/dev/stderr": 2}


def own_descriptor(path: str) -> int | None:
    """Return a copy of the descriptor that ``path`` means, ``-`` being standard output; None: it
    is a path like any other. Raises OSError where that descriptor is not open."""
    number = own_number(path)
    return None if number is None else os.dup(number)


def own_number(path: str) -> int | None:
    """Return the number of the descriptor that ``path`` means; None: it means a file."""
    found = _OWN.fullmatch(path)
    return int(found[1]) if found else _WORDS.get(path)


def open_special(folder: Folder, state: os.stat_result, owners: frozenset[int]) -> int:
    """Open the device, pipe or socket that was looked at; waits for who reads a pipe.

    In a folder that others can write to, it must belong to one of ``owners``: anybody can make a
    pipe and read from it. Raises OSError.
    """
    if folder.foreign and state.st_uid not in owners:
        raise RefusedError(
            f"it belongs to user {state.st_uid} and lies in a folder that others can write to"
        )
    fd = os.open(
        folder.name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY, dir_fd=folder.fd
    )
    now = os.fstat(fd)
    if (now.st_dev, now.st_ino) != (state.st_dev, state.st_ino):
        os.close(fd)
        raise RefusedError("somebody else replaced it meanwhile")
    return fd


def is_special(state: os.stat_result | None) -> bool:
    """Tell whether something is there that is neither a regular file nor nothing."""
    return state is not None and not stat.S_ISREG(state.st_mode)
