"""Takes choices from the front of arbitrary bytes; when they are used up every choice is 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A cursor over the bytes that a fuzzer gives."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def more(self) -> bool:
        """Tell whether bytes are left."""
        return self._at < len(self._data)

    def number(self, size: int = 1) -> int:
        """Return the next ``size`` bytes as an unsigned number, big-endian."""
        return int.from_bytes(self.take(size).ljust(size, b"\0"), "big")

    def take(self, count: int) -> bytes:
        """Return up to ``count`` bytes."""
        taken = self._data[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def choice(self, options: Sequence[T]) -> T:
        """Return one of at most 256 options."""
        return options[self.number() % len(options)]

    def pieces(self, most: int) -> list[bytes]:
        """Return what is left, as at most ``most`` pieces, each behind its length of two bytes;
        the last has no bound."""
        found = []
        while self.more() and len(found) < most - 1:
            found.append(self.take(self.number(2)))
        return [*found, self.take(len(self._data))]
