"""What a side sent and nobody acknowledges, and the silences that a connection survived.

Both are told from the order of segments alone (RFC 9293 §3.8.1). A *silence* is a time in which
neither side sent anything, since any segment lets a device on the way remember the connection. A
segment that the capture missed makes it no silence: then nothing is concluded.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.keepalive import A_PROBE
from auditor.flows.sequence import position
from auditor.flows.skips import REPEATS_WITHIN, has_open_fin
from auditor.flows.streams import end_of
from auditor.flows.tcp_state import ACKED, HAS_NEXT, SEQ_SEEN
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, FIN, SYN

#: Shorter silences (ns) are of no interest: no device forgets a connection so soon, and thinning
#: keeps less of what ends them.
SHORTEST_SILENCE = 1_000_000_000


#: A probe is answered within this time (ns).
_ANSWERS_WITHIN = 3_000_000_000

#: Bits of a stall: it was sent and not acknowledged since; it was sent again although it had been
#: acknowledged; its sender went on; its peer answered by RST.
STALL_SENT, STALL_DEFIED, STALL_OVER, STALL_RESET = 1, 2, 4, 8


@kernel
def silence_before(side: np.void, peer: np.void, segment: np.void, begin: int, quiet: int) -> int:
    """Return how long (ns) both sides were silent before this segment; 0: not known, or no matter.

    ``quiet`` is the time since the flow's latest segment. Call it before the segment is taken in.
    """
    if quiet < SHORTEST_SILENCE or (side["bits"] & SEQ_SEEN and begin > side["next"]):
        return 0
    acked = 0
    if peer["bits"] & HAS_NEXT and int64(segment["flags"]) & ACK:
        acked = position(peer["next"], segment["ack"]) - peer["next"]
    return 0 if acked > 0 else quiet


@kernel
def on_silence(
    flow: np.void,
    side: np.void,
    peer: np.void,
    row: int,
    segment: np.void,
    end: int,
    silence: int,
) -> None:
    """Take in a segment that ends a silence, or shows that an earlier one was survived.

    It was when the peer acknowledges what ended it: something new at any time, by any segment, but
    a probe at once, by a bare ACK. An acknowledgement of more than was sent is none.
    """
    time = int64(segment["time"])
    if flow["quiet_bare"] and time - flow["quiet_time"] > _ANSWERS_WITHIN:
        flow["quiet"] = 0
    if flow["quiet"] == 0:
        flow["quiet_bare"] = 0
        if silence > 0:
            flow["quiet"] = silence
            flow["quiet_time"] = time
            flow["quiet_bare"] = side["bits"] & ACKED != 0 and end <= side["acked"]
            flow["quiet_side"] = row & 1
            flow["quiet_end"] = max(end, side["next"])  # an empty probe ends before that
    elif flow["quiet_side"] != row & 1 and int64(segment["flags"]) & ACK:
        acked = position(flow["quiet_end"], segment["ack"])
        answered = flow["quiet_end"] <= acked <= peer["next"] + has_open_fin(peer)
        if answered and not (flow["quiet_bare"] and segment["length"] > 0):
            if flow["quiet"] > flow["survived"]:
                if not flow["survived_again"]:
                    flow["survived_before"] = flow["survived"]
                flow["survived"] = flow["quiet"]
                flow["survived_side"] = flow["quiet_side"]
                flow["survived_end"] = flow["quiet_end"]
                flow["survived_again"] = 0
            flow["quiet"] = 0


@kernel
def defy_silence(flow: np.void, side: np.void, row: int, segment: np.void, begin: int) -> None:
    """Take in a segment of a side of which a silence seems to be survived. Who sends what ended it
    once more did not get the acknowledgement; who repeats what came after it got that."""
    if flow["survived"] == 0 or flow["survived_side"] != row & 1:
        return
    end = end_of(segment, begin)
    if end > side["next"]:
        flow["survived_again"] = 0
    elif begin < flow["survived_end"] and end > begin + 1:
        flow["survived_again"] = 1


@kernel
def _defy_stall(side: np.void, segment: np.void, begin: int, end: int) -> None:
    """Take in a segment of a side that seems to have been heard. Who sends the same again did not
    get the acknowledgement; then the answer to that may have been lost, or the first was forged."""
    if begin == side["stall_begin"] and (segment["length"] > 1 or int64(segment["flags"]) & FIN):
        side["stall_sends"] += 1
        side["stall_last"] = segment["time"]
        side["stall_state"] |= STALL_SENT | STALL_DEFIED
        side["stall_state"] &= ~STALL_OVER
    elif end > side["next"]:
        side["stall_state"] |= STALL_OVER


@kernel
def note_reset(side: np.void) -> None:
    """Take in that the peer of ``side`` sent RST: what it acknowledges afterwards is nothing."""
    if side["stall_sends"] > 0 and side["bits"] & ACKED and side["acked"] == side["stall_begin"]:
        side["stall_state"] |= STALL_RESET


@kernel
def _answer_stall(side: np.void, segment: np.void) -> None:
    """Take in what the peer of ``side`` acknowledges: each time it gets the same, it says so."""
    waits = side["stall_state"] & (STALL_SENT | STALL_RESET) == STALL_SENT
    if not waits or not int64(segment["flags"]) & ACK:
        return
    if position(side["next"], segment["ack"]) > side["stall_begin"]:
        side["stall_answers"] += 1
        side["stall_state"] &= ~STALL_SENT


@kernel
def on_stall(
    side: np.void, peer: np.void, segment: np.void, begin: int, end: int, kind: int, silence: int
) -> None:
    """Note a segment that begins with the first byte that was not acknowledged yet.

    What it acknowledges answers what its peer sends again and again.

    One that was not repeated in time was nobody's: every sender repeats what is not acknowledged.
    Facing a closed window it is no sign of anything: the peer takes nothing (bareos.md §6.3).
    """
    _answer_stall(peer, segment)
    bits = side["bits"]
    if side["stall_sends"] > 0 and bits & ACKED and side["acked"] > side["stall_begin"]:
        _defy_stall(side, segment, begin, end)
    if bits & ACKED:
        waits = begin == side["acked"]
    else:  # seen from the middle on: nobody acknowledged anything since
        waits = begin == side["lowest"] if bits & HAS_NEXT else True
    if not waits or end == begin or kind == A_PROBE:
        return
    if int64(segment["flags"]) & SYN or (peer["segments"] > 0 and peer["window"] == 0):
        return
    alone = side["stall_sends"] == 1 and segment["time"] - side["stall_last"] >= REPEATS_WITHIN
    if side["stall_sends"] == 0 or side["stall_begin"] != begin or alone:
        side["stall_begin"] = begin
        side["stall_first"] = segment["time"]
        side["stall_silence"] = silence
        side["stall_sends"] = 0
        side["stall_answers"] = 0
        side["stall_state"] = 0
    side["stall_sends"] += 1
    side["stall_state"] |= STALL_SENT
    side["stall_last"] = segment["time"]
    side["stall_length"] = segment["length"]


@kernel
def on_large(side: np.void, segment: np.void, end: int) -> None:
    """Note how large a segment has been acknowledged: the path takes such packets.

    Call it after what the peer acknowledged was taken in. One segment at a time is waited for.
    """
    if side["large_length"] > 0 and side["acked"] >= side["large_end"]:
        if side["large_length"] > side["largest_acked"]:
            side["largest_before"] = side["largest_acked"]
            side["largest_acked"] = side["large_length"]
        side["large_length"] = 0
    length = int64(segment["length"])
    if length > side["largest_acked"] and side["large_length"] == 0:
        side["large_length"] = length
        side["large_end"] = end
