"""From a segment's endpoints to its flow: a chained hash, keyed anew in every process.

The hash is multilinear over 32-bit words with secret keys, which makes any two different
5-tuples collide with probability 2^-32 at most before masking: nobody who chooses addresses and
ports can make long chains. Chains, unlike open addressing, need no more than that.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from auditor.flows.tcp_state import NONE
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: Columns of a flow that tracking and thinning have in common. Side 0 (a) is the endpoint that
#: sorts first by (address, port).
FLOW_CORE = [
    ("a_hi", "u8"),
    ("a_lo", "u8"),
    ("b_hi", "u8"),
    ("b_lo", "u8"),
    ("a_port", "u2"),
    ("b_port", "u2"),
    ("opener", "i4"),  # 0 or 1: the side whose SYN was seen first, or NONE
    ("next_in_bucket", "i4"),
    ("linked", "i4"),  # 1 while the hash leads here
    ("network", "u2"),  # SEGMENT's, of its first segment
    ("other_network", "u2"),  # the latest other one that it was seen in; or the same
    ("apart", "u1"),  # 1: there are flows of its endpoints in other networks
]

#: What both keep of their table of flows as a whole.
STATE_CORE = [
    ("flow_count", "i8"),  # rows in use
    ("recent", "i8"),  # the flow of the previous segment, or NONE
    ("aliased", "i8"),  # how often a flow was seen to pass through a network that was not known
    ("seeds", "u8", (10,)),
]


class FlowTable(Protocol):
    """A table of flows and the hash over it, as kernels pass it around."""

    @property
    def state(self) -> np.void:
        """With the columns of STATE_CORE."""

    @property
    def flows(self) -> Array:
        """With the columns of FLOW_CORE; the last row is scratch for the endpoints looked up."""

    @property
    def heads(self) -> Array:
        """The first flow of each bucket, or NONE; a power of two of them."""


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
    return int64(total >> _32) & (buckets - 1)


@kernel
def _write_endpoints(flow: np.void, segment: np.void) -> int:
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
def same_endpoints(one: np.void, other: np.void) -> bool:
    """Tell whether two flows have the same endpoints."""
    return bool(
        one["a_port"] == other["a_port"]
        and one["b_port"] == other["b_port"]
        and one["a_lo"] == other["a_lo"]
        and one["b_lo"] == other["b_lo"]
        and one["a_hi"] == other["a_hi"]
        and one["b_hi"] == other["b_hi"]
    )


@kernel
def find(segment: np.void, tables: FlowTable) -> int:
    """Return the row of the segment's sender in the newest flow of its endpoints, or NONE."""
    state, flows = tables.state, tables.flows
    recent = int64(state["recent"])
    if recent >= 0:
        side = _sender(flows[recent], segment)
        if side >= 0:
            return 2 * recent + side
    wanted = flows[len(flows) - 1]
    _write_endpoints(wanted, segment)
    index = int64(tables.heads[_bucket(wanted, state["seeds"], len(tables.heads))])
    while index >= 0:
        side = _sender(flows[index], segment)
        if side >= 0:
            state["recent"] = index
            return 2 * index + side
        index = int64(flows[index]["next_in_bucket"])
    return NONE


@kernel
def insert(segment: np.void, index: int, tables: FlowTable) -> int:
    """Let the hash lead from the segment's endpoints to ``flows[index]``; return its sender's row.

    Nobody has opened that flow yet.
    """
    flow = tables.flows[index]
    sender = _write_endpoints(flow, segment)
    flow["opener"] = NONE
    flow["network"] = segment["network"]
    flow["other_network"] = segment["network"]
    flow["apart"] = 0
    _link(index, tables)
    tables.state["recent"] = index
    return 2 * index + sender


@kernel
def _link(index: int, tables: FlowTable) -> None:
    flow = tables.flows[index]
    bucket = _bucket(flow, tables.state["seeds"], len(tables.heads))
    flow["next_in_bucket"] = tables.heads[bucket]
    flow["linked"] = 1
    tables.heads[bucket] = index


@kernel
def unlink(index: int, tables: FlowTable) -> None:
    """Let the hash no longer lead to ``flows[index]``, which is linked."""
    flows, heads = tables.flows, tables.heads
    flow = flows[index]
    bucket = _bucket(flow, tables.state["seeds"], len(heads))
    before = int64(heads[bucket])
    if before == index:
        heads[bucket] = flow["next_in_bucket"]
    else:
        while int64(flows[before]["next_in_bucket"]) != index:
            before = int64(flows[before]["next_in_bucket"])
        flows[before]["next_in_bucket"] = flow["next_in_bucket"]
    flow["linked"] = 0


@kernel
def relink(tables: FlowTable) -> None:
    """Rebuild the hash after Python moved the tables."""
    tables.heads[:] = NONE
    for index in range(tables.state["flow_count"]):
        if tables.flows[index]["linked"]:
            _link(index, tables)
