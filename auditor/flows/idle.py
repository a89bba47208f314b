"""How long a side could have sent a keepalive probe and did not (bareos.md §6.1, §6.4).

An idle period lasts while the side is established, open, waits for no acknowledgement, faces an
open window, and neither receives anything nor sends more than bare ACKs. Whatever cannot be known
ends it uncounted: a fault is never built on a guess.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tcp_state import (
    ACKED,
    IDLE,
    NEVER,
    NEXT_CERTAIN,
    RECEIPT_SEEN,
    SENT_ACK,
    SENT_SYN,
)
from auditor.kernels import kernel


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
        and side["fin"] == NEVER
        and flow["ended"] == NEVER
        and (bits & SENT_ACK or not bits & SENT_SYN)
    )


@kernel
def begin_idle(side: np.void, time: int) -> None:
    """Begin an idle period."""
    side["idle_since"] = time
    side["bits"] |= IDLE


@kernel
def end_idle(side: np.void, time: int) -> None:
    """End the idle period, if one is running, and count it."""
    if side["bits"] & IDLE:
        side["bits"] &= ~IDLE
        length = time - side["idle_since"]
        if length > side["longest_idle"]:
            side["longest_idle"] = length
            side["longest_idle_began"] = side["idle_since"]


@kernel
def discard_idle(side: np.void) -> None:
    """End the idle period without counting it: something unseen happened during it."""
    side["bits"] &= ~IDLE


@kernel
def restart_idle_timer(flow: np.void, side: np.void, peer: np.void, time: int, seen: bool) -> None:
    """Restart the idle timer of ``side``, which received something at ``time``.

    ``seen``: that was a segment of the capture; otherwise ``time`` is an early bound.
    """
    side["last_receipt"] = time
    side["bits"] = side["bits"] & ~RECEIPT_SEEN | (RECEIPT_SEEN if seen else 0)
    end_idle(side, time)
    if may_probe(flow, side, peer):
        begin_idle(side, time)
