"""Bareos messages cut out of the cleartext of one side (bareos.md §3.1)."""

from __future__ import annotations

from typing import NamedTuple

TERMINATE = -4

#: A longer message makes the receiver drop the connection.
_LENGTH_LIMIT = 1_000_000

#: The Hello and CRAM-MD5 take four messages a side. What comes later is the session itself, in
#: which a text that looks like a challenge would prove nothing.
_MESSAGES = 8


class Framed(NamedTuple):
    """The first messages of one side."""

    messages: tuple[bytes | int, ...]
    """Whole messages in order: bytes for a text, a negative number for a signal."""
    rest: bytes
    """What follows them."""


def message_length(data: bytes) -> int:
    """Return the signed length that ``data`` begins with."""
    return int.from_bytes(data[:4], "big", signed=True)


def cut_messages(data: bytes) -> Framed:
    """Return the first messages of ``data``, up to one that is not whole or not possible."""
    messages: list[bytes | int] = []
    position = 0
    while position + 4 <= len(data) and len(messages) < _MESSAGES:
        length = message_length(data[position : position + 4])
        end = position + 4 + max(length, 0)
        if length > _LENGTH_LIMIT or end > len(data):
            break
        messages.append(data[position + 4 : end] if length >= 0 else length)
        position = end
    return Framed(tuple(messages), data[position:])
