"""Frames that a tap delivers twice, as against segments that were sent twice."""

from __future__ import annotations

import numpy as np

from auditor.kernels import kernel

#: A tap that sees a frame at two ports delivers both copies within this time (ns).
_TWICE = 100_000_000


@kernel
def is_copy(side: np.void, segment: np.void) -> bool:
    """Tell whether ``segment`` is the one that was noted last, delivered once more."""
    return bool(
        side["copy_seq"] == segment["seq"]
        and side["copy_ack"] == segment["ack"]
        and side["copy_ident"] == segment["ident"]
        and side["copy_length"] == segment["length"]
        and side["copy_window"] == segment["window"]
        and side["copy_flags"] == segment["flags"]
        and abs(segment["time"] - side["copy_time"]) < _TWICE
    )


@kernel
def note_copy(side: np.void, segment: np.void) -> None:
    """Remember by what a copy of ``segment`` would be known."""
    side["copy_time"] = segment["time"]
    side["copy_seq"] = segment["seq"]
    side["copy_ack"] = segment["ack"]
    side["copy_ident"] = segment["ident"]
    side["copy_length"] = segment["length"]
    side["copy_window"] = segment["window"]
    side["copy_flags"] = segment["flags"]
