"""When a recording ends, and when it goes on in a new file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one recording; None: unbounded."""

    duration: float | None = None
    """Seconds."""
    packets: int | None = None
    """Kept packets."""
    file_bytes: int | None = None
    """Begin a new file at this size."""
    ring: int | None = None
    """Keep this many files; the oldest is removed."""
