"""From a segment's endpoints to its flow: a chained hash, keyed anew in every process.

The hash is multilinear over 32-bit words with secret keys, which makes any two different
5-tuples collide with probability 2^-32 at most before masking: nobody who chooses addresses and
ports can make long chains. Chains, unlike open addressing, need no more than that.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tables import NEVER, NONE, wide
from auditor.kernels import kernel
from auditor.packets.segments import Array

_32 = np.uint64(32)
_16 = np.uint64(16)
_LOW = np.uint64(0xFFFFFFFF)


@kernel
def _bucket(flow: np.void, seeds: Array, buckets: int) -> int:
    """Return the bucket of a flow's endpoints; ``buckets`` is a power of two."""
    a_hi = flow["a_hi"]
    a_lo = flow["a_lo"]
    b_hi = flow["b_hi"]
    b_lo = flow["b_lo"]
    ports = (np.uint64(flow["a_port"]) << _16) | np.uint64(flow["b_port"])
    total = (
        seeds[0]
        + seeds[1] * (a_hi >> _32)
        + seeds[2] * (a_hi & _LOW)
        + seeds[3] * (a_lo >> _32)
        + seeds[4] * (a_lo & _LOW)
        + seeds[5] * (b_hi >> _32)
        + seeds[6] * (b_hi & _LOW)
        + seeds[7] * (b_lo >> _32)
        + seeds[8] * (b_lo & _LOW)
        + seeds[9] * ports
    )
    return wide(total >> _32) & (buckets - 1)


@kernel
def write_endpoints(flow: np.void, segment: np.void) -> int:
    """Write the segment's endpoints in neutral order; return 1 if its sender sorts second."""
    second = False
    if segment["src_hi"] != segment["dst_hi"]:
        second = segment["src_hi"] > segment["dst_hi"]
    elif segment["src_lo"] != segment["dst_lo"]:
        second = segment["src_lo"] > segment["dst_lo"]
    else:
        second = segment["sport"] > segment["dport"]
    if second:
        flow["a_hi"] = segment["dst_hi"]
        flow["a_lo"] = segment["dst_lo"]
        flow["a_port"] = segment["dport"]
        flow["b_hi"] = segment["src_hi"]
        flow["b_lo"] = segment["src_lo"]
        flow["b_port"] = segment["sport"]
        return 1
    flow["a_hi"] = segment["src_hi"]
    flow["a_lo"] = segment["src_lo"]
    flow["a_port"] = segment["sport"]
    flow["b_hi"] = segment["dst_hi"]
    flow["b_lo"] = segment["dst_lo"]
    flow["b_port"] = segment["dport"]
    return 0


@kernel
def _sender(flow: np.void, segment: np.void) -> int:
    """Return 0 or 1, the side that sent ``segment``, or NONE if it is not of this flow."""
    sport = segment["sport"]
    dport = segment["dport"]
    if (
        flow["a_port"] == sport
        and flow["b_port"] == dport
        and flow["a_lo"] == segment["src_lo"]
        and flow["b_lo"] == segment["dst_lo"]
        and flow["a_hi"] == segment["src_hi"]
        and flow["b_hi"] == segment["dst_hi"]
    ):
        return 0
    if (
        flow["a_port"] == dport
        and flow["b_port"] == sport
        and flow["a_lo"] == segment["dst_lo"]
        and flow["b_lo"] == segment["src_lo"]
        and flow["a_hi"] == segment["dst_hi"]
        and flow["b_hi"] == segment["src_hi"]
    ):
        return 1
    return NONE


@kernel
def find(segment: np.void, state: np.void, flows: Array, heads: Array) -> int:
    """Return the row of the segment's sender in the newest flow of its endpoints, or NONE.

    ``flows`` has one row more than it may hold: the last is scratch for the endpoints looked up.
    """
    recent = wide(state["recent"])
    if recent >= 0:
        side = _sender(flows[recent], segment)
        if side >= 0:
            return 2 * recent + side
    wanted = flows[len(flows) - 1]
    write_endpoints(wanted, segment)
    index = wide(heads[_bucket(wanted, state["seeds"], len(heads))])
    while index >= 0:
        side = _sender(flows[index], segment)
        if side >= 0:
            state["recent"] = index
            return 2 * index + side
        index = wide(flows[index]["next"])
    return NONE


@kernel
def link(flows: Array, index: int, state: np.void, heads: Array) -> None:
    """Lead the hash to ``flows[index]``."""
    flow = flows[index]
    bucket = _bucket(flow, state["seeds"], len(heads))
    flow["next"] = heads[bucket]
    flow["linked"] = 1
    heads[bucket] = index


@kernel
def unlink(flows: Array, index: int, state: np.void, heads: Array) -> None:
    """Let the hash no longer lead to ``flows[index]``, which is linked."""
    flow = flows[index]
    bucket = _bucket(flow, state["seeds"], len(heads))
    before = wide(heads[bucket])
    if before == index:
        heads[bucket] = flow["next"]
    else:
        while wide(flows[before]["next"]) != index:
            before = wide(flows[before]["next"])
        flows[before]["next"] = flow["next"]
    flow["linked"] = 0


@kernel
def relink(state: np.void, flows: Array, heads: Array) -> None:
    """Rebuild the hash after Python moved the tables."""
    heads[:] = NONE
    for index in range(state["flows"]):
        if flows[index]["linked"]:
            link(flows, index, state, heads)
    state["relink"] = 0


@kernel
def admit(
    segment: np.void, previous: int, state: np.void, flows: Array, sides: Array, heads: Array
) -> int:
    """Open a flow for ``segment``; return the row of its sender, or NONE at the hard bound.

    ``previous`` is the flow that used the same endpoints, or NONE. The tables arrive zeroed;
    only what is not zero at the start is written.
    """
    index = wide(state["flows"])
    if index >= len(flows) - 1:
        return NONE
    if previous >= 0:
        unlink(flows, previous, state, heads)
    flow = flows[index]
    sender = write_endpoints(flow, segment)
    flow["opener"] = NONE
    flow["previous"] = previous
    flow["first"] = segment["time"]
    flow["last"] = segment["time"]
    flow["ended"] = NEVER
    flow["rtt"] = NEVER
    for row in range(2 * index, 2 * index + 2):
        side = sides[row]
        side["heard"] = segment["time"]
        side["probed"] = NEVER
        side["longest_began"] = NEVER
        side["pending"] = NONE
        side["fin"] = NEVER
        side["rst"] = NEVER
        side["slot"] = NONE
        side["copy_time"] = NEVER
    link(flows, index, state, heads)
    state["flows"] = index + 1
    state["recent"] = index
    return 2 * index + sender
