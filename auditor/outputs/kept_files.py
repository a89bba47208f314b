"""What a run keeps for the next: where it is kept, and when a kept file may be believed.

Machine code is code, and what rules were read as decides verdicts, so a file that anybody else
could have written is not loaded.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from contextlib import suppress
from pathlib import Path

from auditor.outputs.folder import Folder, open_folder
from auditor.outputs.new_file import Draft

#: What no run has loaded for so long (s) goes, and beyond so many bytes what was loaded longest
#: ago: the code of one version takes about a megabyte, its rules 50 kB.
_MAX_AGE_S, _MAX_BYTES = 90 * 86400, 64 << 20
#: A draft of a run that was killed goes after a day, and a file that is loaded is touched as often.
_DAY_S = 86400
#: How the names of what is kept end: machine code, and what YAML was read as.
_KEPT = (".o", ".json")


def cache_directory() -> Path | None:
    """Return where to keep files, made if need be; None where nothing can be.

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
            if _may_make(folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                if _is_safe(folder):
                    return folder
    return None


def _is_ours(state: os.stat_result) -> bool:
    """Tell whether nobody but us (or root) can have written there."""
    return state.st_uid in {os.geteuid(), 0} and not state.st_mode & 0o022


def _may_make(folder: Path) -> bool:
    """Tell whether nobody else leads the way to a folder that is not there yet: root makes no
    folder through a link in a HOME that sudo left it."""
    for place in (folder, *folder.parents):
        if os.path.lexists(place):
            return place == folder or _is_safe(place, sticky=True)
    return False


def _is_safe(folder: Path, *, sticky: bool = False) -> bool:
    """Tell whether nobody else can put something else in the folder's place: it and all above it
    are ours or root's, and what others may write is sticky (``folder`` too if ``sticky``). Links
    are not followed. Where that holds nobody can make it untrue between this look and the next."""
    for place in (folder, *folder.parents):
        state = place.lstat()
        shared = (sticky or place != folder) and state.st_mode & stat.S_ISVTX and state.st_uid == 0
        if not stat.S_ISDIR(state.st_mode) or not (_is_ours(state) or shared):
            return False
    return True


def _opened(path: Path) -> Folder:
    """Open the folder of a stored file; the name in it is not looked at. Raises OSError."""
    folder = open_folder(f"{path.parent}/.new")
    folder.name = path.name
    if folder.foreign:
        folder.close()
        raise PermissionError(f"others can write to {path.parent}")
    return folder


def read(path: Path) -> bytes | None:
    """Return what is stored, if it is ours; what is looked at is what is read, and what is read
    is what is loaded, from memory."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        with _opened(path) as folder:
            handle = os.open(folder.name, flags, dir_fd=folder.fd)
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(handle)
            if not _is_ours(state) or not stat.S_ISREG(state.st_mode):
                return None
            stored = file.read()
            if time.time() - state.st_mtime > _DAY_S:
                with suppress(OSError):  # a cache that we may only read
                    os.utime(handle)
    except OSError:
        return None
    body, digest = stored[:-32], stored[-32:]
    return body if hashlib.sha256(body).digest() == digest else None


def write(path: Path, body: bytes) -> None:
    """Keep a file; a cache that cannot be written only costs the next run its time."""
    with suppress(OSError), _opened(path) as folder:
        draft = Draft(folder)
        try:
            with os.fdopen(draft.fd, "wb") as file:
                file.write(body + hashlib.sha256(body).digest())
            draft.put()
        finally:
            draft.discard()
        _remove_old(folder, time.time())


def _remove_old(folder: Folder, now: float) -> None:
    """Keep the cache bounded, in time and in bytes, by removing what was loaded longest ago."""
    listed = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder.fd)
    try:
        with os.scandir(listed) as entries:
            found = [(one.stat(follow_symlinks=False), one.name) for one in entries]
    finally:
        os.close(listed)
    left = 0
    for state, name in sorted(found, key=lambda one: one[0].st_mtime, reverse=True):
        left += state.st_size
        age = now - state.st_mtime
        old = age > (_MAX_AGE_S if name.endswith(_KEPT) else _DAY_S) or left > _MAX_BYTES
        if old and stat.S_ISREG(state.st_mode) and name != folder.name:
            with suppress(OSError):
                os.unlink(name, dir_fd=folder.fd)
