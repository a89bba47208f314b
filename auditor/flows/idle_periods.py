"""The longest idle period of a side as a capture ends, and how the flow stands then."""

from __future__ import annotations

import numpy as np

from auditor.flows.idle import has_closed
from auditor.flows.tail import idle_beside, is_left_alone
from auditor.flows.tampering import Unasked
from auditor.flows.tcp_state import IDLE, NEVER

#: A side of a flow, and its peer.
Ends = tuple[np.void, np.void]


def unsure_rst(flow: np.void, side: np.void) -> int | None:
    """Return the time (ns) of a RST ahead of a stream after which nothing came; None: there
    is none. The capture lost what lies between, or somebody made it up."""
    time = int(side["rst_ahead"])
    return time if flow["ended"] == NEVER and time != NEVER and time > flow["last"] else None


def ended(flow: np.void, sides: Ends) -> int | None:
    """Return when the flow ended, ns; None: it did not."""
    if flow["ended"] != NEVER:
        return int(flow["ended"])
    resets = [time for side in sides if (time := unsure_rst(flow, side)) is not None]
    return min(resets, default=None)


def longest_idle(flow: np.void, ends: Ends, end: int) -> tuple[int, int | None]:
    """Return the longest idle period (ns) of the first of both, and its start; one that still runs
    counts up to ``end``, or to the end of the flow, or of this side of it.

    What it received last and did not acknowledge it may have received or not: then the running
    period counts up to it, or from there.
    """
    side, _ = ends
    longest, began = int(side["longest_idle"]), int(side["longest_idle_began"])
    since = _since(ends, end)
    if since != NEVER:
        stop = _stop(flow, ends, end)
        first = last = since
        if side["heard_last"] != NEVER:
            first, last = int(side["heard_first"]), int(side["heard_last"])
        periods = [(longest, began), (stop - last, last), (min(first, stop) - since, since)]
        longest, began = max(periods, key=lambda period: period[0])
    return (longest, began) if longest > 0 else (0, None)


def unasked_by(flow: np.void, ends: Ends, end: int) -> Unasked:
    """Return the ACKs of the first of both that nothing asked for, and what they do to its peer."""
    side, peer = ends
    if not side["unasked"]:
        return Unasked()
    idle = max(int(peer["doubt_longest"]), longest_idle(flow, (peer, side), end)[0])
    if peer["bits"] & IDLE and peer["doubt_since"] != NEVER:
        idle = max(idle, _stop(flow, (peer, side), end) - int(peer["doubt_since"]))
    count, frame = int(side["unasked"]), int(side["unasked_frame"])
    return Unasked(count, frame, int(side["unasked_after"]), idle)


def _since(ends: Ends, end: int) -> int:
    side, peer = ends
    if side["bits"] & IDLE:
        return int(side["idle_since"])
    return int(idle_beside(side)) if is_left_alone(side, peer, end) else NEVER


def _stop(flow: np.void, ends: Ends, end: int) -> int:
    closed = int(ends[0]["fin"]) if has_closed(ends[0]) else None
    known = (end, ended(flow, ends), closed)
    return min(time for time in known if time is not None)
