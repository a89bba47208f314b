"""Keepalive probes that somebody else sends in the name of a side, so that a heartbeat seems right.

A way that changes while a connection is silent changes the TTL of all that follows. Who writes
probes from another place has his own TTL, and what the side then sends itself has the old one.
Where anything else of the side that was news to its peer had a second TTL, it has two ways.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from auditor.flows.keepalive import A_PROBE
from auditor.flows.resets import has_foreign_ttl
from auditor.flows.tampering import PROBE_FROM_ELSEWHERE, Tampering
from auditor.kernels import kernel


@kernel
def learn_ttl(side: np.void, segment: np.void) -> None:
    """Take in the TTL of a segment that tells its peer something new."""
    if has_foreign_ttl(side, segment):
        side["other_ttl"] = segment["ttl"]
    elif segment["ttl"] == side["ttl"]:
        side["proven_ttl"] = 1


@kernel
def on_odd_probe(side: np.void, segment: np.void, kind: int) -> None:
    """Take in a segment that is such a probe, or the first with the old TTL after one."""
    foreign = has_foreign_ttl(side, segment)
    if kind == A_PROBE and foreign:
        if side["odd_probe"] == 0:
            side["odd_probe"] = segment["number"]
    elif side["odd_probe"] != 0 and side["odd_return"] == 0 and not foreign:
        if kind == A_PROBE and not side["proven_ttl"]:  # probes alone: which is the odd one?
            return
        side["odd_return"] = segment["number"]
        side["odd_time"] = segment["time"]


def odd_probe_facts(sides: Iterable[np.void]) -> tuple[Tampering, ...]:
    """Return what that shows of the sides of a flow, the first of each."""
    return tuple(
        Tampering(
            PROBE_FROM_ELSEWHERE,
            int(side["odd_return"]),
            int(side["odd_probe"]),
            int(side["odd_time"]),
        )
        for side in sides
        if side["odd_return"] and not side["other_ttl"]
    )
