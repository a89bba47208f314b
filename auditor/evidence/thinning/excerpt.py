"""What of a side's first bytes is kept: as it is, or blanked in its place."""

from __future__ import annotations

from typing import Protocol

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.renaming import AS_THEY_ARE, Renaming


class Reading(Protocol):
    """Adds to an excerpt, and goes on where it was certain."""

    def go_on(self, sent: bytes, *, retried: bool) -> bool:
        """Add what follows, now that this was sent, which began as before; tell whether that is
        possible."""


class Excerpt:
    """Grows along the bytes that a side sent first, as far as it is known what they are.

    ``sent`` has no hole; what lies beyond HELLO_BYTES is never looked at.
    """

    __slots__ = ("ended", "kept", "names", "piece", "reading", "sent")

    def __init__(self, sent: bytes, names: Renaming = AS_THEY_ARE, *, piece: bool = False) -> None:
        self.sent = sent[:HELLO_BYTES]
        """The beginning of the stream, as it was seen."""
        self.names = names
        """What stands for the names that are kept, each in its length."""
        self.piece = piece
        """It is put together with what is kept of files before and after its own."""
        self.kept = bytearray()
        """Its first bytes with zeros (in PostgreSQL's packets: spaces) for what is blanked."""
        self.ended = False
        """No further bytes can add to ``kept``."""
        self.reading: Reading | None = None
        """Who goes on with it where the stream has become longer; None: it is made anew."""

    @property
    def full(self) -> bool:
        """All that may be looked at was seen."""
        return len(self.sent) == HELLO_BYTES

    @property
    def size(self) -> int:
        """Bytes of the stream up to where the excerpt reaches."""
        return len(self.kept)

    def rest(self, size: int) -> bytes:
        """Return up to ``size`` bytes that follow the excerpt in the stream."""
        return self.sent[len(self.kept) : len(self.kept) + size]

    def keep(self, size: int) -> None:
        """Keep the next ``size`` bytes, or as many as were seen."""
        self.kept += self.rest(size)

    def blank(self, size: int) -> int:
        """Blank the next ``size`` bytes, or as many as were seen; return how many."""
        there = min(size, len(self.sent) - len(self.kept))
        self.kept += bytes(there)
        return there

    def put(self, masked: bytes | bytearray) -> None:
        """Let ``masked`` stand for as many bytes as it has."""
        self.kept += masked

    def lengthen(self, sent: bytes, size: int) -> None:
        """Let the stream be as long as ``sent``, of which the first ``size`` bytes are certain."""
        self.sent = sent[:HELLO_BYTES]
        del self.kept[size:]

    def end(self) -> None:
        """Keep nothing of what follows."""
        self.ended = True
