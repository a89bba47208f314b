"""From how far away a segment came, as its TTL tells."""

from __future__ import annotations

from auditor.flows.flow import Side


def is_foreign_rst(side: Side) -> bool:
    """Tell whether a RST in a side's name came from another distance than its other segments.

    Some hosts begin with another TTL for RST.
    """
    return side.ttl > 0 and hops(side.rst_ttl) != hops(side.ttl)


def hops(ttl: int) -> int:
    """Return how many routers a segment with this TTL came through, at least; of 0 (never seen) 32.

    Hosts begin with 32, 64, 128 or 255.
    """
    return next(initial for initial in (32, 64, 128, 255) if ttl <= initial) - ttl
