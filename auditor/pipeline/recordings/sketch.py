"""A few segments of a capture, chosen so that two captures choose the same of those that both have:
the ones with the least hashes (A. Broder, On the resemblance and containment of documents, 1997).
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

import numpy as np

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import UNSEEN_STAMPS, Array

#: So many segments, and connections, of a capture are remembered; and so many of its first and of
#: its last segments, so that a few that two files have in common are found.
MOST, _EDGE = 4096, 256
#: Files may tell times in microseconds where others tell nanoseconds.
COARSE_NS = 1000
#: Nobody who writes packets shall know which are chosen.
_SEEDS = tuple(secrets.randbits(64) | 1 for _ in range(9))
_SHIFT = np.uint64(29)

SEGMENT_SEEN = np.dtype([("key", "u8"), ("time", "i8")])
CONNECTION_SEEN = np.dtype([("key", "u8"), ("ways", "u1")])


class Sketch(NamedTuple):
    """What two captures are compared by."""

    segments: Array
    """Dtype SEGMENT_SEEN, in order of ``key``."""
    connections: Array
    """Dtype CONNECTION_SEEN, in order of ``key``: 1 and 2 are the two directions, 3 is both."""


def keys(segments: Array) -> Array:
    """Return a hash (u8) of what any tap sees of each segment (dtype SEGMENT), time aside."""
    error = segments["ident"] & ICMP_ERROR != 0
    said, stamp = np.zeros((2, len(segments)), "u8")  # zero where the fields mean something else
    np.copyto(said, segments["ack"].astype("u8") << 32 | segments["length"], where=~error)
    stamped = ~error & (segments["stamped"] > UNSEEN_STAMPS)
    np.copyto(stamp, segments["stamp"].astype("u8") << 8 | segments["stamped"], where=stamped)
    flags = np.where(error, 0, segments["flags"]).astype("u8")
    ports = segments["sport"].astype("u8") << 48 | segments["dport"].astype("u8") << 32
    head = segments["ident"].astype("u8") << 32 | flags << 16 | segments["window"]
    ends = [segments[name] for name in ("src_hi", "src_lo", "dst_hi", "dst_lo")]
    return hashed((*ends, ports | segments["seq"], said, head, stamp))


def hashed(parts: tuple[Array, ...]) -> Array:
    """Return a hash (u8) of each row of up to nine columns (u8)."""
    total = np.full(len(parts[0]), _SEEDS[-1], "u8")
    for part, seed in zip(parts, _SEEDS, strict=False):
        total = (total ^ part) * np.uint64(seed)
        total ^= total >> _SHIFT
    return total


class Sketching:
    """Makes a sketch while a capture is read."""

    def __init__(self) -> None:
        self._segments = np.empty(0, SEGMENT_SEEN)
        self._connections = np.empty(0, CONNECTION_SEEN)
        self._first: list[Array] = []
        self._room = _EDGE
        self._last = np.empty(0, SEGMENT_SEEN)

    def take(self, segments: Array) -> None:
        """Take in the next segments (dtype SEGMENT)."""
        seen = np.empty(len(segments), SEGMENT_SEEN)
        seen["key"], seen["time"] = keys(segments), segments["time"]
        if self._room > 0:
            self._first.append(seen[: self._room])
            self._room -= len(seen)
        self._last = np.concatenate((self._last, seen[-_EDGE:]))[-_EDGE:]
        self._segments = least(np.concatenate((self._segments, seen)))
        both = np.concatenate((self._connections, _connections(segments)))
        self._connections = least(together(both))

    def made(self) -> Sketch:
        """Return the sketch of all that was taken."""
        some = np.concatenate((*self._first, self._last, self._segments))
        return Sketch(np.unique(some), self._connections)


def least(seen: Array) -> Array:
    """Return those with the least keys."""
    if len(seen) <= MOST:
        return seen
    return seen[np.argpartition(seen["key"], MOST)[:MOST]]


def _connections(segments: Array) -> Array:
    """Return the connections of segments, a row each, and in which direction."""
    fields = ("src_hi", "src_lo", "sport"), ("dst_hi", "dst_lo", "dport")
    ends = [hashed(tuple(segments[name].astype("u8") for name in names)) for names in fields]
    seen = np.empty(len(segments), CONNECTION_SEEN)
    seen["key"] = ends[0] + ends[1]
    seen["ways"] = np.where(ends[0] < ends[1], 1, 2)
    return together(seen)


def together(seen: Array) -> Array:
    """Return each connection once, in order."""
    unlike, which = np.unique(seen["key"], return_inverse=True)
    found = np.zeros(len(unlike), CONNECTION_SEEN)
    found["key"] = unlike
    np.bitwise_or.at(found["ways"], which, seen["ways"])
    return found
