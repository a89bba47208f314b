"""Which captures were made at one place, by what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum

import numpy as np

from auditor.packets.segments import Array
from auditor.pipeline.recordings.sketch import COARSE_NS, Sketch

#: Two files by their indices, the lesser first.
Pair = tuple[int, int]


class Kinship(Enum):
    """How two captures belong together."""

    SAME = "same"
    """They hold the same segments at the same times."""
    HALVES = "halves"
    """What one has of connections is one direction, and the other has the other."""
    OTHER = "other"
    """They hold the same segments at other times: they were made at two places."""


def kinships(sketches: Sequence[Sketch]) -> dict[Pair, Kinship]:
    """Return how captures belong together; of two that are not named nothing shows that they do.

    It takes as long as sorting does, however many pairs there might be.
    """
    same, other = _segments_in_common(sketches)
    found = {}
    halves, whole = _connections_in_common(sketches)
    for pair in halves.keys() | same.keys() | other.keys():
        if same[pair] > other[pair]:
            found[pair] = Kinship.SAME
        elif other[pair]:
            found[pair] = Kinship.OTHER
        elif halves[pair] > whole[pair]:
            found[pair] = Kinship.HALVES
    return found


def _all(tables: Sequence[Array]) -> tuple[Array, Array]:
    """Return the rows of all tables, and of each which table it is of."""
    whose = np.repeat(np.arange(len(tables)), [len(one) for one in tables])
    return np.concatenate(tables), whose


def _segments_in_common(sketches: Sequence[Sketch]) -> tuple[Counter[Pair], Counter[Pair]]:
    rows, whose = _all([one.segments for one in sketches])
    keys, times = rows["key"], rows["time"] // COARSE_NS
    order = np.lexsort((whose, times, keys))
    keys, times, whose = keys[order], times[order], whose[order]
    alike = (keys[1:] == keys[:-1]) & (times[1:] == times[:-1]) & (whose[1:] != whose[:-1])
    same = Counter(_pairs(whose, alike))
    # What is sent again may look the same: only what a file has once tells of another place.
    again = (keys[1:] == keys[:-1]) & (alike | (whose[1:] == whose[:-1]))
    alone = ~np.isin(keys, keys[1:][again])
    keys, whose = keys[alone], whose[alone]
    other = Counter(_pairs(whose, (keys[1:] == keys[:-1]) & (whose[1:] != whose[:-1])))
    return same, other


def _connections_in_common(sketches: Sequence[Sketch]) -> tuple[Counter[Pair], Counter[Pair]]:
    rows, whose = _all([one.connections for one in sketches])
    order = np.lexsort((whose, rows["key"]))
    keys, ways, whose = rows["key"][order], rows["ways"][order], whose[order]
    common = keys[1:] == keys[:-1]
    halves = common & (ways[1:] != 3) & (ways[:-1] != 3) & (ways[1:] != ways[:-1])
    return Counter(_pairs(whose, halves)), Counter(_pairs(whose, common & ~halves))


def _pairs(whose: Array, chosen: Array) -> Iterator[Pair]:
    """Yield the pairs of neighbours where ``chosen`` holds of the second and the one before."""
    one, two = whose[:-1][chosen], whose[1:][chosen]
    return zip(np.minimum(one, two).tolist(), np.maximum(one, two).tolist(), strict=True)
