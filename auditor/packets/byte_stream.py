"""Where the bytes come from: a path, standard input or any open file, plain or packed."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import BinaryIO

from auditor.errors import CaptureError
from auditor.packets.unpacking import HEAD, Replayed, damage_of, unpacked

#: What unpacks to more than this many bytes, and than this many times its size, is not read on. A
#: recording shrinks to a tenth, one of nothing but zeros in full packets to a fiftieth; a megabyte
#: of zstd can hold thirty gigabytes.
MAX_UNPACKED, MAX_RATIO = 1 << 30, 250


class DamagedStreamError(Exception):
    """Raised when compressed data or the medium ends a stream early; ``str()`` says how."""


class Stream:
    """An open capture, unpacked while it is read.

    ``path`` may be ``-``, standard input; with ``file``, a binary file that is read from where it
    is, it is only a name. Raises CaptureError for what does not exist, is a directory, or may not
    be read.
    """

    def __init__(self, path: str, file: BinaryIO | None = None) -> None:
        self.size: int | None = None
        """Bytes of the file on disk, or None for anything but a regular file."""
        self._file = file if file is not None else self._open(path)
        self._closing = path != "-" or file is not None
        try:
            head = self._file.read(HEAD)
        except OSError as error:
            self.close()
            raise CaptureError(f"{path} cannot be read: {error.strerror}.") from error
        self._raw = Replayed(head, self._file)
        self._failure = ""
        self._unpacked = 0
        self._readinto, self._damage = unpacked(self._raw, head)

    @property
    def position(self) -> int:
        """Bytes taken from the file itself, packed as they are."""
        return self._raw.position

    def _open(self, path: str) -> BinaryIO:
        if path == "-":
            if sys.stdin is None:
                raise CaptureError("Standard input is closed: pipe a capture into it.")
            return sys.stdin.buffer
        try:
            file = Path(path).open("rb")  # noqa: SIM115 - it stays open until close()
            status = Path(path).stat()
        except FileNotFoundError:
            raise CaptureError(f"{path} does not exist: check the path of the capture.") from None
        except IsADirectoryError:
            raise CaptureError(f"{path} is a directory: name the capture files in it.") from None
        except PermissionError:
            raise CaptureError(
                f"{path} may not be read by this user: change its mode or become its owner."
            ) from None
        except (OSError, ValueError) as error:
            raise CaptureError(f"{path!r} cannot be opened: {error}.") from error
        if stat.S_ISREG(status.st_mode):
            self.size = status.st_size
        return file

    def fill(self, target: memoryview) -> int:
        """Read until ``target`` is full or the stream ends; return the bytes read.

        Raises DamagedStreamError where decompression or the medium fails, after the bytes that
        were good have been returned.
        """
        filled = 0
        while filled < len(target) and not self._failure:
            try:
                count = self._readinto(target[filled:])
            except self._damage as error:
                self._failure = damage_of(error)
                break
            if not count:
                break
            filled += count
            self._unpacked += count
            if self._unpacked > max(MAX_UNPACKED, MAX_RATIO * self.position):
                self._failure = (
                    f"it unpacks to more than {MAX_RATIO} times its size; unpack it first if that "
                    "is right"
                )
        if self._failure and not filled:
            raise DamagedStreamError(self._failure)
        return filled

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._closing:
            self._file.close()
