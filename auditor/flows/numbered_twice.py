"""Captures on both sides of a firewall that numbers segments anew: each connection has two
numberings there, which are told apart before they are tracked.

A connection whose SYN is in the capture is two already, each with numbers of its own. Of one that
is older than the capture the numbers seem to leap to and fro, as nobody's do. Then those of the
second numbering are said to be of a network of their own (``flows.networks``): from there on TCP
decides which segments belong together.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

import numpy as np

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import SYN, Array, Batch

#: No sender leaps so far (bytes) within a batch but to another numbering.
_FAR = 1 << 25
#: So often its numbers leap, and as often as for so many (a share) of its segments.
_LEAPS, _SHARE = 3, 0.2
#: So many segments show whether there is any in a capture.
_ENOUGH = 4096
#: What the network of the second numbering differs in.
BEYOND = 0x4A55
#: Nobody who writes packets shall know which connections are taken for one.
_SEEDS = tuple(np.uint64(secrets.randbits(64) | 1) for _ in range(5))
_SHIFT = np.uint64(29)


class NumberedTwice:
    """Tells apart both numberings of connections in one recording, if there are any."""

    def __init__(self) -> None:
        self._seen = 0
        self._found = False

    def told_apart(self, batch: Batch) -> Batch:
        """Return a batch in which segments of the second numbering are of another network."""
        rows = batch.segments
        if not self._found and self._seen >= _ENOUGH:
            return batch
        self._seen += len(rows)
        if not self._found and len(rows) > _ENOUGH and not _beyond(rows[:_ENOUGH]).any():
            return batch
        beyond = _beyond(rows)
        if not beyond.any():
            return batch
        self._found = True
        rows = rows.copy()
        rows["network"][beyond] ^= BEYOND
        return replace(batch, segments=rows)


def _beyond(rows: Array) -> Array:
    """Return which segments are of a second numbering."""
    found = np.zeros(len(rows), np.bool_)
    (some,) = (rows["ident"] & ICMP_ERROR == 0).nonzero()
    if len(some) <= _LEAPS:
        return found
    way = _ways(rows[some])
    order = np.argsort(way, kind="stable")
    way, seq = way[order], rows["seq"][some[order]]
    begins = np.append(True, way[1:] != way[:-1])
    leap = np.append(np.uint32(0), seq[1:] - seq[:-1])
    leaps = np.minimum(leap, -leap) >= _FAR
    leaps &= ~begins & (rows["flags"][some[order]] & SYN == 0)
    which = np.cumsum(begins) - 1
    often, of = np.bincount(which, leaps), np.bincount(which)
    back = _back(leap[leaps], which[leaps], len(of))
    twice = (often >= _LEAPS) & (often >= _SHARE * of) & (2 * back >= often)
    if not twice.any():
        return found
    count = np.cumsum(leaps)
    odd = (count - count[begins][which] + leaps[begins][which]) % 2 == 1
    found[some[order]] = odd & twice[which]
    return found


def _back(leap: Array, which: Array, count: int) -> Array:
    """Return how many leaps of each of ``count`` connections go back as far as the one before."""
    both = leap[1:] + leap[:-1]
    back = (which[1:] == which[:-1]) & (np.minimum(both, -both) < _FAR)
    return np.bincount(which[1:], back, minlength=count)


def _ways(rows: Array) -> Array:
    """Return a number for each segment: that of its ends, in its direction, and its network."""
    ports = rows["sport"].astype("u8") << 32 | rows["dport"].astype("u8") << 16 | rows["network"]
    total = np.zeros(len(rows), "u8")
    ends = (rows[name] for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"))
    for part, seed in zip((*ends, ports), _SEEDS, strict=True):
        total = (total ^ part) * seed
        total ^= total >> _SHIFT
    return total
