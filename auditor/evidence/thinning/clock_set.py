"""What thinning does where a capture's clock was set: times before and after do not compare."""

from __future__ import annotations

import numpy as np

from auditor.flows.tcp_state import NEVER
from auditor.packets.segments import Array

#: So many segments of each connection are kept then: by these it is known again how long it is
#: silent.
_KNOWN_AGAIN = 8


def set_clock(now: int, state: np.void, flows: Array, sides: Array) -> int:
    """Let the clock show ``now`` (ns UTC) and all be active then; return how many segments were
    read before. Nothing may be held back."""
    state["clock"] = now
    sides["active_at"] = now
    sides["unchanged_since"] = NEVER
    flows["doubtful"] = np.maximum(flows["doubtful"], _KNOWN_AGAIN)
    return int(state["matched"])
