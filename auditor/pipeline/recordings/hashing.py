"""Hashes of segments that nobody can foresee who does not know the seeds."""

from __future__ import annotations

import numpy as np

from auditor.kernels import entry, kernel
from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.integers import int64
from auditor.packets.segments import UNSEEN_STAMPS, Array

#: Seeds (u8, odd) that a hash takes; the last is where it begins.
SEEDS = 9
#: Directions of connections that are remembered; a power of two.
RECENT = 1 << 14

_8, _16, _29, _32, _48 = (np.uint64(bits) for bits in (8, 16, 29, 32, 48))
_NOTHING = np.uint64(0)


@kernel
def _mixed(total: np.uint64, part: np.uint64, seed: np.uint64) -> np.uint64:
    product = (total ^ part) * seed
    return product ^ (product >> _29)


@kernel
def _key(segment: np.void, seeds: Array) -> np.uint64:
    is_error = int64(segment["ident"]) & ICMP_ERROR != 0
    said, stamp, flags = _NOTHING, _NOTHING, _NOTHING  # the fields mean something else in errors
    if not is_error:
        said = np.uint64(segment["ack"]) << _32 | np.uint64(segment["length"])
        flags = np.uint64(segment["flags"])
        if segment["stamped"] > UNSEEN_STAMPS:
            stamp = np.uint64(segment["stamp"]) << _8 | np.uint64(segment["stamped"])
    ports = np.uint64(segment["sport"]) << _48 | np.uint64(segment["dport"]) << _32
    head = np.uint64(segment["ident"]) << _32 | flags << _16 | np.uint64(segment["window"])
    total = _mixed(seeds[SEEDS - 1], segment["src_hi"], seeds[0])
    total = _mixed(total, segment["src_lo"], seeds[1])
    total = _mixed(total, segment["dst_hi"], seeds[2])
    total = _mixed(total, segment["dst_lo"], seeds[3])
    total = _mixed(total, ports | np.uint64(segment["seq"]), seeds[4])
    total = _mixed(total, said, seeds[5])
    total = _mixed(total, head, seeds[6])
    return _mixed(total, stamp, seeds[7])


@entry
def hash_segments(segments: Array, seeds: Array, found: Array) -> int:
    """Write to ``found`` (u8, shape (n,)) a hash of what any tap sees of each segment (dtype
    SEGMENT, shape (n,)), time aside; return how many there are."""
    for k in range(len(segments)):
        found[k] = _key(segments[k], seeds)
    return len(segments)


@entry
def hash_connections(
    segments: Array, seeds: Array, recent: Array, found: Array, ways: Array
) -> int:
    """Write to ``found`` (u8, shape (n,)) a hash of each connection of segments, and to ``ways``
    (u1) in which of its directions, 1 or 2; return how many were written. ``recent`` (u8, shape
    (RECENT,), zero at first) remembers what was: most of that is not written again."""
    count = 0
    for k in range(len(segments)):
        segment = segments[k]
        one = _mixed(seeds[SEEDS - 1], segment["src_hi"], seeds[0])
        one = _mixed(one, segment["src_lo"], seeds[1])
        one = _mixed(one, np.uint64(segment["sport"]), seeds[2])
        other = _mixed(seeds[SEEDS - 1], segment["dst_hi"], seeds[0])
        other = _mixed(other, segment["dst_lo"], seeds[1])
        other = _mixed(other, np.uint64(segment["dport"]), seeds[2])
        key = one + other
        way = 1 if one < other else 2
        place = (int64(key >> _16) & (RECENT // 2 - 1)) * 2 + way - 1
        if recent[place] != key:
            recent[place] = key
            found[count] = key
            ways[count] = way
            count += 1
    return count
