"""Reads small text files that somebody names on the command line: bounded, and never a device."""

from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path


def read_text(path: str | Path, limit: int, errors: str = "strict") -> str:
    """Return the UTF-8 text of a regular file of at most ``limit`` bytes.

    Root that was called through sudo follows a link only to what the caller may read: errors quote
    a file, and who owns a folder chooses where a link in it leads.

    Raises OSError, whose ``strerror`` ends a sentence, for anything else: a pipe would hang
    and a device would never end. Raises UnicodeDecodeError for other bytes, unless ``errors`` says
    how to take them.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "it is not a regular file", str(path))
        if not _may_be_shown(path, handle):
            reason = "it leads to a file that the user who called sudo may not read; name that file"
            raise OSError(0, reason, str(path))
        content = file.read(limit + 1)
    if content is None:  # such as /proc/kmsg: it calls itself a file, and waits like a pipe
        raise OSError(0, "nothing is there to be read", str(path))
    if len(content) > limit:
        size = f"{limit >> 20} MiB" if limit >> 20 else f"{limit >> 10} KiB"
        raise OSError(0, f"it is larger than {size}", str(path))
    return content.decode("utf-8", errors)


def _may_be_shown(path: str | Path, handle: int) -> bool:
    """Tell whether what was opened by a path is there itself, or may be read by who called sudo."""
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() != 0 or not caller.isdecimal() or not 0 < int(caller) < 1 << 31:
        return True
    real = str(Path(f"/proc/self/fd/{handle}").readlink())
    if real == os.path.abspath(path):  # noqa: PTH100 (must not follow links)
        return True
    return _may_read(real, int(caller))


def _may_read(real: str, uid: int) -> bool:
    """Ask the kernel, as root, whether a user may read a file."""
    try:
        account = pwd.getpwuid(uid)
    except KeyError:
        gid, groups = 65534, list[int]()
    else:
        gid, groups = account.pw_gid, os.getgrouplist(account.pw_name, account.pw_gid)
    before = os.getgroups(), os.getegid()
    os.setgroups(groups)
    os.setegid(gid)
    os.seteuid(uid)
    try:
        return os.access(real, os.R_OK, effective_ids=True)
    finally:
        os.seteuid(0)
        os.setegid(before[1])
        os.setgroups(before[0])
