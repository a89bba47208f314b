"""What both sides said first, where a side may have said it in two ways.

Where nothing decides which of two copies the other end took, the connection is taken for the worse
of what it may be: cleartext rather than TLS, and nobody proved who it is.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from auditor.flows.flow import Hello, Transport
from auditor.flows.hello import read_hello
from auditor.flows.store import Store

#: The worse comes first. UNKNOWN is last: bytes that nobody can read hide nothing of the others.
_WORST_FIRST = (Transport.CLEARTEXT, Transport.POSTGRESQL, Transport.TLS, Transport.UNKNOWN)


class FirstBytes(NamedTuple):
    """The contiguous beginning of a side's stream, at most 4 KiB."""

    readings: tuple[bytes, ...] = (b"",)
    """As believed, and where nothing decides, the other way to read it."""
    refused: bool = False
    """Some of it was seen only in segments that the receiver must have dropped."""
    contradicts: bool = False
    """There are two ways to read it, of which the second may not have been kept."""

    @property
    def believed(self) -> bytes:
        """What it is taken for where no better is known."""
        return self.readings[0]


class Read(NamedTuple):
    """What was made of the first bytes of both sides."""

    hello: Hello
    said: tuple[bytes, bytes]
    """The bytes that it was made of, the initiator's first."""
    contradicts: bool
    """They may be read in two ways."""


def first_bytes(store: Store, side: np.void) -> FirstBytes:
    """Return what a side said first."""
    row = int(side["hello"])
    if row < 0:
        return FirstBytes()
    holes = np.flatnonzero(np.unpackbits(store.filled[row]) == 0)
    size = int(holes[0]) if len(holes) else store.hellos.shape[1]
    trace = store.traces[row]
    second = int(trace["second"])
    rows = (row, second - 1) if second > 0 else (row,)
    readings = tuple(store.hellos[one, :size].tobytes() for one in rows)
    return FirstBytes(readings, bool(trace["refused"].any()), second != 0)


def read_both(initiator: FirstBytes, acceptor: FirstBytes) -> Read:
    """Return the hello of a flow: the worst of the ways to read it."""
    pairs = product(initiator.readings, acceptor.readings)
    ways = [(read_hello(*pair), pair) for pair in pairs]
    hello, said = min(ways, key=lambda way: _rank(way[0]))
    contradicts = initiator.contradicts or acceptor.contradicts
    if contradicts or initiator.refused or acceptor.refused:
        hello = replace(hello, proven=False)
    return Read(hello, said, contradicts)


def _rank(hello: Hello) -> tuple[int, bool]:
    return _WORST_FIRST.index(hello.transport), hello.identity is None
