"""Where the bytes come from: a path or standard input, plain, gzip or zstd."""

from __future__ import annotations

import io
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, cast

from auditor.errors import CaptureError

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
#: ``zstd --ultra`` needs up to 128 MiB to decompress; more must be asked for even of zstd itself.
_ZSTD_WINDOW = 128 << 20
#: What unpacks to more than this many bytes, and than this many times its size, is not read on. A
#: recording shrinks to a tenth, one of nothing but zeros in full packets to a fiftieth; a megabyte
#: of zstd can hold thirty gigabytes.
MAX_UNPACKED, MAX_RATIO = 1 << 30, 250


class DamagedStreamError(Exception):
    """Raised when compressed data or the medium ends a stream early; ``str()`` says how."""


#: Reads some bytes into a view, at least one unless the stream has ended.
_ReadInto = Callable[[memoryview], "int | None"]


class _Replayed(io.RawIOBase):
    """A stream whose first bytes were already taken from it, and which counts its bytes."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = cast("io.BufferedReader", rest)
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview, /) -> int:  # type: ignore[override]
        count = min(len(target), len(self._head))
        if count:
            target[:count] = self._head[:count]
            self._head = self._head[count:]
        else:
            count = self._rest.readinto(target)
        self.position += count
        return count


class Stream:
    """An open capture, decompressed while it is read.

    Raises CaptureError for what does not exist, is a directory, or may not be read.
    """

    def __init__(self, path: str) -> None:
        self.size: int | None = None
        """Bytes of the file on disk, or None for anything but a regular file."""
        self._file = self._open(path)
        self._closing = path != "-"
        try:
            head = self._file.read(4)
        except OSError as error:
            self.close()
            raise CaptureError(f"{path} cannot be read: {error.strerror}.") from error
        self._raw = _Replayed(head, self._file)
        self._damage: tuple[type[Exception], ...] = (OSError,)
        self._failure = ""
        self._unpacked = 0
        self._readinto = self._decompressed(head)

    @property
    def position(self) -> int:
        """Bytes taken from the file itself, before decompression."""
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

    def _decompressed(self, head: bytes) -> _ReadInto:
        if head.startswith(GZIP):
            import gzip
            import zlib

            self._damage = (OSError, EOFError, zlib.error)
            # Not readinto: it would lose what was good before an error.
            return gzip.GzipFile(fileobj=io.BufferedReader(self._raw, 1 << 18)).readinto1
        if head == ZSTD:
            import zstandard

            self._damage = (OSError, zstandard.ZstdError)
            decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
            source = cast("IO[bytes]", self._raw)
            return decompressor.stream_reader(source, read_across_frames=True).readinto
        return self._raw.readinto

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
                self._failure = str(error) or type(error).__name__
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
