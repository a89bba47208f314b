"""Evidence in memory, packed while it is written: what many files come to is never there whole."""

from __future__ import annotations

import zstandard

#: Evidence that one unit may hand back (bytes, compressed): a gigabyte of capture becomes 0.3 MB,
#: a million half-open connections some 40 MB.
MAX_EVIDENCE = 1 << 30
#: Octets that are packed at a time, so that the same evidence becomes the same bytes.
_PIECE = 1 << 20


class TooLargeError(Exception):
    """Raised where evidence goes beyond MAX_EVIDENCE."""


class Packed:
    """Takes the octets of a file, and gives them as one zstd frame."""

    def __init__(self) -> None:
        self._packing = zstandard.ZstdCompressor(level=3).compressobj()
        self._waiting = bytearray()
        self._done: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Take the next octets. Raises TooLargeError."""
        self._waiting += data
        while len(self._waiting) >= _PIECE:
            self._keep(self._packing.compress(self._waiting[:_PIECE]))
            del self._waiting[:_PIECE]

    def made(self) -> bytes:
        """Return all that was taken, packed; nothing can be taken afterwards."""
        self._keep(self._packing.compress(self._waiting))
        self._keep(self._packing.flush())
        return b"".join(self._done)

    def _keep(self, packed: bytes) -> None:
        self._size += len(packed)
        if self._size > MAX_EVIDENCE:
            raise TooLargeError
        self._done.append(packed)
