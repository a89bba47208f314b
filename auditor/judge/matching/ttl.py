"""Whether a router lay between a host and the tap, by the hop count of its segments."""

from __future__ import annotations

from auditor.flows.flow import Side

#: Hop counts that systems start with: a segment that still has one has passed no router.
_INITIAL_TTL = frozenset({64, 128, 255})


def has_initial_ttl(side: Side) -> bool:
    """Tell whether a side's segments reached the tap without a router, so that its address is
    that of one host and not of a NAT router with many behind it."""
    return side.ttl in _INITIAL_TTL


def is_routed(side: Side) -> bool:
    """Tell whether a router lay between a side and the tap; False also where none of its segments
    was seen."""
    return side.ttl > 0 and not has_initial_ttl(side)
