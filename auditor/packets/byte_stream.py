"""Where the bytes come from: a path, standard input or any open file, plain or packed, or a file of
a format that Wireshark reads for us."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO

from auditor.errors import CaptureError
from auditor.packets.archives import ARCHIVE_HEAD
from auditor.packets.capture_format import CaptureFormat
from auditor.packets.foreign_formats import foreign_format
from auditor.packets.remote import is_url, open_url, shown_url
from auditor.packets.unpacking import PACKED_HEAD, Replayed, damage_of, is_packed, unpacked
from auditor.text import SENTENCE, printable

if TYPE_CHECKING:
    from auditor.packets.tshark import Conversion

#: What unpacks to more than this many bytes, and than this many times its size, is not read on. A
#: recording shrinks to a tenth, one of nothing but zeros in full packets to a fiftieth; a megabyte
#: of zstd can hold thirty gigabytes.
MAX_UNPACKED, MAX_RATIO = 1 << 30, 250
#: Bytes by which a format is known.
_BEGINNING = 1 << 16
_CHUNK = 1 << 20


class DamagedStreamError(Exception):
    """Raised when compressed data or the medium ends a stream early; ``str()`` says how."""


class Stream:
    """An open capture, unpacked while it is read; of another format it is read as pcapng.

    ``path`` may be ``-``, standard input; with ``file``, a binary file that is read from where it
    is, it is only a name. Raises CaptureError for what does not exist, is a directory, or may not
    be read.
    """

    def __init__(self, path: str, file: BinaryIO | None = None) -> None:
        self.size: int | None = None
        """Bytes of the file on disk, or None for anything but a regular file."""
        self.foreign: CaptureFormat | None = None
        """The format that Wireshark reads for us; known once some of it was read."""
        self.head = b""
        """What it unpacks to begins with these bytes; known with ``foreign``."""
        self._file = file if file is not None else self._open(path)
        self._closing = path != "-" or file is not None
        self._conversion: Conversion | None = None
        self._shared = False
        """Whether another process reads the open file, and so moves its place."""
        self._place = 0
        try:
            head = self._file.read(PACKED_HEAD)
        except OSError as error:
            self.close()
            raise CaptureError(f"{shown_url(path)} cannot be read: {error.strerror}.") from error
        self._raw = Replayed(head, self._file)
        self._packed = is_packed(head)
        self._failure = ""
        self._unpacked = 0
        self._readinto, self._damage = unpacked(self._raw, head)
        self._begun = self._known = False
        self._start = memoryview(b"")

    @property
    def position(self) -> int:
        """Bytes taken from the file itself, packed as they are."""
        if self._shared:
            with suppress(OSError, ValueError):  # it is closed
                self._place = os.lseek(self._file.fileno(), 0, os.SEEK_CUR)
        return max(self._place, self._raw.position)

    def _open(self, path: str) -> BinaryIO:
        if path == "-":
            if sys.stdin is None:
                raise CaptureError("Standard input is closed: pipe a capture into it.")
            return sys.stdin.buffer
        if not path:
            raise CaptureError("An empty name is none of a capture: check the command line.")
        if is_url(path) and not os.path.lexists(path):
            return open_url(path)
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
            why = getattr(error, "strerror", None) or error
            shown = printable(path, SENTENCE)
            raise CaptureError(f"{shown} cannot be opened: {why}.") from error
        if stat.S_ISREG(status.st_mode):
            self.size = status.st_size
        return file

    def beginning(self) -> bytes:
        """Return what the file unpacks to, 64 KiB of it at most, before anything else is read."""
        if not self._begun:
            self._begun = True
            room = memoryview(bytearray(_BEGINNING))
            self._start = room[: self._take(room)]
        return bytes(self._start)

    def fill(self, target: memoryview) -> int:
        """Read until ``target`` is full or the stream ends; return the bytes read.

        Raises DamagedStreamError where decompression, the medium or another program fails, after
        the bytes that were good have been returned.
        """
        if not self._known:
            self._known = True
            self.foreign = foreign_format(self.beginning())
            self.head = bytes(self._start[:ARCHIVE_HEAD])
            if self.foreign is not None:
                self._convert(self.foreign)
        filled = min(len(target), len(self._start))
        target[:filled] = self._start[:filled]
        self._start = self._start[filled:]
        filled += self._take(target[filled:])
        if self._failure and not filled:
            raise DamagedStreamError(self._failure)
        return filled

    def _take(self, target: memoryview) -> int:
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
            if self._packed and self._unpacked > max(MAX_UNPACKED, MAX_RATIO * self._raw.position):
                self._failure = (
                    f"it unpacks to more than {MAX_RATIO} times its size; unpack it first if that "
                    "is right"
                )
        return filled

    def _convert(self, known: CaptureFormat) -> None:
        """From now on, read what Wireshark makes of the file."""
        from auditor.packets.tshark import Conversion, tshark_path

        program = tshark_path()
        try:
            if program is None:
                raise OSError(f"it takes Wireshark to read {known}: install the package tshark")
            with self._seekable() as file:
                self._conversion = Conversion(file, program, self._failure)
        except OSError as error:
            self._failure = str(error)
        else:
            self._failure, self._packed = "", False
            self._readinto, self._damage = self._conversion.readinto, (OSError,)
        self._start = memoryview(b"")

    @contextmanager
    def _seekable(self) -> Iterator[IO[bytes]]:
        """Give the file, at its beginning, or a copy of what it unpacks to."""
        if self.size is not None and not self._packed:
            self._shared = True
            self._file.seek(0)
            yield self._file
            return
        import tempfile

        with tempfile.TemporaryFile() as copy:
            copy.write(self._start)
            block = memoryview(bytearray(_CHUNK))
            while count := self._take(block):
                copy.write(block[:count])
            copy.seek(0)
            yield copy

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._shared:
            self._place = self.position
        if self._conversion is not None:
            self._conversion.close()
        if self._closing:
            self._file.close()
