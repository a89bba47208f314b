"""What a segment that counts means to both ends: what is counted, windows, and idle timers."""

from __future__ import annotations

import numpy as np

from auditor.flows.duplicate_frames import note_copy
from auditor.flows.heard import hear
from auditor.flows.idle import (
    begin_idle,
    count_doubt,
    end_idle,
    may_probe,
    restart_idle_timer,
    settle_doubt,
)
from auditor.flows.keepalive import MAYBE_PROBE
from auditor.flows.skips import has_open_skip
from auditor.flows.streams import is_first_ack
from auditor.flows.tcp_state import IDLE, NEVER, RECEIPT_SEEN, SENT_SYN
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import FIN, SYN


@kernel
def count(state: np.void, side: np.void, segment: np.void) -> None:
    """Count a segment of ``side``, and remember it to know a copy by."""
    time = segment["time"]
    if side["segments"] == 0:
        side["first"] = time
        side["last"] = time
        side["ttl"] = segment["ttl"]
        side["ident"] = segment["ident"]
        side["first_frame"] = segment["number"]
    side["last"] = max(side["last"], time)
    state["latest"] = max(state["latest"], time)
    side["segments"] += segment["part"] == 0
    side["payload_bytes"] += max(0, int64(segment["length"]) - int64(segment["part"]))
    side["last_frame"] = segment["number"]
    note_copy(side, segment)


@kernel
def on_window(flow: np.void, side: np.void, peer: np.void, segment: np.void, news: bool) -> None:
    """Take in the receive window. It closes only by what was received: a receiver never takes back
    what it offered (RFC 9293 §3.8.6), so without ``news`` of the peer nothing closes it."""
    flags = int64(segment["flags"])
    if segment["window"] == 0:
        if side["window"] > 0 and not news and not flags & SYN:
            return
        if not flags & (SYN | FIN):
            side["zero_windows"] += 1
        end_idle(flow, peer, segment["time"])
        settle_doubt(peer)
    side["window"] = segment["window"]


@kernel
def on_sent(
    flow: np.void, side: np.void, peer: np.void, segment: np.void, sent: int, unsure: bool
) -> None:
    """Take in what sending ``sent`` sequence numbers means to the sender's own idle timer.

    ``unsure``: before this segment it was not known whether all that it sent was acknowledged.
    """
    time = segment["time"]
    if sent > 0:
        end_idle(flow, side, time)
        count_doubt(side, time)
        side["sent_at"] = time
        side["said"] = max(side["said"], time)
    if is_first_ack(side, int64(segment["flags"])) and side["bits"] & SENT_SYN:
        flow["rtt"] = max(0, time - side["syn_time"])
        # Established since the SYN-ACK, which was received before this segment proves it.
        fresh = side["bits"] & RECEIPT_SEEN and side["last_probe"] == NEVER
        if fresh and may_probe(flow, side, peer):
            begin_idle(side, side["last_receipt"])
    if unsure and not side["bits"] & IDLE and may_probe(flow, side, peer):
        begin_idle(side, time)


@kernel
def on_received(
    flow: np.void, side: np.void, peer: np.void, segment: np.void, begin: int, end: int, kind: int
) -> None:
    """Take in what the segment means to the idle timer of the peer that receives it."""
    time = int64(segment["time"])
    if end > begin and not int64(segment["flags"]) & SYN:
        hear(peer, time, begin, end)
        return
    end_idle(flow, peer, time)
    if not has_open_skip(side):
        settle_doubt(peer)
    restart_idle_timer(flow, peer, side, time, kind != MAYBE_PROBE)
