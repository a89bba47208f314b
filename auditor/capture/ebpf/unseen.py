"""How many bytes of a side the kernel's filter knows to be missing.

``flows.gaps.missing_octets`` with no more than the standard library: this runs
in the process that captures.
"""

from __future__ import annotations

from auditor.capture.ebpf.layout import SideStruct
from auditor.flows.tcp_state import ACKED


def unseen_octets(side: SideStruct) -> int:
    """Return how many bytes of a side its peer acknowledged that were not seen."""
    missing = int(side.missing)
    if side.bits & ACKED:
        gaps = side.gaps[: 2 * side.gap_count]
        for begin, end in zip(gaps[::2], gaps[1::2], strict=True):
            missing += max(0, min(end, side.acked) - begin)
    return missing
