"""IP fragments that belong to a segment: of several a reader counts the first and the last."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

#: The next header of IPv6 fragments (RFC 8200 §4.5).
_FRAGMENT = 44
#: In so many octets the addresses of a packet are found, behind whatever link header.
PIECE_HEAD = 160


class Piece(NamedTuple):
    """What IP fragments of one datagram have in common."""

    source: bytes
    destination: bytes
    ident: bytes


def piece_of(head: bytes, source: int, destination: int) -> Piece | None:
    """Return what a fragment has in common with the others of its datagram; None: it is none.

    ``head`` is the beginning of its frame, the addresses are those of ``SEGMENT``, 128 bits each.
    """
    ends = _octets(source), _octets(destination)
    ident = _ident(head, *ends)
    return Piece(*ends, ident) if ident else None


def is_piece(data: memoryview | bytes, pieces: Collection[Piece]) -> bool:
    """Tell whether a packet is an IP fragment of one of these datagrams, whatever link it came
    by."""
    head = bytes(data[:PIECE_HEAD])
    return any(_ident(head, one.source, one.destination) == one.ident for one in pieces)


def _ident(head: bytes, source: bytes, destination: bytes) -> bytes:
    """Return the identification of a fragment between two addresses, which stand side by side
    behind any link header (RFC 791 §3.1, RFC 8200 §3 and §4.5); empty: it is none."""
    at = head.find(source + destination)
    if len(source) == 4:
        start = at - 12
        cut = start >= 0 and int.from_bytes(head[start + 6 : start + 8]) & 0x3FFF
        return head[start + 4 : start + 6] if cut else b""
    start = at - 8
    cut = start >= 0 and head[start + 6] == _FRAGMENT
    return head[start + 44 : start + 48] if cut else b""


def _octets(number: int) -> bytes:
    return number.to_bytes(16) if number >> 32 != 0xFFFF else (number & 0xFFFFFFFF).to_bytes(4)
