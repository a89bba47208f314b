"""The first bytes of each side's stream, put in place by sequence number.

Reordered, split, overlapping and retransmitted segments all give the same bytes. Bytes that the
capture cut off (snap length) leave holes. What becomes of bytes that differ from those that are
there already is told in ``hello_copies``.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.checksums import has_wrong_checksum
from auditor.flows.hello_copies import ODD, REFUSED, is_marked, mark, place_bytes
from auditor.flows.streams import stream_offset
from auditor.flows.tables import BLOCK, BLOCKS, HELLO_BYTES, Tables
from auditor.flows.tampering import FRAGMENTS_DIFFER
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import FIRST_SEEN, HAS_ISN, HAS_START, HELLO_DONE, NONE
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.segments import ACK, SYN, TORN, UNSURE, Array

#: How far (modulo 2^16) the IP identification of a side may have gone on from its first segment
#: when it says hello: senders that count, count packets.
_IDENT_TRAIN = 1024


@kernel
def move_start(side: np.void, start: int, tables: Tables) -> None:
    """Let the stream begin at position ``start``, earlier than was thought; move what is there."""
    by = side["stream_start"] - start
    if by <= 0 or by >= HELLO_BYTES:
        return
    side["stream_start"] = start
    if side["hello"] < 0:
        return
    hello, filled = tables.hellos[side["hello"]], tables.filled[side["hello"]]
    trace = tables.traces[side["hello"]]
    second = tables.hellos[max(0, int64(trace["second"]) - 1)]
    for k in range(HELLO_BYTES - 1, -1, -1):
        keep = k >= by and is_marked(filled, k - by)
        if keep:
            hello[k] = hello[k - by]
            if trace["second"] > 0:
                second[k] = second[k - by]
        mark(filled, k, keep)
        mark(trace["refused"], k, keep and is_marked(trace["refused"], k - by))
        mark(trace["odd"], k, keep and is_marked(trace["odd"], k - by))
    for k in range(BLOCKS - 1, -1, -1):
        trace["frames"][k] = trace["frames"][max(0, k - by // BLOCK)]


@kernel
def _has_room(side: np.void, tables: Tables) -> bool:
    """Give the side a row of the hellos if it has none; tell whether it has one now."""
    state = tables.state
    if side["hello"] < 0:
        if state["hello_count"] >= len(tables.hellos):
            state["lost_hellos"] += 1
            side["bits"] |= HELLO_DONE
            return False
        side["hello"] = state["hello_count"]
        state["hello_count"] += 1
    return True


@kernel
def _doubts(side: np.void, segment: np.void, buffer: Array) -> int:
    """Return what speaks against a segment of ``side``: REFUSED, ODD or both.

    A receiver drops what has a wrong checksum or no ACK (RFC 9293 §3.10.7.4). A TTL or IP
    identification that the side's first segment did not have is odd, and proves nothing. A SYN-ACK
    of Linux has the identification 0 whatever follows (``ip_build_and_send_pkt`` in
    net/ipv4/ip_output.c).
    """
    doubts = 0
    if not int64(segment["flags"]) & (ACK | SYN) or has_wrong_checksum(side, segment, buffer):
        doubts |= REFUSED
    gone = (int64(segment["ident"]) - int64(side["ident"])) & 0xFFFF
    strange = side["ident"] != 0 and _IDENT_TRAIN < gone < 0x10000 - _IDENT_TRAIN
    if segment["ttl"] != side["ttl"] or strange:
        doubts |= ODD
    return doubts


@kernel
def says_hello(side: np.void, segment: np.void, begin: int) -> bool:
    """Tell whether a segment at ``begin`` may carry bytes that are wanted."""
    if segment["length"] == 0 or side["bits"] & HELLO_DONE:
        return False
    return not side["bits"] & HAS_START or begin - side["stream_start"] < HELLO_BYTES


@kernel
def copy_hello(row: int, segment: np.void, begin: int, buffer: Array, tables: Tables) -> None:
    """Copy what the segment carries of the stream's first HELLO_BYTES; ``begin``: its position."""
    side = tables.sides[row]
    captured = min(int64(segment["captured"]), int64(segment["length"]))
    captured = min(captured, len(buffer) - int64(segment["payload"]))
    offset = stream_offset(side, segment, begin)
    if offset <= 0 < offset + int64(segment["length"]) and side["bits"] & HAS_ISN:
        side["bits"] |= FIRST_SEEN
    if offset >= HELLO_BYTES:
        return
    if offset < 0 and not side["bits"] & HAS_ISN:
        move_start(side, side["stream_start"] + offset, tables)
        offset = stream_offset(side, segment, begin)
    first = max(0, -offset)
    last = min(captured, HELLO_BYTES - offset)
    if first >= last or not _has_room(side, tables):
        return
    if side["hello_frame"] == 0:
        side["hello_frame"] = segment["number"]
    trace = tables.traces[side["hello"]]
    if captured < int64(segment["length"]) and trace["cut"] == 0:
        trace["cut"] = 1 + offset + captured
    if segment["torn"] in (TORN, UNSURE):
        note_tampering(segment, row, FRAGMENTS_DIFFER, 0, tables)
    place_bytes(row, segment, offset, first, last, _doubts(side, segment, buffer), buffer, tables)
    if segment["torn"] == TORN and trace["second"] == 0:
        trace["second"] = NONE  # what the receiver made of the fragments depends on its system
