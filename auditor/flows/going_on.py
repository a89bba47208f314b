"""Whether segments go on in connections that are open: where a recording was interrupted, that
shows that what follows was recorded at the same place."""

from __future__ import annotations

import numpy as np

from auditor.flows.store import Store
from auditor.flows.tcp_state import NEVER
from auditor.packets.segments import ACK, SYN, Array

_SIDES = ("a_hi", "a_lo", "a_port", "b_hi", "b_lo", "b_port")
_SEGMENT = (("src_hi", "src_lo", "sport"), ("dst_hi", "dst_lo", "dport"))


def goes_on(store: Store, segments: Array) -> bool:
    """Tell whether any of ``segments`` (dtype SEGMENT) is of a connection that has not ended: it is
    between the same ends, and no SYN is among them."""
    rows = store.flows[: int(store.state["flow_count"])]
    rows = rows[rows["ended"] == NEVER]
    if not len(rows):
        return False
    known = set(zip(*(rows[name].tolist() for name in _SIDES), strict=True))
    begun = segments["flags"] & (SYN | ACK) == SYN
    return not known.isdisjoint(_connections(segments[~begun]) - _connections(segments[begun]))


def _connections(segments: Array) -> set[tuple[int, ...]]:
    sides = [np.stack([segments[name].astype("u8") for name in names], 1) for names in _SEGMENT]
    unlike = np.unique(np.concatenate(sides, 1), axis=0).tolist()
    return {(*min(one[:3], one[3:]), *max(one[:3], one[3:])) for one in unlike}
