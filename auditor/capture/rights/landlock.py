"""Closes the file system to this process but for named folders, where the kernel has Landlock.

landlock(7); the system calls are numbered alike on all machines. Each version of its interface
knows more kinds of access; all that this kernel knows are forbidden, and given back by folder.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Mapping

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1
#: LANDLOCK_ACCESS_FS_…: those of version 1, and what later ones added.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_FILE, _TRUNCATE = 1 << 5, 1 << 8, 1 << 14
_KNOWN = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
#: LANDLOCK_ACCESS_NET_BIND_TCP and _CONNECT_TCP (version 4); LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#: (version 6). Signals stay: dumpcap, which is ours to end, began before us.
_TCP, _ABSTRACT_SOCKETS = 3, 1

READ = _READ_FILE | _READ_DIR
REMOVE = _REMOVE_FILE
WRITE = _WRITE_FILE | _MAKE_FILE | _REMOVE_FILE | _TRUNCATE | READ

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return the version of the kernel's Landlock; 0: it has none, or it is not in use."""
    return max(int(_libc.syscall(_CREATE, None, 0, _VERSION)), 0)


def restrict(readable: Iterable[str], folders: Mapping[int, int], *, network: bool = False) -> bool:
    """Leave the calling thread, and those that it starts, some folders; return whether it could.

    Below the paths ``readable`` files can be read, below the open ``folders`` what is said of each
    (``WRITE``: files are made, changed and removed; ``REMOVE``). What is open stays open. TCP goes
    unless ``network`` is left. Needs no_new_privs. False: this kernel has no Landlock. Raises
    OSError.
    """
    known = version()
    if not known:
        return False
    handled = (1 << _KNOWN.get(known, 16)) - 1
    closed = (handled, 0 if network else _TCP, 0 if network else _ABSTRACT_SOCKETS)
    fields = 1 if known < 4 else 2 if known < 6 else 3
    attributes = struct.pack(f"={fields}Q", *closed[:fields])
    rules = _checked(_libc.syscall(_CREATE, attributes, len(attributes), 0))
    try:
        for path in readable:
            _allow_path(rules, path, READ & handled)
        for folder, access in folders.items():
            _allow(rules, folder, access & handled)
        _checked(_libc.syscall(_RESTRICT, rules, 0))
    finally:
        os.close(rules)
    return True


def _allow_path(rules: int, path: str, access: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there, or not for us, need not be allowed
        return
    try:
        _allow(rules, folder, access)
    finally:
        os.close(folder)


def _allow(rules: int, folder: int, access: int) -> None:
    attributes = struct.pack("=Qi", access, folder)
    _checked(_libc.syscall(_ADD, rules, _BENEATH, attributes, 0))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
