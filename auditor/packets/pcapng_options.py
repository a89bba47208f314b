"""Options of pcapng blocks: type, length, value, padded (draft-ietf-opsawg-pcapng §3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Order = Literal["big", "little"]

#: Options of a section or of an interface that are read: there are some twenty kinds, and a
#: recording of ours writes some thirty comments.
MAX_OPTIONS = 1024


def options(body: bytes, order: Order, most: int = MAX_OPTIONS) -> Iterator[tuple[int, bytes]]:
    """Yield (code, value) until the end-of-options mark, the end, a length that cannot be, or so
    many."""
    at = 0
    for _ in range(most):
        if at + 4 > len(body):
            return
        code = int.from_bytes(body[at : at + 2], order)
        size = int.from_bytes(body[at + 2 : at + 4], order)
        at += 4
        if code == 0 or at + size > len(body):
            return
        yield code, body[at : at + size]
        at += size + (-size & 3)


def text(value: bytes) -> str:
    """Return an option's UTF-8 text; what is not UTF-8 shows as U+FFFD."""
    return value.rstrip(b"\0").decode("utf-8", "replace")
