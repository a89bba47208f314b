"""Machine code on disk: where it is kept, and when a stored file may be believed.

The files are code, so one that anybody else could have written is not loaded.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path


def cache_directory() -> Path | None:
    """Return where machine code is kept, made if need be; None where nothing can be.

    BAREOS_AUDIT_CACHE, else systemd's CACHE_DIRECTORY, else for root ``/var/cache/bareos-audit``
    (sudo may leave HOME that of somebody else), else the user's cache.
    """
    home = os.environ.get("HOME", "")
    places = [
        os.environ.get("BAREOS_AUDIT_CACHE", ""),
        os.environ.get("CACHE_DIRECTORY", ""),
        "/var/cache/bareos-audit" if os.geteuid() == 0 else "",
        f"{os.environ.get('XDG_CACHE_HOME') or home + '/.cache'}/bareos-audit",
    ]
    for folder in (Path(place) for place in places if place.startswith("/")):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_safe(folder):
                return folder
    return None


def _is_ours(state: os.stat_result) -> bool:
    """Tell whether nobody but us (or root) can have written there."""
    return state.st_uid in {os.geteuid(), 0} and not state.st_mode & 0o022


def _is_safe(folder: Path) -> bool:
    """Tell whether nobody else can put something else in the folder's place: it and all above it
    are ours or root's, and what others may write is sticky. Links are not followed."""
    for place in (folder, *folder.parents):
        state = place.lstat()
        sticky = place != folder and state.st_mode & stat.S_ISVTX and state.st_uid == 0
        if not stat.S_ISDIR(state.st_mode) or not (_is_ours(state) or sticky):
            return False
    return True


def read(path: Path) -> bytes | None:
    """Return what is stored, if it is ours; what is looked at is what is read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            if not _is_ours(os.fstat(handle)):
                return None
            stored = file.read()
    except OSError:
        return None
    body, digest = stored[:-32], stored[-32:]
    return body if hashlib.sha256(body).digest() == digest else None


def write(path: Path, body: bytes) -> None:
    """Store the code; a cache that cannot be written only costs the next run its time."""
    draft = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(body + hashlib.sha256(body).digest())
        draft.replace(path)
