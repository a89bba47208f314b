"""From the tracker's rows to a Side: what one end of a flow sent, and how far its peer heard it."""

from __future__ import annotations

import numpy as np

from auditor.flows.flow import Side
from auditor.flows.gaps import missing_octets
from auditor.flows.how_ended import Stall
from auditor.flows.idle_periods import Ends, longest_idle, unasked_by, unsure_rst
from auditor.flows.probe import Probe
from auditor.flows.side_frames import side_frames
from auditor.flows.stall import STALL_DEFIED, STALL_OVER, STALL_RESET, STALL_SENT
from auditor.flows.tcp_state import ACKED, FIN_ACKED, HAS_ISN, HAS_NEXT, NEVER

#: Sequence numbers are below it.
_NUMBERS = 1 << 32
Probes = tuple[Probe, ...]


def time_or_none(value: int) -> int | None:
    """Return a time of the tables (ns) as it is handed on."""
    return None if value == NEVER else int(value)


def build_side(
    flow: np.void, ends: Ends, address: str, port: int, probes: Probes, end: int
) -> Side:
    """Return the first of ``ends``; ``end`` is the time (ns) at which the capture ended."""
    side = ends[0]
    seen = side["segments"] > 0
    longest, began = longest_idle(flow, ends, end)
    unsure = unsure_rst(flow, side)
    return Side(
        address=address,
        port=port,
        segments=int(side["segments"]),
        payload_bytes=int(side["payload_bytes"]),
        first=int(side["first"]) if seen else None,
        last=int(side["last"]) if seen else None,
        longest_idle=longest,
        longest_idle_began=began,
        unasked=unasked_by(flow, ends, end),
        probes=probes,
        retransmissions=int(side["retransmissions"]),
        missing=int(missing_octets(side)) if side["gap_count"] else int(side["missing"]),
        zero_windows=int(side["zero_windows"]),
        ttl=_ttl(side),
        fin=time_or_none(side["fin_denied" if _is_fin_kept(side) else "fin"]),
        fin_heard=_is_fin_heard(side),
        rst=time_or_none(side["rst"]) if unsure is None else unsure,
        rst_ttl=int(side["rst_ttl" if unsure is None else "rst_ahead_ttl"]),
        rst_unsure=unsure is not None,
        rst_last=time_or_none(side["rst_last"]),
        said=time_or_none(side["said"]),
        spoke=time_or_none(side["spoke"]),
        shut=bool(seen and side["window"] == 0),
        stall=_stall(side, ends[1]),
        largest_acked=_largest_acked(side),
        frames=side_frames(side, kept=_is_fin_kept(side), unsure=unsure is not None),
        stream=_stream(side),
        isn=int(side["isn"]) % _NUMBERS if side["bits"] & HAS_ISN else None,
        reached=int(side["next"]) % _NUMBERS if side["bits"] & HAS_NEXT else None,
    )


def _ttl(side: np.void) -> int:
    """Return the TTL of its first segment, unless nothing else that told its peer something has it:
    some hosts and load balancers give a SYN one of its own."""
    return int(side["ttl"] if side["proven_ttl"] else side["other_ttl"] or side["ttl"])


def _largest_acked(side: np.void) -> int:
    """Return the largest segment that was acknowledged, the one that was waited for included, but
    for one that its sender went on to repeat."""
    if side["stall_state"] & STALL_DEFIED and side["largest_acked"] >= side["stall_length"]:
        return int(side["largest_before"])
    arrived = side["bits"] & ACKED and side["acked"] >= side["large_end"]
    return int(max(side["largest_acked"], side["large_length"] if arrived else 0))


def _stall(side: np.void, peer: np.void) -> Stall | None:
    """Return what the side sent last and nobody acknowledged, as far as its sender knows; None: all
    was acknowledged."""
    begin = int(side["stall_begin"])
    first = side["acked"] if side["bits"] & ACKED else side["lowest"]
    state = int(side["stall_state"])
    again = state & (STALL_SENT | STALL_DEFIED) == STALL_SENT | STALL_DEFIED
    defied = (again or (state & STALL_RESET and peer["rst"] != NEVER)) and not state & STALL_OVER
    sends = int(side["stall_sends"]) - (int(side["stall_answers"]) if first != begin else 0)
    if sends < 1 or not (first == begin or (defied and first > begin)):
        return None
    known = side["bits"] & HAS_ISN
    return Stall(
        number=begin - int(side["isn"]) if known else begin % (1 << 32),
        first=int(side["stall_first"]),
        last=int(side["stall_last"]),
        sends=sends,
        silence=int(side["stall_silence"]),
        length=int(side["stall_length"]),
        defied=bool(first > begin),
    )


def _stream(side: np.void) -> int | None:
    """Return how many bytes it sent: the SYN's number comes before them, the FIN's after."""
    if not side["bits"] & HAS_ISN:
        return None
    if _is_fin_heard(side):
        return max(0, int(side["fin_place"] - side["isn"]) - 1)
    return max(0, int(side["next"] - side["isn"]) - 1 - int(side["bits"] & FIN_ACKED != 0))


def _is_fin_heard(side: np.void) -> bool:
    """Tell whether the peer acknowledged its FIN, and nothing that somebody put where it was, or
    behind it."""
    heard = side["fin"] != NEVER and side["bits"] & ACKED
    return bool(heard and side["acked"] == side["fin_place"] + 1) or _is_fin_kept(side)


def _is_fin_kept(side: np.void) -> bool:
    """Tell whether data came in the place of a FIN that had been acknowledged, and nobody
    acknowledged them: they are what is false."""
    denied = side["fin"] == NEVER and side["fin_denied"] != NEVER and side["fin_sends"]
    return bool(denied and side["acked"] <= side["fin_place"])
