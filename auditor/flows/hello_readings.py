"""What both sides said first, where a side may have said it in two ways.

Where nothing decides which of two copies the other end took, the connection is taken for the worse
of what it may be: cleartext rather than TLS, and nobody proved who it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from auditor.flows.first_bytes import FirstBytes
from auditor.flows.flow import Hello, Transport
from auditor.flows.hello import begins_tls, read_hello

#: The worse comes first. UNKNOWN is last: bytes that nobody can read hide nothing of the others.
_WORST_FIRST = (Transport.CLEARTEXT, Transport.POSTGRESQL, Transport.TLS, Transport.UNKNOWN)


#: Makes a Hello of the initiator's and of the acceptor's first bytes.
ReadHello = Callable[[bytes, bytes], Hello]


class Read(NamedTuple):
    """What was made of the first bytes of both sides."""

    hello: Hello
    said: tuple[bytes, bytes]
    """The bytes that it was made of, the initiator's first."""
    contradicts: bool
    """They may be read in two ways."""


def reader() -> ReadHello:
    """Return ``read_hello`` for many flows: those of one program to one daemon say the same, and
    are read once."""
    return lru_cache(maxsize=2048)(read_hello)


def read_both(
    initiator: FirstBytes, acceptor: FirstBytes, read: ReadHello, *, begun: bool, taken: int
) -> Read:
    """Return the hello of a flow: the worst of the ways to read it.

    ``begun``: the first of these bytes are the first that were sent. ``taken``: so many of the
    initiator's did the acceptor acknowledge; no others prove a name, for anybody can answer them.
    """
    pairs = product(initiator.readings, acceptor.readings)
    ways = [(read(*pair), pair) for pair in pairs]
    hello, said = min(ways, key=lambda way: _rank(way[0])) if len(ways) > 1 else ways[0]
    if begun and hello.transport is Transport.TLS and not begins_tls(*said):
        hello = Hello()
    if hello.proven and taken < len(said[0]):
        hello = replace(hello, proven=read(said[0][: max(0, taken)], said[1]).proven)
    contradicts = initiator.contradicts or acceptor.contradicts
    if contradicts or initiator.refused or acceptor.refused:
        hello = replace(hello, proven=False)
    return Read(hello, said, contradicts)


def _rank(hello: Hello) -> tuple[int, bool]:
    return _WORST_FIRST.index(hello.transport), hello.identity is None
