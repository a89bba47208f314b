"""Reads small text files that somebody names on the command line: bounded, and never a device."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_text(path: str | Path, limit: int, errors: str = "strict") -> str:
    """Return the UTF-8 text of a regular file of at most ``limit`` bytes.

    Raises OSError, whose ``strerror`` ends a sentence, for anything else: a pipe would hang
    and a device would never end. Raises UnicodeDecodeError for other bytes, unless ``errors`` says
    how to take them.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it is not a regular file", str(path))
        content = file.read(limit + 1)
    if len(content) > limit:
        size = f"{limit >> 20} MiB" if limit >> 20 else f"{limit >> 10} KiB"
        raise OSError(0, f"it is larger than {size}", str(path))
    return content.decode("utf-8", errors)
