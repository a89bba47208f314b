"""Connections that are alike: the same hosts, the same port, the same that was seen.

Of attempts only what moved no payload and sent no probe is ever like another, and a login that was
over before the acceptor had said anything of substance, if the same was said: nothing of it can be
judged that is not judged of the other too. So it is with ``ordinary`` connections.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.icmp import REJECTION
from auditor.flows.ordinary import ordinary_kind
from auditor.flows.tables import HELLO_BYTES
from auditor.flows.tcp_state import (
    DIALS,
    IDLE,
    NEVER,
    NONE,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
)
from auditor.flows.words import note_words
from auditor.kernels import entry, kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: What a flow is that is like no other.
UNLIKE = -1

#: Octets of an answer that begins no login: the smallest that does, a ServerHello or a challenge,
#: is longer (bareos.md §3.3).
NOTHING_SAID = 46
#: Type, version and length of a record with a ClientHello and of that, and its version.
_HANDSHAKE, _TLS_BEGINNING = 22, 11

_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_SECOND = 1_000_000_000
#: Where its network is in what ``kind_of`` returns, and a factor that spreads it.
_NETWORK, _MIX = 43, 0x9E3779B1


@kernel
def dialler_of(flow: np.void, one: np.void, other: np.void) -> int:
    """Return 0 or 1, the side that dialled: ``find_initiator`` for flows without a hello."""
    if flow["opener"] >= 0:
        return int64(flow["opener"])
    if one["bits"] & SENT_SYN_ACK:
        return 1
    if other["bits"] & SENT_SYN_ACK:
        return 0
    return 0 if flow["a_port"] > flow["b_port"] else 1


@kernel
def _is_empty(side: np.void) -> bool:
    return bool(
        side["payload_bytes"] == 0 and side["hello"] == NONE and side["last_probe"] == NEVER
    )


@kernel
def _is_untaken(flow: np.void, dialler: np.void, acceptor: np.void) -> bool:
    """Tell whether it ended after a hello to which nothing was answered that begins a login."""
    return bool(
        flow["ended"] != NEVER
        and dialler["bits"] & SENT_SYN
        and dialler["hello"] != NONE
        and dialler["payload_bytes"] <= HELLO_BYTES
        and acceptor["payload_bytes"] <= NOTHING_SAID
        and dialler["last_probe"] == NEVER
        and acceptor["last_probe"] == NEVER
    )


@kernel
def _said(side: np.void, hellos: Array) -> int:
    """Return a number of 32 bits for what a side said; of TLS, which is full of chance, for its
    length and beginning."""
    size = int64(side["payload_bytes"])
    digest = 0x811C9DC5 ^ size
    if side["hello"] < 0:
        return digest
    hello = hellos[side["hello"]]
    most = _TLS_BEGINNING if hello[0] == _HANDSHAKE else len(hello)
    for k in range(min(size, most)):  # FNV-1a
        digest = ((digest ^ int64(hello[k])) * 0x01000193) & 0xFFFFFFFF
    return digest


@kernel
def _silence_class(side: np.void, latest: int) -> int:
    """Return the number of binary digits of its longest silence in seconds: probes may be due."""
    longest = int64(side["longest_idle"])
    if side["bits"] & IDLE:
        longest = max(longest, latest - int64(side["idle_since"]))
    seconds = longest // _SECOND
    digits = 0
    while seconds > 0:
        seconds >>= 1
        digits += 1
    return digits


@kernel
def _ended_by(side: np.void) -> int:
    """Return in two bits whether the side sent RST, and FIN."""
    return int64((side["rst"] != NEVER) * 1 + (side["fin"] != NEVER) * 2)


@kernel
def _gap(side: np.void) -> bool:
    return bool(side["missing"] > 0 or side["gap_count"] > 0)


@kernel
def kind_of(flow: np.void, dialler: np.void, acceptor: np.void, latest: int) -> int:
    """Return what was seen of an attempt as one number, or UNLIKE if it keeps its own row.

    ``latest`` is the time (ns) up to which its silence is counted.
    """
    empty = _is_empty(dialler) and _is_empty(acceptor)
    if not empty and not _is_untaken(flow, dialler, acceptor):
        return UNLIKE
    opened = (dialler["bits"] & SENT_SYN) + (acceptor["bits"] & SENT_SYN_ACK)
    if opened == 0 and (dialler["segments"] + acceptor["segments"] > 1) and flow["ended"] == NEVER:
        return UNLIKE  # a connection that began before the capture, and is open
    kind = (opened != 0) * 1 + (dialler["bits"] & SENT_SYN != 0) * 2
    kind += (acceptor["bits"] & SENT_SYN_ACK != 0) * 4 + (dialler["bits"] & SENT_ACK != 0) * 8
    kind += (_ended_by(dialler) << 4) + (_ended_by(acceptor) << 6)
    kind += (flow["ended"] != NEVER) * 256 + (flow["tampered"] > 0) * 512
    kind += (acceptor["segments"] > 0) * 1024 + (_gap(dialler) or _gap(acceptor)) * 2048
    kind += (dialler["bits"] & DIALS != 0) << 42
    kind += _silence_class(dialler, latest) << 12
    kind += _silence_class(acceptor, latest) << 18
    kind += int64(flow["network"]) << _NETWORK
    if flow["icmp_count"][REJECTION] > 0:
        kind += (int64(flow["icmp_kind"][REJECTION]) + 1) << 24
    return int64(kind)


@kernel
def _bucket(flow: np.void, port: int, kind: int, seeds: Array, buckets: int) -> int:
    """Return the bucket of what attempts have in common: see ``lookup``."""
    total = (
        seeds[0]
        + seeds[1] * (flow["a_hi"] >> _32)
        + seeds[2] * (flow["a_hi"] & _LOW)
        + seeds[3] * (flow["a_lo"] >> _32)
        + seeds[4] * (flow["a_lo"] & _LOW)
        + seeds[5] * (flow["b_hi"] >> _32)
        + seeds[6] * (flow["b_hi"] & _LOW)
        + seeds[7] * (flow["b_lo"] >> _32)
        + seeds[8] * (flow["b_lo"] & _LOW)
        + seeds[9] * np.uint64((port + (kind << 16) + (kind >> _NETWORK) * _MIX) & 0xFFFFFFFF)
    )
    return int64(total >> _32) & (buckets - 1)


@kernel
def _port(flow: np.void, dialler: int) -> int:
    return int64(flow["b_port"] if dialler == 0 else flow["a_port"])


@kernel
def _are_alike(one: np.void, dialler: int, other: np.void, other_dialler: int) -> bool:
    """Tell whether two attempts have hosts and listening port in common, and who dialled."""
    same = (
        one["a_hi"] == other["a_hi"]
        and one["a_lo"] == other["a_lo"]
        and one["b_hi"] == other["b_hi"]
        and one["b_lo"] == other["b_lo"]
        and _port(one, dialler) == _port(other, other_dialler)
    )
    # The sides of one host with itself are in the order of their ports.
    itself = one["a_hi"] == one["b_hi"] and one["a_lo"] == one["b_lo"]
    return bool(same and (dialler == other_dialler or itself))


@entry
def group(
    states: Array,
    flows: Array,
    sides: Array,
    hellos: Array,
    filled: Array,
    traces: Array,
    said: Array,
    thinned: int,
    until: int,
    heads: Array,
    following: Array,
    kinds: Array,
    diallers: Array,
    groups: Array,
    ranks: Array,
    sizes: Array,
) -> int:
    """Find which of ``flows[:until]`` are alike; return how many attempts are, or might be.

    The tables are those of ``Tables``, ``said`` (u1) is room for HELLO_BYTES, ``thinned`` is 1 if
    bytes were left out on purpose, ``heads`` is a hash table of NONE, i4, a power of two of them.
    To be filled, a row a flow: ``following`` (i4), ``kinds`` (i8), ``diallers`` (u1: the side),
    ``groups`` (i4: the first flow of its group, or NONE), ``ranks`` (i4: its place in the group,
    from 0) and ``sizes`` (i4: how many are in a group, at its first flow).
    """
    latest = int64(states[0]["latest"])
    seeds = states[0]["seeds"]
    found = 0
    for index in range(until):
        flow = flows[index]
        dialler = dialler_of(flow, sides[2 * index], sides[2 * index + 1])
        one, other = sides[2 * index + dialler], sides[2 * index + 1 - dialler]
        kind = kind_of(flow, one, other, latest)
        found += kind != UNLIKE
        if kind != UNLIKE and one["payload_bytes"] + other["payload_bytes"] > 0:
            words = _said(one, hellos) + 3 * _said(other, hellos)
            kind = (kind ^ (words << 20)) & 0x3FFFFFFFFFFFFFFF | 1 << 62
        if kind == UNLIKE and flow["ended"] != NEVER:
            for k in range(2):
                note_words(sides[2 * index + k], hellos, filled, traces, said, seeds[9])
            kind = ordinary_kind(flow, one, other, thinned != 0, seeds[8])
        kinds[index] = kind
        diallers[index] = dialler
        groups[index] = NONE
        if kind == UNLIKE:
            continue
        bucket = _bucket(flow, _port(flow, dialler), kind, seeds, len(heads))
        first = int64(heads[bucket])
        while first >= 0:
            its = int64(diallers[first])
            if kinds[first] == kind and _are_alike(flow, dialler, flows[first], its):
                break
            first = int64(following[first])
        if first < 0:
            first, following[index], heads[bucket] = index, heads[bucket], index
        groups[index] = first
        ranks[index] = sizes[first]
        sizes[first] += 1
    return found
