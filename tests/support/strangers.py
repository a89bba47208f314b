"""Folders of somebody else, and what somebody else does in them while we write."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from needs import needs

#: A user that no machine has.
STRANGER = 54321
SECRET = b"only for root\n"


@needs("root")
def folder_of_stranger(tmp_path: Path) -> Path:
    """Return a folder that belongs to the stranger, and everybody may enter those above it."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o755)
    os.chown(folder, STRANGER, STRANGER)
    return folder


def secret(tmp_path: Path) -> Path:
    """Return a file that nobody but us may read."""
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    path.chmod(0o600)
    return path


def untouched(path: Path) -> bool:
    """Tell whether the file is still what ``secret`` made."""
    state = path.stat()
    ours = (state.st_uid, state.st_gid, state.st_mode & 0o7777)
    return ours == (os.geteuid(), os.getegid(), 0o600) and path.read_bytes() == SECRET


@contextmanager
def meddling(step: Callable[[], None]) -> Iterator[None]:
    """Do ``step`` again and again in another thread; that it fails does not matter."""
    over = threading.Event()

    def meddle() -> None:
        while not over.is_set():
            try:
                step()
            except OSError:
                continue

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
