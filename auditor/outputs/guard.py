"""What an output must not replace: what the work reads, and what somebody else's work made.

A path says little: a link, a second name or another spelling leads to the same file. So files and
folders are told by what they are (device and inode), and what a file holds is read from the
descriptor of the very file that was looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from auditor.outputs.folder import Folder, RefusedError, open_folder
from auditor.outputs.special_file import is_special, own_number

#: What tells what a file holds. Of a file that lz4 packed the first 4 MiB may be one block, of
#: which nothing can be told before its end.
HEAD = 5 << 20
#: How files of Parquet begin and end.
PARQUET = b"PAR1"
#: Stands for what may not be read: the beginning of no report, and of no capture.
_UNREADABLE = b"\0"
_THERE = "it is there already; name another file, or replace it with --force"
_REPLACED = "somebody else replaced it meanwhile"
_LOOK = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_STEP = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC

#: Device and inode: what a file or a folder is, whatever it is called.
Identity = tuple[int, int]


def _anything(head: bytes) -> str:
    del head
    return ""


@dataclass(slots=True)
class Guard:
    """Refuses an output that is an input, lies in a folder of inputs, or holds what must stay."""

    refused: Callable[[bytes], str] = _anything
    """Says from the first ``HEAD`` bytes of a file, of Parquet the last ones too, why it must not
    be replaced; empty: it may."""
    _inputs: dict[Identity, str] = field(default_factory=dict)

    def protect(self, path: str, what: str) -> None:
        """Let no output be the input ``path``, or lie in it if it is a folder; ``what`` says what
        it is, such as ``the site file``. ``-`` is standard input; what is not there is no input.
        """
        with suppress(OSError, ValueError):
            state = os.fstat(0) if path == "-" else Path(path).stat()
            if not stat.S_ISCHR(state.st_mode):  # a terminal is read and written
                self._inputs.setdefault(_identity(state), what)

    def check(self, folder: Folder, opened: os.stat_result | None = None) -> None:
        """Raise RefusedError if the file in ``folder`` must not be written, and OSError.

        ``opened`` is the state of a file that is open already: it has to be this one.
        """
        state = folder.state()
        if opened is not None and (state is None or not os.path.samestat(state, opened)):
            raise RefusedError(_REPLACED)
        if state is not None:
            self._check_input(state)
        if is_special(state):
            return
        self.check_folder(folder)
        if state is not None and state.st_size and (reason := self.refused(_head(folder, state))):
            raise RefusedError(reason)

    def check_folder(self, folder: Folder) -> None:
        """Raise RefusedError if ``folder`` is, or lies in, one of inputs."""
        if not self._inputs:
            return
        for state in _upwards(folder.fd):
            if what := self._inputs.get(_identity(state)):
                raise RefusedError(f"it lies in {what}; name a file elsewhere")

    def check_descriptor(self, fd: int) -> None:
        """Raise RefusedError if what is open already, such as standard output, is an input."""
        self._check_input(os.fstat(fd))

    def _check_input(self, state: os.stat_result) -> None:
        if what := self._inputs.get(_identity(state)):
            raise RefusedError(f"it is {what}; name another file")


def evidence_guard(*, force: bool) -> Guard:
    """Return what keeps recordings from replacing anything but an empty file; with ``force`` they
    may, but never what is protected then."""
    return Guard(_anything if force else lambda head: _THERE if head else "")


def place(target: str) -> tuple[int | str, ...] | None:
    """Return what two outputs have in common only if they are one file: what bears the name, or the
    folder and the name where nothing does; None for a device, which takes any number of outputs.

    Raises OSError.
    """
    number = own_number(target)
    if number is not None:
        state = os.fstat(number)
        return (number,) if stat.S_ISCHR(state.st_mode) else _identity(state)
    with open_folder(target) as folder:
        there = folder.state()
        if there is not None:
            return None if stat.S_ISCHR(there.st_mode) else _identity(there)
        return (*_identity(os.fstat(folder.fd)), folder.name)


def _identity(state: os.stat_result) -> Identity:
    return state.st_dev, state.st_ino


def _head(folder: Folder, looked_at: os.stat_result) -> bytes:
    try:
        fd = os.open(folder.name, _LOOK, dir_fd=folder.fd)
    except PermissionError:
        return _UNREADABLE  # who may not read a file may still replace it
    try:
        if not os.path.samestat(os.fstat(fd), looked_at):
            raise RefusedError(_REPLACED)
        head = os.pread(fd, HEAD, 0)
        rest = looked_at.st_size - len(head)
        if head.startswith(PARQUET) and rest > 0:  # what it is, such a file says at its end
            head += os.pread(fd, HEAD, max(len(head), looked_at.st_size - HEAD))
        return head
    finally:
        os.close(fd)


def _upwards(fd: int) -> Iterable[os.stat_result]:
    """Yield the state of an open folder and of those above it, as far as they may be entered."""
    at = os.dup(fd)
    try:
        state = os.fstat(at)
        while True:
            yield state
            try:
                above = os.open("..", _STEP, dir_fd=at)
            except PermissionError:
                return
            os.close(at)
            at = above
            below, state = state, os.fstat(at)
            if os.path.samestat(below, state):
                return
    finally:
        os.close(at)
