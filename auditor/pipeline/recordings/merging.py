"""Puts segments of several files in one order, and leaves out copies that several files have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import Array, Batch
from auditor.pipeline.recordings.sketch import COARSE_NS, keys
from auditor.pipeline.recordings.source import Part

_SEEN = np.dtype([("key", "u8"), ("place", "i8"), ("time", "i8"), ("held", "i8")])
#: A clock that goes back further (ns) is not waited for.
_MOST_BACK_NS = 2_000_000_000


class Taken(NamedTuple):
    """Parts of one file that are put in order with those of others."""

    place: int
    """The file's among those of its recording."""
    parts: Sequence[Part]


class Merging:
    """Remembers, while files are put together, what of the latest time was in which."""

    def __init__(self) -> None:
        self._recent = np.empty(0, _SEEN)

    def merged(self, taken: Sequence[Taken], back: int) -> tuple[Batch, dict[int, int]]:
        """Return the segments of several files in order of time, but each file's in its own order,
        and how many are of each file. ``back``: so far (ns) the clock of a file went back.

        What several files have with equal times is of the one that captured most of it, or of the
        first of these, as often as it is in one file at most.
        """
        parts = [part for one in taken for part in one.parts]
        segments = np.concatenate([part.segments for part in parts])
        reached = np.concatenate([part.reached for part in parts])
        sizes = [len(part.segments) for part in parts]
        places = np.repeat([one.place for one in taken for _ in one.parts], sizes)
        offsets = np.cumsum([0, *(len(part.buffer) for part in parts)])[:-1]
        shift = np.repeat(offsets, sizes).astype("u4")
        segments["frame"] += shift
        segments["payload"] += shift
        chosen = self._news(segments, places, back)
        error = segments["ident"] & ICMP_ERROR != 0
        segments["ack"][error] += shift[error]
        order = np.argsort(reached, kind="stable")
        order = order[chosen[order]]
        kept = np.bincount(places[order])
        buffer = np.concatenate([part.buffer for part in parts])
        step = next((part.step for part in parts if part.step is not None), None)
        batch = Batch(segments[order], buffer, step, any(part.late for part in parts))
        return batch, dict(enumerate(kept.tolist()))

    def _news(self, segments: Array, places: Array, back: int) -> Array:
        """Return which segments are not copies of what another file has."""
        seen = np.empty(len(segments), _SEEN)
        coarse = segments["time"] // COARSE_NS
        seen["key"] = keys(segments) ^ coarse.astype("u8") * np.uint64(0x9E3779B97F4A7C15)
        seen["place"], seen["time"] = places, segments["time"]
        seen["held"] = segments["captured"].astype("i8") + segments["header"]
        known = len(self._recent)
        rows = np.concatenate((self._recent, seen))
        age = np.arange(len(rows)) >= known
        again = _times_before(rows)
        order = np.lexsort((rows["place"], -rows["held"], age, again, rows["key"]))
        first = np.ones(len(rows), np.bool_)
        one, other = order[1:], order[:-1]
        first[one] = (rows["key"][one] != rows["key"][other]) | (again[one] != again[other])
        since = int(rows["time"].max()) - min(back, _MOST_BACK_NS)
        self._recent = rows[rows["time"] >= since] if back else rows[:0]
        return first[known:]


def _times_before(rows: Array) -> Array:
    """Return of each row how many before it have the same key and are of the same file."""
    order = np.lexsort((np.arange(len(rows)), rows["place"], rows["key"]))
    keys_, places = rows["key"][order], rows["place"][order]
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (keys_[1:] != keys_[:-1]) | (places[1:] != places[:-1])
    index = np.arange(len(rows))
    counts = index - np.maximum.accumulate(np.where(begins, index, 0))
    found = np.empty(len(rows), "i8")
    found[order] = counts
    return found
