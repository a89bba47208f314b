"""Where a recording goes: one file, a ring of files, or a pipe.

Only whole blocks are ever written, each group with one write(2): a recording that is killed ends
after a block, and one that fills the disk is cut back to the last whole one.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

from auditor.capture.recording.limits import Limits
from auditor.capture.rights.privileges import Account, may_create_files, remaining_account
from auditor.errors import CaptureError
from auditor.outputs import (
    Folder,
    Guard,
    Owner,
    create,
    open_folder,
    open_recording,
    own_descriptor,
)

#: A file that could not even hold the blocks that begin it would rotate for ever.
_MIN_FILE_BYTES = 4096


class Output:
    """The files of one recording; ``open`` while rights are held, everything else without.

    ``path`` is a file, or ``-`` for standard output. With ``limits.file_bytes`` the files are
    called ``name_00001_20261124140000.pcapng`` as dumpcap calls them, in UTC. What ``guard``
    refuses is not touched. Every method raises CaptureError with one sentence.
    """

    def __init__(self, path: str, limits: Limits, guard: Guard | None = None) -> None:
        self.files: list[str] = []
        """Paths of the files that exist, oldest first."""
        self.size = 0
        """Bytes in the present file."""
        self._path = Path(path)
        self._guard = guard
        self._stdout = path == "-"
        self._folder: Folder | None = None
        self._file_bytes, self._ring = limits.file_bytes, limits.ring
        self._names: deque[str] = deque()
        self._number = 0
        self._fd = -1
        self._check()

    def _check(self) -> None:
        if self._ring is not None and self._file_bytes is None:
            raise CaptureError("A ring of files needs a file size: give --filesize with --ring.")
        if self._ring is not None and self._ring < 1:
            raise CaptureError(f"A ring of {self._ring} files holds nothing: keep 1 or more.")
        if self._file_bytes is not None and self._file_bytes < _MIN_FILE_BYTES:
            raise CaptureError(
                f"Files of {self._file_bytes} bytes are too small: let them be {_MIN_FILE_BYTES} "
                "or more."
            )
        if self._stdout and self._file_bytes is not None:
            raise CaptureError("Standard output cannot be split into files: name one with -w.")

    @property
    def folder(self) -> int | None:
        """The open folder in which later files are made; None: there will be none."""
        return self._folder.fd if self._folder is not None and self._file_bytes else None

    def full(self, pending: int) -> bool:
        """Whether ``pending`` more bytes bring the file to the size at which a new one begins."""
        return self._file_bytes is not None and self.size + pending >= self._file_bytes

    def open(self) -> None:
        """Open the folder and make the first file, for the account that remains.

        What was there, and ``guard`` lets go, is replaced as a whole; a recording that is being
        written never.
        """
        account = remaining_account()
        owner = None if account is None else Owner(*account)
        self.files = [str(self._path)]
        try:
            descriptor = own_descriptor(str(self._path))
            if descriptor is not None:
                self._fd = descriptor
                if self._guard is not None:
                    self._guard.check_descriptor(descriptor)
                return
            self._folder = open_folder(str(self._path))
            if self._file_bytes is None:
                self._fd = open_recording(self._folder, owner, self._guard)
            else:
                if self._guard is not None:
                    self._guard.check_folder(self._folder)
                self._may_rotate(self._folder, account)
                self.files = []
                self._create(self._folder, owner)
        except OSError as error:
            self.close()
            raise self._failure(error, "cannot be written") from error

    def _may_rotate(self, folder: Folder, account: Account | None) -> None:
        if account is not None and not may_create_files(folder.fd, account):
            raise CaptureError(
                f"User {account.uid} may not create files in {self._path.parent}, and it is that "
                "user who is left when rights are dropped: give it the directory with "
                f"«chown {account.uid} {self._path.parent}», or record into one file."
            )

    def _create(self, folder: Folder, owner: Owner | None = None) -> None:
        self._number += 1
        moment = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
        path = Path(folder.name)
        name = f"{path.stem}_{self._number:05}_{moment}{path.suffix}"
        self._fd = create(folder, owner, name)
        self._names.append(name)
        self.files.append(str(self._path.parent / name))
        self.size = 0

    def rotate(self) -> None:
        """Begin the next file, and remove the oldest when the ring is full."""
        folder = self._folder
        assert folder is not None
        try:
            os.close(self._fd)
            self._fd = -1
            self._create(folder)
            while self._ring is not None and len(self._names) > self._ring:
                self.files.pop(0)
                os.unlink(self._names.popleft(), dir_fd=folder.fd)
        except OSError as error:
            raise self._failure(error, "cannot be continued in a new file") from error

    def write(self, blocks: bytes) -> None:
        """Write whole blocks; what cannot be written whole is taken back."""
        view = memoryview(blocks)
        try:
            while view:
                view = view[os.write(self._fd, view) :]
        except OSError as error:
            if len(view) < len(blocks) and stat.S_ISREG(os.fstat(self._fd).st_mode):
                os.ftruncate(self._fd, self.size)
                os.lseek(self._fd, self.size, os.SEEK_SET)  # or the next write leaves a hole
            raise self._failure(error, "cannot be written further") from error
        self.size += len(blocks)

    def close(self) -> None:
        """Close what is open; may be called twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._folder is not None:
            self._folder.close()

    def _failure(self, error: OSError, what: str) -> CaptureError:
        name = "Standard output" if self._stdout else (self.files or [str(self._path)])[-1]
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return CaptureError(
                f"{name} {what}: the disk is full. What was recorded until now is whole; make "
                "room, or bound the recording with --filesize and --ring."
            )
        if error.errno == errno.EPIPE:
            return CaptureError(f"{name} {what}: whoever read it has closed the pipe.")
        return CaptureError(f"{name} {what}: {error.strerror}.")
