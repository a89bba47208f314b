"""The tracker's tables: what is remembered of a flow, of each side, and of each probe.

Record arrays that kernels fill and that only Python grows. A *row* names one side: ``2 * flow`` is
the endpoint that sorts first by (address, port), ``2 * flow + 1`` its peer: ``row ^ 1``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auditor.flows.lookup import FLOW_CORE, STATE_CORE
from auditor.flows.tcp_state import CANDIDATE, CLOCK, FRAMES, ORDER, SIDE_CORE
from auditor.packets.segments import Array

#: Bytes of each side's stream that are kept for its hello; of each BLOCK one frame is remembered.
HELLO_BYTES = 4096
BLOCK, BLOCKS = 64, HELLO_BYTES // 64
#: Gaps (sequence space that was not seen) remembered per side; a fifth pushes the oldest out.
GAPS = 4

FLOW = np.dtype(
    [
        *FLOW_CORE,
        ("first", "i8"),  # times, ns
        ("last", "i8"),
        ("ended", "i8"),
        ("rtt", "i8"),
        ("rivals", "i4"),  # how many at most on its endpoints were there before and are open
        ("nobodys", "u1"),  # 1: a SYN that its sender did not send opened it
        ("agreed", "u1"),  # 1: both sides' numbers fit to each other
        ("plain", "u1"),  # 1: in its plain course (``plain``)
        ("attempts", "i8"),  # how many that are alike it stands for (``folding``)
        ("syns", "i8"),
        ("duplicates", "i8"),
        ("alive", "i8"),  # when a side last showed that it had received something
        ("quiet_time", "i8"),  # when what ended it was sent, and whether that was nothing new
        ("quiet_bare", "i8"),
        ("quiet", "i8"),  # length of a silence whose end waits for an acknowledgement, or 0
        ("quiet_side", "i8"),  # who ended it, and the position after what it sent
        ("quiet_end", "i8"),
        ("survived", "i8"),  # longest silence after which the peer answered
        ("survived_side", "u1"),  # who ended it, and whether he sent that again afterwards
        ("survived_again", "u1"),
        ("survived_end", "i8"),  # the position after what ended it
        ("survived_before", "i8"),  # the longest before it
        ("tampered", "i8"),  # facts of tampering, those that `facts` has no room for included
        # The latest ICMP errors that quote it, by slot of `icmp`; the side is the one quoted.
        ("icmp_kind", "i8", (2,)),
        ("icmp_side", "i8", (2,)),
        ("icmp_time", "i8", (2,)),
        ("icmp_count", "i8", (2,)),
        ("icmp_mtu", "i8", (2,)),
        ("icmp_size", "i8", (2,)),
        ("icmp_hi", "u8", (2,)),
        ("icmp_lo", "u8", (2,)),
        ("icmp_frame", "u4", (2,)),
    ],
    align=True,
)

SIDE = np.dtype(
    [
        *SIDE_CORE,
        ("last_frame", "u4"),  # frame of its latest segment, beside what a copy is known by
        *CLOCK,
        *ORDER,
        *FRAMES,
        *CANDIDATE,
        ("ttl", "u1"),  # of its first segment, as its identification
        ("ident", "u4"),
        ("window", "u2"),
        ("segments", "i8"),
        ("payload_bytes", "i8"),
        ("first", "i8"),  # times of its first and latest segment
        ("last", "i8"),
        ("lowest", "i8"),  # first position known of its stream
        ("syn_time", "i8"),  # of its latest SYN
        ("syn_ack_time", "i8"),  # of its latest SYN-ACK
        ("last_receipt", "i8"),  # when it last received what restarts its idle timer
        ("last_probe", "i8"),
        # What its peer sent and it has not acknowledged yet, and when that was sent first and last.
        ("heard_begin", "i8"),
        ("heard_end", "i8"),
        ("heard_first", "i8"),
        ("heard_last", "i8"),
        ("asked_at", "i8"),  # when it sent last what its peer may answer by a bare ACK
        ("sent_at", "i8"),  # when it sent data last
        # From where and to where its stream skipped, and when; see `skips`.
        ("skip_from", "i8"),
        ("skip_to", "i8"),
        ("skip_time", "i8"),
        # What is set aside of it (`ahead`), a FIN's time and frame included; up to where its peer
        # acknowledges more than was seen, and when it did first and last.
        ("ahead_first", "i8"),
        ("ahead_last", "i8"),
        ("ahead_begin", "i8"),
        ("ahead_end", "i8"),
        ("ahead_sends", "i8"),
        ("ahead_ack", "i8"),
        ("ahead_fin", "i8"),
        ("ahead_frame", "i8"),
        ("claimed", "i8"),
        ("claimed_first", "i8"),
        ("claimed_at", "i8"),
        ("idle_since", "i8"),  # when the present idle period began
        ("longest_idle", "i8"),
        ("longest_idle_began", "i8"),
        # The same if what ended idle periods and cannot be proven was forged.
        ("doubt_since", "i8"),
        ("doubt_longest", "i8"),
        ("doubt_began", "i8"),
        ("unasked", "i8"),  # bare ACKs of it that nothing asked for; see `unasked`
        ("unasked_frame", "i8"),
        ("unasked_after", "i8"),
        # When the latest came; what the one above and its peer's `last_receipt` were before it.
        ("unasked_at", "i8"),
        ("unasked_after_before", "i8"),
        ("receipt_before", "i8"),
        ("open_probe", "i8"),  # index of a probe that waits for its answer, or NONE
        ("retransmissions", "i8"),
        ("missing", "i8"),
        ("zero_windows", "i8"),
        ("fin", "i8"),
        ("rst", "i8"),
        ("rst_last", "i8"),  # of its latest
        ("rst_ttl", "u1"),  # TTL of that RST
        ("fin_sends", "i8"),
        ("fin_place", "i8"),  # position of that FIN
        ("fin_denied", "i8"),  # time of a FIN that data were sent in the place of
        ("rst_ahead", "i8"),  # time and position of its latest RST ahead of its stream
        ("rst_place", "i8"),
        ("rst_ahead_ttl", "u1"),
        ("other_ttl", "u1"),  # a second TTL that its segments have
        # Frame of a probe with a TTL of its own, and the next with the old one; see `odd_probes`.
        ("odd_probe", "i8"),
        ("odd_return", "i8"),
        ("odd_time", "i8"),
        ("proven_ttl", "i8"),  # 1: `ttl` is that of a segment that was news to its peer
        ("said", "i8"),  # time of its latest payload
        ("spoke", "i8"),  # time of its latest segment in its stream that is no RST
        ("stall_begin", "i8"),  # position that was sent and not acknowledged: see `stall`
        ("stall_first", "i8"),  # times it was sent first and last, and how often
        ("stall_last", "i8"),
        ("stall_sends", "i8"),
        ("stall_silence", "i8"),  # before it was sent first
        ("stall_answers", "i8"),  # how many of them its peer acknowledged
        ("stall_state", "i8"),  # STALL_SENT, STALL_DEFIED, STALL_OVER
        ("large_length", "i8"),  # payload of a segment larger than all that were acknowledged, or 0
        ("large_end", "i8"),  # position after it
        ("largest_acked", "i8"),
        ("largest_before", "i8"),
        ("stall_length", "i8"),  # payload of the latest segment that began there
        ("hello", "i8"),  # row of `hellos`, or NONE
        ("words", "i8"),  # what it said as one number, or 0: see `words`
        ("gap_count", "i8"),
        ("gaps", "i8", (2 * GAPS,)),  # begin, end, begin, end, …
    ],
    align=True,
)

_PROBE = ("row", "time", "silence", "interval", "answered", "length", "exact", "frame")
PROBE = np.dtype([(name, "i8") for name in _PROBE], align=True)

#: Where the bytes of a hello come from.
TRACE = np.dtype(
    [
        # Bit by bit, as `filled`: those of a segment that its receiver drops, and of an odd one.
        ("refused", "u1", (HELLO_BYTES // 8,)),
        ("odd", "u1", (HELLO_BYTES // 8,)),
        ("frames", "u4", (BLOCKS,)),  # a frame that brought bytes of the block
        # Row + 1 of the hellos with the other reading; 0: there is none; -1: there was no room.
        ("second", "i8"),
        ("cut", "i8"),  # 1 + the first place that the capture cut off; 0: none
    ],
    align=True,
)

#: One fact of tampering (``flows.tampering``).
FACT = np.dtype(
    [
        ("row", "i8"),  # side that sent the segment, or seems to have
        ("kind", "i8"),
        ("frame", "i8"),  # number of the segment's frame, and of the one that it contradicts
        ("other", "i8"),
        ("time", "i8"),
    ],
    align=True,
)
#: Facts kept of all flows together; there is no need for more to show what goes on.
FACTS = 4096

STATE = np.dtype(
    [
        *STATE_CORE,
        ("flow_stop", "i8"),  # the counts at which the kernel stops for more room
        ("probe_stop", "i8"),
        ("hello_stop", "i8"),
        ("probe_count", "i8"),  # rows in use
        ("hello_count", "i8"),
        ("fact_count", "i8"),
        ("latest", "i8"),  # the latest time seen
        ("relink", "i8"),  # 1: rebuild the hash before anything else
        ("lost_flows", "i8"),
        ("lost_segments", "i8"),
        ("lost_probes", "i8"),
        ("lost_hellos", "i8"),
    ],
    align=True,
)


class Tables(NamedTuple):
    """All tables, as kernels pass them around; a ``FlowTable``."""

    state: np.void
    """Dtype STATE."""
    flows: Array
    """Dtype FLOW, one row more than it may hold: the last is scratch for ``lookup.find``."""
    sides: Array
    """Dtype SIDE, two rows a flow."""
    heads: Array
    """The hash over the flows, i4."""
    probes: Array
    """Dtype PROBE, in order of time."""
    hellos: Array
    """The first bytes of a side's stream, one row a side that sent any: shape (n, HELLO_BYTES)."""
    filled: Array
    """Bit by bit which of them were seen, the first in the highest: shape (n, HELLO_BYTES / 8)."""
    traces: Array
    """Dtype TRACE, one row a row of the hellos."""
    facts: Array
    """Dtype FACT, in order of sight."""


def grown(table: Array, rows: int) -> Array:
    """Return a table with so many rows, those that are new zero."""
    larger = np.zeros((rows, *table.shape[1:]), table.dtype)
    larger[: len(table)] = table
    return larger


def move(table: Array, rows: Array, count: int) -> None:
    """Let a table begin with these of its first ``count`` rows, and the rest of them be zero."""
    octets = table.view("u1").reshape(len(table), -1)  # numpy copies records field by field
    octets[: len(rows)] = octets[rows]
    octets[len(rows) : count] = 0
