"""Answers that stand before their probes: a tap has a clock for each direction, and they differ.

Such an ACK is one that nothing asked for (``unasked``) until the probe comes.
"""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel
from auditor.packets.integers import int64

#: The clocks of two ports of a tap differ by less (ns): within it an answer may stand before its
#: probe. No timer of a probe is shorter.
_CLOCKS_DIFFER = 900_000_000


@kernel
def stands_before(side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether the last that ``side`` received is such an ACK, and so shortly before this
    segment of it that it may answer it: where a tap has a clock for each direction."""
    last = int64(side["last_receipt"])
    if peer["unasked"] == 0 or peer["unasked_at"] != last:
        return False
    return bool(0 <= segment["time"] - last < _CLOCKS_DIFFER)


@kernel
def take_back(side: np.void, peer: np.void) -> None:
    """Take that ACK of the peer out of the count: ``side`` probed, and it is the answer.

    Who forges an ACK has to forge a probe after it, which would be one without that ACK too.
    """
    peer["unasked"] -= 1
    peer["unasked_at"] = 0
    peer["unasked_after"] = peer["unasked_after_before"]
    side["last_receipt"] = peer["receipt_before"]
