"""Hashes of segments: kernels, held to the same arithmetic in whole numbers of Python."""

from __future__ import annotations

import numpy as np
import pytest

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import SEGMENT, Array, read_only
from auditor.pipeline.recordings.hashing import (
    RECENT,
    SEEDS,
    hash_connections,
    hash_segments,
)

_MASK = (1 << 64) - 1
_WAY = np.array([0x9E3779B97F4A7C15 * (2 * k + 1) & _MASK | 1 for k in range(SEEDS)], "u8")


def random_segments(count: int, hosts: int = 1 << 32) -> Array:
    rng = np.random.default_rng(count)
    found = np.zeros(count, SEGMENT)
    for name in SEGMENT.names or ():
        size = 8 * SEGMENT[name].itemsize - 1
        found[name] = rng.integers(0, 1 << size, count)
    found["src_lo"] %= hosts
    found["dst_lo"] %= hosts
    found["src_hi"] = found["dst_hi"] = 0
    found["sport"] = found["dport"] = 9102
    found["ident"] &= 0x1FFFF
    found["ident"][::7] |= ICMP_ERROR
    return found


def mixed(*parts: int) -> int:
    total = int(_WAY[-1])
    for part, seed in zip(parts, _WAY.tolist(), strict=False):
        total = ((total ^ part) * seed) & _MASK
        total ^= total >> 29
    return total


def key(row: np.void) -> int:
    one = {name: int(row[name]) for name in row.dtype.names or ()}
    error = bool(one["ident"] & ICMP_ERROR)
    ports = one["sport"] << 48 | one["dport"] << 32 | one["seq"]
    head = one["ident"] << 32 | (0 if error else one["flags"]) << 16 | one["window"]
    said = 0 if error else one["ack"] << 32 | one["length"]
    stamp = one["stamp"] << 8 | one["stamped"] if one["stamped"] > 1 and not error else 0
    ends = (one[name] for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"))
    return mixed(*ends, ports, said, head, stamp)


@pytest.mark.parametrize("count", [0, 1, 200])
def test_a_hash_is_of_what_any_tap_sees(count: int) -> None:
    rows, found = random_segments(count), np.zeros(count, "u8")
    with np.errstate(over="ignore"):
        assert hash_segments(read_only(rows), read_only(_WAY), found) == count
    assert found.tolist() == [key(row) for row in rows]


@pytest.mark.parametrize("hosts", [3, 1 << 32])
def test_each_direction_of_a_connection_is_told_and_what_was_told_is_not_again(hosts: int) -> None:
    rows, recent = random_segments(300, hosts), np.zeros(RECENT, "u8")
    told: set[tuple[int, int]] = set()
    times = 0
    for some in np.array_split(rows, 3):
        found, ways = np.zeros(len(some), "u8"), np.zeros(len(some), "u1")
        with np.errstate(over="ignore"):
            count = hash_connections(read_only(some), read_only(_WAY), recent, found, ways)
        told |= set(zip(found[:count].tolist(), ways[:count].tolist(), strict=True))
        times += count
    expected = set()
    for row in rows.tolist():
        one = dict(zip(SEGMENT.names or (), row, strict=True))
        source = mixed(one["src_hi"], one["src_lo"], one["sport"])
        target = mixed(one["dst_hi"], one["dst_lo"], one["dport"])
        expected.add(((source + target) & _MASK, 1 if source < target else 2))
    assert told == expected
    assert times == len(expected) or hosts > 3
    assert times < 310
