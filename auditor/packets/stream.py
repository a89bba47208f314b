"""Where the octets come from: a path or standard input, plain, gzip or zstd."""

from __future__ import annotations

import io
import stat
import sys
import zlib
from pathlib import Path
from typing import BinaryIO

from auditor.errors import CaptureError

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
#: RFC 8878 asks readers to support 8 MiB; ``zstd --ultra`` writes up to 128 MiB.
_ZSTD_WINDOW = 128 << 20


class DamagedStream(Exception):  # noqa: N818 - it ends a stream, it is not shown to anyone
    """Raised when compressed data or the medium ends the stream early; ``str()`` says how."""


class _Replayed(io.RawIOBase):
    """A stream whose first octets were already taken from it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]
        if self._head:
            count = min(len(target), len(self._head))
            target[:count] = self._head[:count]
            self._head = self._head[count:]
        else:
            count = self._rest.readinto(target)  # type: ignore[attr-defined]
        self.position += count
        return count


class Stream:
    """An open capture, decompressed as it is read."""

    def __init__(self, path: str) -> None:
        self.size: int | None = None
        self._file = self._open(path)
        self._raw = _Replayed(self._file.read(4), self._file)
        self._reader = self._decompressed()

    @property
    def position(self) -> int:
        """Octets taken from the file itself, before decompression."""
        return self._raw.position

    def _open(self, path: str) -> BinaryIO:
        if path == "-":
            return sys.stdin.buffer
        try:
            file = Path(path).open("rb")  # noqa: SIM115 - closed by close()
        except FileNotFoundError:
            raise CaptureError(f"{path} does not exist: check the path of the capture.") from None
        except IsADirectoryError:
            raise CaptureError(f"{path} is a directory: name the capture files in it.") from None
        except PermissionError:
            raise CaptureError(
                f"{path} may not be read by this user: change its mode or become its owner."
            ) from None
        except OSError as error:
            raise CaptureError(f"{path} cannot be opened: {error.strerror}.") from error
        status = Path(path).stat()
        if stat.S_ISREG(status.st_mode):
            self.size = status.st_size
        return file

    def _decompressed(self) -> io.RawIOBase | BinaryIO:
        head = self._raw._head
        if head.startswith(_GZIP):
            import gzip

            return gzip.GzipFile(fileobj=io.BufferedReader(self._raw, 1 << 18))  # type: ignore[return-value]
        if head == _ZSTD:
            import zstandard

            decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
            return decompressor.stream_reader(self._raw, read_across_frames=True)  # type: ignore[return-value]
        return self._raw

    def fill(self, target: memoryview) -> int:
        """Read until ``target`` is full or the stream ends; return the octets read.

        Raises DamagedStream when decompression or the medium fails.
        """
        filled = 0
        try:
            while filled < len(target):
                count = self._reader.readinto(target[filled:])
                if not count:
                    break
                filled += count
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedStream(str(error)) from error
        return filled

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._file is not sys.stdin.buffer:
            self._file.close()
