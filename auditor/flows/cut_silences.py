"""What a step of the capture's clock does: it cuts every silence that runs.

How long such a silence was nobody knows: it shows neither a probe that came in time nor one that is
missing. What follows counts from the step on, as what follows the beginning of a capture does.

A clock that is set back may have been set forward before, which nothing shows: a silence that ended
since, and is long enough to hide it, shows nothing either.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.store import Store
from auditor.flows.tcp_state import (
    BYTE_ANSWERED,
    FIN_ACKED,
    FIN_REPEATED,
    IDLE,
    NEVER,
    PROBE_CANDIDATE,
    RECEIPT_SEEN,
)
from auditor.packets.segments import Array, ClockStep

#: No copy of a frame comes so late (ns).
_LONG_AGO = 1_000_000_000


def cut_silences(store: Store, step: ClockStep) -> None:
    """Let all that waits since before a step of the clock wait since the step."""
    store.steps.append(step)
    count = int(store.state["flow_count"])
    flows, sides = store.flows[:count], store.sides[: 2 * count]
    ended = np.repeat(flows["ended"], 2)
    closed = (sides["bits"] & (FIN_ACKED | FIN_REPEATED)) != 0
    over = closed | (ended != NEVER)
    _count_idle(sides, over, np.where(closed, sides["fin"], ended))
    if step.after < step.before:
        _doubt(store, sides, step)
    flows["quiet"] = flows["quiet_bare"] = 0
    sides["bits"] &= ~(RECEIPT_SEEN | PROBE_CANDIDATE | BYTE_ANSWERED | np.where(over, IDLE, 0))
    sides["idle_since"] = sides["last_receipt"] = step.after
    sides["last_probe"] = NEVER
    sides["copy_time"] = step.after - _LONG_AGO
    sides["doubt_since"][sides["doubt_since"] != NEVER] = step.after
    sides["syn_time"][np.repeat(flows["rtt"] == NEVER, 2)] = step.after  # no round trip is so long
    waits = sides["heard_last"] != NEVER
    sides["heard_first"][waits] = sides["heard_last"][waits] = step.after


def _count_idle(sides: Array, over: Array, end: Array) -> None:
    """Count the idle periods that ended with their sides, those that are ``over``: at ``end``."""
    length = np.where(over & (sides["bits"] & IDLE != 0), end - sides["idle_since"], 0)
    longer = length > sides["longest_idle"]
    sides["longest_idle_began"][longer] = sides["idle_since"][longer]
    sides["longest_idle"][longer] = length[longer]


def _doubt(store: Store, sides: Array, step: ClockStep) -> None:
    """Forget what a clock that was set forward before, by half as much or more, may have made."""
    back = step.before - step.after
    for length, began in (("longest_idle", "longest_idle_began"), ("doubt_longest", "doubt_began")):
        spans = _spans(step, sides[began], sides[length]) & (2 * sides[length] >= back)
        sides[length][spans] = 0
        sides[began][spans] = NEVER
    probes = store.probes[: int(store.state["probe_count"])]
    spans = _spans(step, probes["time"] - probes["interval"], probes["interval"])
    probes["exact"][spans & (2 * probes["interval"] >= back)] = 0


def _spans(step: ClockStep, began: Array, length: Array) -> Array:
    """Tell which periods began before the time that the clock was set to, and ended after it."""
    return (began <= step.after) & (step.after < began + length) & (began + length <= step.before)
