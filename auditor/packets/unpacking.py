"""What packed a stream, told by its first bytes; unpacked while it is read, in bounded memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import IO, BinaryIO, Protocol, cast

from auditor.packets.zstd_frames import ZSTD, ZstdFrames, is_skippable

GZIP, LZ4, BZIP2, XZ = b"\x1f\x8b", b"\x04\x22\x4d\x18", b"BZh", b"\xfd7zXZ\0"
#: Bytes by which all of them are known.
PACKED_HEAD = 6
#: What may be taken to unpack: ``zstd --ultra`` and ``xz -9`` need less, and more must be asked for
#: even of themselves.
_MEMORY = 128 << 20
_CHUNK = 1 << 18
#: Bytes that are unpacked in one go, the largest block of zstd: so many at most are lost where that
#: fails.
_PIECE = 1 << 17
_EARLY = "its packed data end early"

#: Reads some bytes into a view, at least one unless the stream has ended.
ReadInto = Callable[[memoryview], "int | None"]
Damage = tuple[type[Exception], ...]


class Replayed(io.RawIOBase):
    """A stream whose first bytes were already taken from it, and which counts its bytes."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = cast("io.BufferedReader", rest)
        self.position = 0

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def readinto(self, target: memoryview, /) -> int:  # type: ignore[override]
        """Read some bytes; 0: the stream has ended."""
        count = min(len(target), len(self._head))
        if count:
            target[:count] = self._head[:count]
            self._head = self._head[count:]
        else:
            count = self._rest.readinto(target)
        self.position += count
        return count


class _Member(Protocol):
    """One of the parts that such a file is made of, each of which is whole in itself."""

    eof: bool
    needs_input: bool
    unused_data: bytes | None

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


def is_packed(head: bytes) -> bool:
    """Tell whether ``PACKED_HEAD`` bytes are how something begins that ``unpacked`` unpacks."""
    if head.startswith((GZIP, ZSTD, LZ4, XZ)) or is_skippable(head):
        return True
    return head.startswith(BZIP2) and head[3:4] in tuple(b"%d" % level for level in range(1, 10))


def unpacked(raw: io.RawIOBase, head: bytes) -> tuple[ReadInto, Damage]:
    """Return what reads a stream that begins with ``head``, unpacked if it is packed, and what that
    raises where the stream is damaged or ends early.

    ``raw`` begins with ``head`` too. After an error nothing more can be read.
    """
    if not is_packed(head):
        return raw.readinto, (OSError,)
    if is_skippable(head):
        import zstandard

        return _Late(raw).readinto, (OSError, EOFError, RuntimeError, zstandard.ZstdError)
    if head.startswith(GZIP):
        import gzip
        import zlib

        # Not readinto: it would lose what was good before an error.
        reader = gzip.GzipFile(fileobj=io.BufferedReader(raw, _CHUNK))
        return reader.readinto1, (OSError, EOFError, zlib.error)
    if head.startswith(ZSTD):
        import zstandard

        return _Zstd(raw).readinto, (OSError, EOFError, zstandard.ZstdError)
    if head.startswith(BZIP2):
        import bz2

        return _Members(raw, cast("Callable[[], _Member]", bz2.BZ2Decompressor)).readinto, (
            OSError,
            EOFError,
            ValueError,
        )
    if head.startswith(LZ4):
        import lz4.frame

        members = _Members(raw, lz4.frame.LZ4FrameDecompressor)
        return members.readinto, (OSError, EOFError, RuntimeError)
    import lzma

    def xz() -> _Member:
        return cast("_Member", lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY))

    return _Members(raw, xz, padding=b"\0").readinto, (OSError, EOFError, lzma.LZMAError)


def damage_of(error: Exception) -> str:
    """Return what an error of reading says, as a clause."""
    if isinstance(error, EOFError):
        return _EARLY
    words = str(error) or type(error).__name__
    if "memory" in words.lower():
        return f"it takes more than {_MEMORY >> 20} MiB of memory to unpack it: unpack it first"
    return words


class _Zstd:
    """The frames of a zstd stream, block by block: what was good before an error is not lost."""

    def __init__(self, raw: io.RawIOBase) -> None:
        import zstandard

        self._source = ZstdFrames(raw)
        source = cast("IO[bytes]", self._source)
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MEMORY)
        self._reader = decompressor.stream_reader(source, read_across_frames=True)
        self._room = memoryview(bytearray(_PIECE))
        self._rest = self._room[:0]

    def readinto(self, target: memoryview) -> int:
        """Unpack some bytes; 0: the last frame has ended. Raises EOFError inside of one."""
        if not self._rest:
            wide = len(target) >= _PIECE  # a whole block: of the last one no part is kept back
            count = self._reader.readinto1(target if wide else self._room)
            if not count and not self._source.whole:
                raise EOFError
            if wide:
                return count
            self._rest = self._room[:count]
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class _Members:
    """The members of a file, one after the other."""

    def __init__(
        self, source: io.RawIOBase, begin: Callable[[], _Member], padding: bytes = b""
    ) -> None:
        self._source = source
        self._begin = begin
        self._padding = padding  # what may stand between members, and after the last
        self._member = begin()

    def readinto(self, target: memoryview) -> int:
        """Unpack some bytes; 0: the last member has ended. Raises EOFError inside of one."""
        while True:
            data = b""
            if self._member.eof:
                data = self._between(self._member.unused_data or b"")
                if not data:
                    return 0
                self._member = self._begin()
            elif self._member.needs_input and not (data := self._source.read(_PIECE) or b""):
                raise EOFError
            if out := self._member.decompress(data, min(len(target), _PIECE)):
                target[: len(out)] = out
                return len(out)

    def _between(self, data: bytes) -> bytes:
        while True:
            if data := data.lstrip(self._padding) if self._padding else data:
                return data
            if not (data := self._source.read(_CHUNK) or b""):
                return b""


class _Late:
    """A stream that begins with skippable frames, which zstd and lz4 have in common: what it is
    packed with, it says after them."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._source = io.BufferedReader(raw, _CHUNK)
        self._readinto: ReadInto | None = None

    def readinto(self, target: memoryview) -> int | None:
        """Unpack some bytes, as ``_Members`` does."""
        if self._readinto is None:
            while is_skippable(head := self._source.read(8)):
                self._skip(int.from_bytes(head[4:], "little"))
            rest = Replayed(head, self._source)
            known = head.startswith((ZSTD, LZ4))
            self._readinto = unpacked(rest, head)[0] if known else rest.readinto
        return self._readinto(target)

    def _skip(self, left: int) -> None:
        while left:
            if not (data := self._source.read(min(left, _CHUNK))):
                raise EOFError
            left -= len(data)
