"""How long a side could have sent a keepalive probe and did not (bareos.md §6.1, §6.4).

An idle period lasts while the side is established, open, waits for no acknowledgement, faces an
open window, and neither receives anything nor sends more than bare ACKs. Whatever cannot be known
ends it uncounted: a fault is never built on a guess. Whatever ends it and may be forged ends it
too, but how long it lasted without that is kept beside it (``doubt_longest``).
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tcp_state import (
    ACKED,
    FIN_ACKED,
    FIN_REPEATED,
    IDLE,
    NEVER,
    NEXT_CERTAIN,
    RECEIPT_SEEN,
    SENT_ACK,
    SENT_SYN,
)
from auditor.kernels import kernel
from auditor.packets.integers import int64


@kernel
def has_closed(side: np.void) -> bool:
    """Tell whether the side closed its half: its FIN was acknowledged, or it goes on sending it."""
    return bool(side["bits"] & (FIN_ACKED | FIN_REPEATED))


@kernel
def may_probe(flow: np.void, side: np.void, peer: np.void) -> bool:
    """Tell whether this side's keepalive timer is certainly running now.

    After its own FIN a side is usually an orphan without a timer, so it does not count.
    """
    bits = side["bits"]
    return bool(
        bits & NEXT_CERTAIN
        and bits & ACKED
        and side["acked"] == side["next"]
        and peer["segments"] > 0
        and peer["window"] > 0
        and not has_closed(side)
        and flow["ended"] == NEVER
        and (bits & SENT_ACK or not bits & SENT_SYN)
    )


@kernel
def begin_idle(side: np.void, time: int) -> None:
    """Begin an idle period."""
    side["idle_since"] = time
    side["bits"] |= IDLE
    if side["doubt_since"] == NEVER:
        side["doubt_since"] = time


@kernel
def count_doubt(side: np.void, time: int) -> None:
    """Count how long it was idle up to ``time`` if nothing that cannot be proven is true."""
    since = int64(side["doubt_since"])
    if since != NEVER and time - since > side["doubt_longest"]:
        side["doubt_longest"] = time - since
        side["doubt_began"] = since


@kernel
def end_idle(flow: np.void, side: np.void, time: int) -> None:
    """End the idle period, if one is running, and count it: at most to the end of the flow, or of
    this side of it, which may be shown to be false later."""
    if side["bits"] & IDLE:
        count_doubt(side, time)
        side["bits"] &= ~IDLE
        if has_closed(side):
            time = min(time, int64(side["fin"]))
        if flow["ended"] != NEVER:
            time = min(time, int64(flow["ended"]))
        length = time - side["idle_since"]
        if length > side["longest_idle"]:
            side["longest_idle"] = length
            side["longest_idle_began"] = side["idle_since"]


@kernel
def settle_doubt(side: np.void) -> None:
    """Note that the side heard or did something that is true."""
    side["doubt_since"] = NEVER


@kernel
def believe_doubt(side: np.void) -> None:
    """Count what was in doubt: what ended these idle periods is shown to be false."""
    if side["doubt_longest"] > side["longest_idle"]:
        side["longest_idle"] = side["doubt_longest"]
        side["longest_idle_began"] = side["doubt_began"]


@kernel
def discard_idle(side: np.void, time: int) -> None:
    """End the idle period without counting it: something unseen seems to have happened during
    it."""
    if side["bits"] & IDLE:
        count_doubt(side, time)
    side["bits"] &= ~IDLE


@kernel
def restart_idle_timer(flow: np.void, side: np.void, peer: np.void, time: int, seen: bool) -> None:
    """Restart the idle timer of ``side``, which received something at ``time``.

    ``seen``: that was a segment of the capture; otherwise ``time`` is an early bound.
    """
    side["last_receipt"] = time
    side["bits"] = side["bits"] & ~RECEIPT_SEEN | (RECEIPT_SEEN if seen else 0)
    end_idle(flow, side, time)
    if may_probe(flow, side, peer):
        begin_idle(side, time)
