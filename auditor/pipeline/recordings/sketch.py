"""A few segments of a capture, chosen so that two captures choose the same of those that both have:
the ones with the least hashes (A. Broder, On the resemblance and containment of documents, 1997).
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

import numpy as np

from auditor.packets.segments import Array, read_only
from auditor.pipeline.recordings.hashing import RECENT, SEEDS, hash_connections, hash_segments

#: So many segments, and connections, of a capture are remembered; and so many of its first and of
#: its last segments, so that a few that two files have in common are found.
MOST, _EDGE = 4096, 256
#: Files may tell times in microseconds where others tell nanoseconds.
COARSE_NS = 1000
#: Nobody who writes packets shall know which are chosen.
_SEEDS = read_only(np.array([secrets.randbits(64) | 1 for _ in range(SEEDS)], "u8"))
_SHIFT = np.uint64(29)
_ALL = (1 << 64) - 1

SEGMENT_SEEN = np.dtype([("key", "u8"), ("time", "i8")])
CONNECTION_SEEN = np.dtype([("key", "u8"), ("ways", "u1")])


class Sketch(NamedTuple):
    """What two captures are compared by."""

    segments: Array
    """Dtype SEGMENT_SEEN, in order of ``key``."""
    connections: Array
    """Dtype CONNECTION_SEEN, in order of ``key``: 1 and 2 are the two directions, 3 is both."""
    total: int = 0
    """A sum over all segments with their times: captures of which it is equal hold the same."""
    held: int = 0
    """Octets of headers and payload that were captured."""


def keys(segments: Array) -> Array:
    """Return a hash (u8) of what any tap sees of each segment (dtype SEGMENT), time aside."""
    found = np.empty(len(segments), "u8")
    with np.errstate(over="ignore"):  # un-jitted, it would warn that it wraps
        hash_segments(read_only(segments), _SEEDS, found)
    return found


def hashed(parts: tuple[Array, ...]) -> Array:
    """Return a hash (u8) of each row of up to nine columns (u8)."""
    total = np.full(len(parts[0]), _SEEDS[-1], "u8")
    for part, seed in zip(parts, _SEEDS, strict=False):
        total = (total ^ part) * seed
        total ^= total >> _SHIFT
    return total


class Sketching:
    """Makes a sketch while a capture is read."""

    def __init__(self) -> None:
        self._segments = np.empty(0, SEGMENT_SEEN)
        self._connections = np.empty(0, CONNECTION_SEEN)
        self._recent = np.zeros(RECENT, "u8")
        self._first: list[Array] = []
        self._room = _EDGE
        self._last = np.empty(0, SEGMENT_SEEN)
        self._total = self._held = 0

    def take(self, segments: Array) -> None:
        """Take in the next segments (dtype SEGMENT)."""
        seen = np.empty(len(segments), SEGMENT_SEEN)
        seen["key"], seen["time"] = keys(segments), segments["time"]
        coarse = (seen["time"] // COARSE_NS).astype("u8")
        self._total = (self._total + int(hashed((seen["key"], coarse)).sum())) & _ALL
        self._held += int(segments["captured"].sum(dtype="i8") + segments["header"].sum(dtype="i8"))
        if self._room > 0:
            self._first.append(seen[: self._room])
            self._room -= len(seen)
        self._last = np.concatenate((self._last, seen[-_EDGE:]))[-_EDGE:]
        self._segments = least(_with(self._segments, seen))
        both = _with(self._connections, self._news(segments))
        if both is not self._connections:
            self._connections = least(together(both))

    def _news(self, segments: Array) -> Array:
        """Return connections of segments, and in which direction; few that were seen before."""
        seen = np.empty(len(segments), CONNECTION_SEEN)
        key, ways = np.empty(len(segments), "u8"), np.empty(len(segments), "u1")
        with np.errstate(over="ignore"):
            count = hash_connections(read_only(segments), _SEEDS, self._recent, key, ways)
        seen["key"], seen["ways"] = key, ways
        return seen[:count]

    def made(self) -> Sketch:
        """Return the sketch of all that was taken."""
        some = np.concatenate((*self._first, self._last, self._segments))
        return Sketch(np.unique(some), self._connections, self._total, self._held)


def least(seen: Array) -> Array:
    """Return those with the least keys."""
    if len(seen) <= MOST:
        return seen
    return seen[np.argpartition(seen["key"], MOST)[:MOST]]


def _with(known: Array, seen: Array) -> Array:
    """Return what is known and what was seen besides that may be among the least."""
    if len(known) == MOST:
        seen = seen[seen["key"] <= known["key"].max()]
    return np.concatenate((known, seen)) if len(seen) else known


def together(seen: Array) -> Array:
    """Return each connection once, in order."""
    unlike, which = np.unique(seen["key"], return_inverse=True)
    found = np.zeros(len(unlike), CONNECTION_SEEN)
    found["key"] = unlike
    np.bitwise_or.at(found["ways"], which, seen["ways"])
    return found
