"""A cursor over hostile bytes: no length on the wire is believed before it is checked."""

from __future__ import annotations


class CutShortError(ValueError):
    """A field reaches past the end of its bytes; it never leaves this room."""


class Reader:
    """Takes big-endian fields from the front of ``data``."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def more(self) -> bool:
        """Whether bytes are left."""
        return self._position < len(self._data)

    def left(self) -> int:
        """How many bytes are left."""
        return len(self._data) - self._position

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes; raises CutShortError when fewer are left."""
        end = self._position + count
        if end > len(self._data):
            raise CutShortError(f"{count} bytes wanted, {len(self._data) - self._position} left")
        taken = self._data[self._position : end]
        self._position = end
        return taken

    def number(self, size: int) -> int:
        """Return the next ``size`` bytes as an unsigned number; raises CutShortError."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """Return bytes that follow their own length of ``size`` bytes (RFC 8446 §3.4).

        Raises CutShortError.
        """
        begin = self._position + size
        end = begin + int.from_bytes(self._data[self._position : begin], "big")
        if end > len(self._data) or begin > len(self._data):
            raise CutShortError(f"{size} bytes of length and what they say are not there")
        self._position = end
        return self._data[begin:end]
