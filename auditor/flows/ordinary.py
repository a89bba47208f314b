"""Ordinary connections: let in, over, and nothing about them that a verdict may rest on singly.

A monitoring system makes a hundred thousand of them. Those that are of the same hosts, said the
same and ended in the same way differ in their times only. What may decide something by its time is
none: who sent a probe, was silent for as long as one may take to come, sent in vain, lost bytes,
was told something by ICMP, or contradicts itself.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tcp_state import (
    ACKED,
    FIN_ACKED,
    FIRST_SEEN,
    HAS_ISN,
    IDLE,
    NEVER,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
)
from auditor.flows.words import mixed
from auditor.kernels import kernel
from auditor.packets.integers import int64

#: Of what is no ordinary connection.
NOT_ORDINARY = -1
#: The bit that ordinary connections have; none above it.
ORDINARY = 1 << 61

#: No HeartbeatInterval is shorter than a second (ns), so that within one no probe is due.
_DUE = 1_000_000_000
#: Lengths of streams (octets) that are told apart: a signal, alerts, what begins a login, and what
#: is more than one (``login``, ``judge.matching.hello_number``).
_LENGTHS = (0, 1, 4, 5, 7, 8, 11, 12, 47, 151)


@kernel
def _quiet(flow: np.void, side: np.void) -> int:
    """Return the longest time (ns) in which a side may have been idle."""
    stop = int64(flow["ended"])
    if side["fin"] != NEVER:
        stop = min(stop, int64(side["fin"]))
    longest = max(int64(side["longest_idle"]), int64(side["doubt_longest"]))
    waits = side["bits"] & ACKED and side["acked"] < side["next"] and side["fin"] == NEVER
    if side["bits"] & IDLE:
        longest = max(longest, stop - int64(side["idle_since"]))
    elif waits:
        since = max(int64(side["last_receipt"]), int64(side["sent_at"]))
        longest = max(longest, stop - since)
    return longest


@kernel
def _is_plain(flow: np.void, side: np.void, thinned: bool) -> bool:
    """Tell whether nothing of a side may decide anything by its time or place."""
    seen = side["payload_bytes"] > 0 and side["words"] > 0 and side["bits"] & HAS_ISN
    lost = side["missing"] > 0 or side["gap_count"] > 0
    probed = side["last_probe"] != NEVER or side["odd_probe"] != 0 or side["unasked"] > 0
    odd = side["rival_count"] != 0 or side["rst_ahead"] != NEVER or side["skip_time"] != NEVER
    odd = odd or side["ahead_first"] != NEVER or side["claimed"] != NEVER
    foreign = side["rst"] != NEVER and side["rst_ttl"] != side["ttl"]
    vain = side["stall_sends"] > 1 or (side["stall_sends"] > 0 and side["stall_silence"] >= _DUE)
    if not seen or (lost and not thinned) or probed or odd or foreign or vain:
        return False
    return _quiet(flow, side) < _DUE


@kernel
def _length_class(side: np.void) -> int:
    length = int64(side["next"] - side["isn"]) - 1 - int64(side["bits"] & FIN_ACKED != 0)
    found = 0
    for k in range(len(_LENGTHS)):
        found += length >= _LENGTHS[k]
    return found


@kernel
def _order(one: int, other: int) -> int:
    """Return which of two times comes first: 0 if neither came; NEVER is before all times."""
    if one == other:
        return 0 if one == NEVER else 1
    return 2 if other == NEVER or (one != NEVER and one < other) else 3


@kernel
def _closed(side: np.void) -> int:
    fin, rst = int64(side["fin"]), int64(side["rst"])
    return max(fin, rst) if min(fin, rst) == NEVER else min(fin, rst)


@kernel
def _about(side: np.void) -> int:
    """Return in 22 bits what is told of a side."""
    told = _length_class(side) << 2 | _order(int64(side["fin"]), int64(side["rst"]))
    told = told << 8 | int64(side["ttl"])
    told = told << 1 | (side["bits"] & FIRST_SEEN != 0)
    told = told << 1 | (side["retransmissions"] > 0)
    told = told << 1 | (side["zero_windows"] > 0)
    return int64(told << 1 | (side["stall_sends"] > 0))


@kernel
def ordinary_kind(
    flow: np.void, dialler: np.void, acceptor: np.void, thinned: bool, seed: int
) -> int:
    """Return what was seen of an ordinary connection as one number with the bit ORDINARY, or
    NOT_ORDINARY. Both sides have their ``words``; ``seed`` (u8) is known to nobody."""
    opened = dialler["bits"] & SENT_SYN and dialler["bits"] & SENT_ACK
    answered = acceptor["bits"] & SENT_SYN_ACK and not acceptor["bits"] & SENT_SYN
    if not opened or not answered or flow["opener"] < 0 or flow["ended"] == NEVER:
        return NOT_ORDINARY
    if (
        flow["nobodys"]
        or flow["tampered"] > 0
        or flow["syns"] != flow["attempts"]
        or flow["survived"] >= _DUE
    ):
        return NOT_ORDINARY
    if flow["icmp_count"][0] > 0 or flow["icmp_count"][1] > 0:
        return NOT_ORDINARY
    if not _is_plain(flow, dialler, thinned) or not _is_plain(flow, acceptor, thinned):
        return NOT_ORDINARY
    ends = _order(_closed(dialler), _closed(acceptor))
    ends = ends << 2 | _order(int64(dialler["fin"]), int64(acceptor["fin"]))
    ends = ends << 2 | _order(int64(dialler["rst"]), int64(acceptor["rst"]))
    secret = int64(seed >> np.uint64(1))
    kind = mixed(1, ends << 1 | (flow["duplicates"] > 0), secret)
    kind = mixed(mixed(kind, _about(dialler), secret), _about(acceptor), secret)
    for words in (int64(dialler["words"]), int64(acceptor["words"])):
        kind = mixed(mixed(kind, words >> 31, secret), words & 0x7FFFFFFF, secret)
    return kind & (ORDINARY - 1) | ORDINARY
