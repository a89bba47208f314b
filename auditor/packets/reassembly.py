"""Puts IP fragments together so that a lie among them hides no truth.

Whoever sends fragments can show a watcher some that their receiver never takes: they expire on
their way (TTL), or have a wrong IP checksum (Ptacek and Newsham, 1998). So of each place two
copies are kept, first that of the fragment which is likelier to arrive; and a datagram that was
whole is held against what comes after it. Which of its readings a receiver can have taken tells
the TCP checksum: who fragments a segment has filled it in (``skb_checksum_help`` in Linux).
"""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.counters import COMPLETE, FRAGMENTS, OUTER, OUTERS, PACKETS
from auditor.packets.decoding import Decoding
from auditor.packets.fragment_copies import put_unit, rank_of
from auditor.packets.fragment_readings import is_repeated, is_whole, leave_holding, note_right
from auditor.packets.fragments import DATA, HEAD, UNITS
from auditor.packets.integers import int64
from auditor.packets.segments import Array


@kernel
def _put_head(
    slot: np.void, buffer: Array, frame: int, network: int, upper: int, counters: Array
) -> None:
    """Keep the headers; those of IP around a tunnel without their lengths, which are not of the
    whole: 0 is that of a packet which no header has room for."""
    if slot["head_size"] or upper - frame > HEAD:
        return
    for k in range(upper - frame):
        slot["head"][k] = buffer[frame + k]
    slot["head_size"] = upper - frame
    slot["network"] = network - frame
    for k in range(counters[OUTERS]):
        outer = counters[OUTER + k] - frame
        length = outer + (2 if slot["head"][outer] >> 4 == 4 else 4)
        slot["head"][length] = slot["head"][length + 1] = 0


@kernel
def _put_end(slot: np.void, end: int, rank: int) -> None:
    """Take in that the datagram has ``end`` bytes."""
    if slot["size"] in (0, end):
        slot["size"] = end
        slot["size_rank"] = max(slot["size_rank"], rank)
        return
    slot["clash"] = 1
    slot["other_size"] = end
    if rank > slot["size_rank"]:
        slot["other_size"] = slot["size"]
        slot["size"] = end
        slot["size_rank"] = rank


@kernel
def _add(
    slot: np.void,
    frame: int,
    network: int,
    upper: int,
    stop: int,
    size: int,
    offset: int,
    more: bool,
    io: Decoding,
) -> None:
    """Take in ``size`` bytes from ``upper`` on, which belong at ``offset`` of the datagram."""
    rank = rank_of(io.buffer, network, stop)
    if stop - upper < size:
        slot["cut"] = min(slot["cut"], offset + max(0, stop - upper))
    if offset == 0:
        _put_head(slot, io.buffer, frame, network, upper, io.counters)
    for k in range(0, size, 8):
        there = max(0, min(8, size - k, stop - upper - k))
        put_unit(slot, offset + k, io.buffer, upper + k, there, rank)
    if not more:
        _put_end(slot, offset + size, rank)
    unit = int64(slot["units"])
    while unit < UNITS and int64(slot["seen"][unit >> 3]) & (128 >> (unit & 7)):
        unit += 1
    slot["units"] = unit


@kernel
def _likelihood(slot: np.void) -> int:
    """Return how likely it is that the fragments of a whole datagram arrive, against others."""
    units, total = min(int64(slot["units"]), DATA // 8), 0
    for k in range(units):
        total += int64(slot["ranks"][k])
    return total // units


@kernel
def add_fragment(
    index: int,
    old: int,
    frame: int,
    network: int,
    upper: int,
    stop: int,
    size: int,
    offset: int,
    more: bool,
    time: int,
    io: Decoding,
) -> None:
    """Take in ``size`` bytes from ``upper`` on, which belong at ``offset`` of the datagram.

    ``index`` is its slot, ``old`` that of one of the same key that was whole, or -1; ``frame``,
    ``network`` and ``upper`` are where the frame, its IP header and its payload begin in the
    buffer, ``stop`` where the captured bytes end. When the datagram is whole, or another reading
    of the old one is, ``counters[COMPLETE]`` names its slot.
    """
    slot = io.fragments[index]
    if offset == 0:
        slot["others"] = 0
    if not slot["others"]:
        slot["pieces"] += 1
        io.counters[FRAGMENTS] += 1
    slot["last"] = time
    if size <= 0 or offset + size > 8 * UNITS or (more and size & 7):
        return
    whole, stop = index, min(stop, upper + size)
    repeated = False
    if old >= 0:
        repeated = is_repeated(io.fragments[old], io.buffer, upper, stop, size, offset, more)
    _add(slot, frame, network, upper, stop, size, offset, more, io)
    if is_whole(slot, slot["size"]) or is_whole(slot, slot["other_size"]):
        if slot["clash"]:
            note_right(slot)
        slot["whole"] = 1
        if old >= 0:  # one of both goes: that of lies, which may be to make the other forgotten
            lies = _likelihood(slot) < _likelihood(io.fragments[old])
            io.fragments[index if lies else old]["key"] = 0
    elif old >= 0 and not repeated:  # of the old one, or of another that came to have its number
        earlier = io.fragments[old]
        if offset == 0:
            earlier["anew"] = 1
        _add(earlier, frame, network, upper, stop, size, offset, more, io)
        note_right(earlier)
        if earlier["right"]:
            leave_holding(earlier, io.buffer, upper, size, offset, more)
        if not earlier["right"]:
            return
        slot["key"] = 0
        whole = old
        io.fragments[old]["whole"] += 1
    else:
        return
    io.counters[FRAGMENTS] -= slot["pieces"]
    io.fragments[whole]["last"] = time
    io.fragments[whole]["number"] = io.counters[PACKETS]
    io.counters[COMPLETE] = whole + 1
