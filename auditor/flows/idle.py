"""How long a side could have sent a keepalive probe and did not (bareos.md §6.1, §6.4).

A stretch is clean while the side is established, open, owes nothing to the network, faces an
open window, and neither hears its peer nor says more than bare ACKs. Whatever cannot be known
ends a stretch uncounted: a fault is never built on a guess.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.tables import ACKED, DIALLED, HEARD, NEVER, QUIET, SPOKE, SURE
from auditor.kernels import kernel


@kernel
def may_probe(flow: np.void, side: np.void, peer: np.void) -> bool:
    """Tell whether this side's keepalive timer is certainly running now.

    After its own FIN a side is usually an orphan without a timer, so it does not count.
    """
    bits = side["bits"]
    return bool(
        bits & SURE
        and bits & ACKED
        and side["acked"] == side["next"]
        and peer["segments"] > 0
        and peer["window"] > 0
        and side["fin"] == NEVER
        and flow["ended"] == NEVER
        and (bits & SPOKE or not bits & DIALLED)
    )


@kernel
def begin_quiet(side: np.void, time: int) -> None:
    """Start a clean stretch."""
    side["idle_since"] = time
    side["bits"] |= QUIET


@kernel
def end_quiet(side: np.void, time: int) -> None:
    """End the stretch and count it."""
    if side["bits"] & QUIET:
        side["bits"] &= ~QUIET
        length = time - side["idle_since"]
        if length > side["longest"]:
            side["longest"] = length
            side["longest_began"] = side["idle_since"]


@kernel
def forget_quiet(side: np.void) -> None:
    """End the stretch without counting it: something unseen happened during it."""
    side["bits"] &= ~QUIET


@kernel
def restart_idle_timer(flow: np.void, side: np.void, peer: np.void, time: int, heard: int) -> None:
    """Restart the side's idle clock; ``heard`` is HEARD, or 0 if ``time`` is too early a bound."""
    side["heard"] = time
    side["bits"] = (side["bits"] & ~HEARD) | heard
    end_quiet(side, time)
    if may_probe(flow, side, peer):
        begin_quiet(side, time)
