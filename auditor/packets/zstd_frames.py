"""A zstd stream, block by block (RFC 8878 §3.1): the decompressor takes data that end between two
blocks for whole, and where it fails it keeps back what else it was given."""

from __future__ import annotations

import io
from collections.abc import Iterator

ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"
_RLE = 1
_CHUNK = 1 << 18


def is_skippable(head: bytes) -> bool:
    """Tell whether a skippable frame begins with these four bytes: lz4 has the same."""
    return head[1:4] == _SKIPPABLE and head[0] & 0xF0 == 0x50


class ZstdFrames:
    """Reads a stream in pieces, none of which goes over the end of a block."""

    def __init__(self, source: io.RawIOBase) -> None:
        self._source = io.BufferedReader(source, _CHUNK)
        self._pieces = self._split()
        self.whole = True
        """Whether what was read ends where a frame does, or in what is no frame."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next piece, whatever its size; empty: the end."""
        del size
        return next(self._pieces, b"")

    def _split(self) -> Iterator[bytes]:
        while head := self._source.read(4):
            self.whole = False
            if is_skippable(head):
                yield from self._skippable(head)
            elif head == ZSTD:
                yield from self._frame(head)
            else:
                self.whole = len(head) == 4
                yield head
            if not self.whole:
                return

    def _skippable(self, head: bytes) -> Iterator[bytes]:
        size = self._source.read(4)
        yield head + size
        left = int.from_bytes(size, "little")
        while left and (piece := self._source.read(min(left, _CHUNK))):
            yield piece
            left -= len(piece)
        self.whole = len(size) == 4 and not left

    def _frame(self, head: bytes) -> Iterator[bytes]:
        flags = (self._source.read(1) or b"\0")[0]
        single = flags >> 5 & 1
        dictionary = (0, 1, 2, 4)[flags & 3]
        content = (single, 2, 4, 8)[flags >> 6]
        fields = self._source.read(dictionary + content + (0 if single else 1))
        yield head + bytes([flags]) + fields
        last = 0
        while not last:
            block = self._source.read(3)
            value = int.from_bytes(block, "little")
            last = value & 1
            size = 1 if value >> 1 & 3 == _RLE else value >> 3
            data = self._source.read(size)
            yield block + data
            if len(block) < 3 or len(data) < size:
                return
        checksum = self._source.read(4) if flags & 4 else b"\0" * 4
        self.whole = len(checksum) == 4
        if flags & 4:
            yield checksum
