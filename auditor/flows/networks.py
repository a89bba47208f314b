"""Which connection a segment is of where one tap sees several networks (VLANs, tunnels).

The same endpoints in two networks are two connections, each of its own hosts. But one connection is
often seen in several: before and behind a router whose trunk is mirrored, in a tunnel and outside,
tagged in one direction only. TCP decides: a segment whose numbers go on in the connection of
another network is of that one, which is then known to pass through both. What nobody said there
begins a connection of its own, in its network.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from auditor.flows.initial_sequence import answers_same, is_isn
from auditor.flows.lookup import FlowTable, find, same_endpoints
from auditor.flows.sequence import position
from auditor.flows.tcp_state import HAS_ISN, HAS_NEXT, NONE
from auditor.kernels import kernel, rare_kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, RST, SYN, Array

#: What ``find_flow`` returns where the endpoints are known, in other networks only.
APART = -2
#: It does not fit.
FAR = 1 << 40
#: So near (bytes, both directions added) is what goes on elsewhere: numbers of two connections are
#: so by chance once in 8000 times, and few windows are larger.
_NEAR = 1 << 25
#: Bits that a number alone must be nearer by, where nothing is acknowledged.
_ALONE = 10
#: Connections of the same endpoints that are looked at in all networks, and those of which no more
#: is asked than the network: a stranger who writes tags makes no segment dearer than that.
_MOST, _MOST_ASKED = 16, 1024


class SidedTable(FlowTable, Protocol):
    """A table of flows with what is known of their sides."""

    @property
    def sides(self) -> Array:
        """With the columns of SIDE_CORE, two rows a flow."""


@kernel
def distance(row: int, segment: np.void, tables: SidedTable) -> int:
    """Return how far (bytes) the numbers of a segment of ``row`` are from what comes next."""
    side, peer, flags = tables.sides[row], tables.sides[row ^ 1], int64(segment["flags"])
    answers = answers_same(side, peer, segment)
    if flags & SYN and not flags & ACK:
        return 0 if is_isn(side, segment["seq"]) else FAR
    if flags & SYN or (flags & RST and flags & ACK and not side["bits"] & HAS_NEXT):
        other = side["bits"] & HAS_ISN and not is_isn(side, segment["seq"])
        if not answers:
            return FAR
        return FAR - 1 if other else 0  # an answer with another number is of the one that dialled
    if not side["bits"] & HAS_NEXT:
        return FAR
    far = int64(abs(position(side["next"], segment["seq"]) - side["next"]))
    if flags & ACK:
        if not peer["bits"] & HAS_NEXT:
            return FAR
        far += int64(abs(position(peer["next"], segment["ack"]) - peer["next"]))
    return far


@kernel
def is_in(flow: np.void, segment: np.void) -> bool:
    """Tell whether a flow is known to pass through the network that a segment was seen in."""
    return bool(
        flow["network"] == segment["network"] or flow["other_network"] == segment["network"]
    )


@kernel
def share_network(one: np.void, other: np.void) -> bool:
    """Tell whether two flows are known to pass through one network."""
    return bool(
        one["network"] == other["network"]
        or one["network"] == other["other_network"]
        or one["other_network"] == other["network"]
        or one["other_network"] == other["other_network"]
    )


@rare_kernel
def _find_apart(segment: np.void, row: int, tables: SidedTable) -> int:
    flows, newest, half = tables.flows, row >> 1, row & 1
    alone = 0 if int64(segment["flags"]) & (ACK | SYN) else _ALONE
    own, own_far, fits, fits_own, least = NONE, 0, NONE, False, _NEAR
    index, count = newest, 0
    while index >= 0 and count < _MOST:
        if same_endpoints(flows[index], flows[newest]):
            count += 1
            mine = is_in(flows[index], segment)
            far = distance(2 * index + half, segment, tables) << alone
            if mine and own == NONE:
                own, own_far = index, far
            if far < least or (far == least and (mine or not fits_own)):
                fits, fits_own, least = index, mine, far
        index = int64(flows[index]["next_in_bucket"])
    if fits != NONE and not fits_own:
        flows[fits]["other_network"] = segment["network"]
        tables.state["aliased"] += 1
        return 2 * fits + half
    if fits != NONE and own_far >= _NEAR:  # both pass through several
        return 2 * fits + half
    while index >= 0 and own == NONE and count < _MOST_ASKED:
        if same_endpoints(flows[index], flows[newest]):
            count += 1
            if is_in(flows[index], segment):
                own = index
        index = int64(flows[index]["next_in_bucket"])
    if own != NONE:
        return 2 * own + half
    return row if count == _MOST_ASKED else APART


@kernel
def find_flow(segment: np.void, tables: SidedTable) -> int:
    """Return the row of the segment's sender in the newest flow of its endpoints in its network, or
    in one of another network that the segment goes on in; NONE, or APART: there is none."""
    row = find(segment, tables)
    if row < 0:
        return NONE
    flow = tables.flows[row >> 1]
    if is_in(flow, segment) and not flow["apart"]:
        return row
    return _find_apart(segment, row, tables)


@rare_kernel
def set_apart(row: int, tables: FlowTable) -> None:
    """Note that the flow of ``row``, the newest of its endpoints, is in another network than others
    of these."""
    flows, newest = tables.flows, row >> 1
    index = newest
    while index >= 0:
        if same_endpoints(flows[index], flows[newest]):
            flows[index]["apart"] = 1
        index = int64(flows[index]["next_in_bucket"])
