"""The follower's tables: what is remembered of a flow, of each side, and of each probe.

All are numpy record arrays that kernels fill and that only Python grows. A *row* names one side:
``2 * flow`` is the endpoint that sorts first by (address, port), ``2 * flow + 1`` the other; the
peer of a row is ``row ^ 1``. A *position* is a TCP sequence number unrolled to 64 bits, so that
order is plain comparison and wrapping at 2^32 disappears.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np

#: Makes any field of a record a signed 64-bit integer, in machine code and in plain Python.
wide = cast("Callable[[object], int]", np.int64)

#: Time, or table index, that means "none yet".
NEVER = -(1 << 63)
NONE = -1

#: Bytes of each side's stream that are kept for its hello.
HELLO_BYTES = 4096
#: Stretches of unseen sequence space remembered per side; a fifth pushes the oldest out.
GAPS = 4

FLOW = np.dtype(
    [
        ("a_hi", "u8"),
        ("a_lo", "u8"),
        ("b_hi", "u8"),
        ("b_lo", "u8"),
        ("a_port", "u2"),
        ("b_port", "u2"),
        ("opener", "i4"),  # 0 or 1: the side whose SYN was seen first
        ("next", "i4"),  # next flow in the same hash bucket
        ("previous", "i4"),  # the flow that used these endpoints before
        ("linked", "i4"),  # 1 while the hash leads here
        ("first", "i8"),
        ("last", "i8"),
        ("ended", "i8"),
        ("rtt", "i8"),
        ("syns", "i8"),
        ("duplicates", "i8"),
    ],
    align=True,
)

SIDE = np.dtype(
    [
        ("bits", "i8"),
        ("segments", "i8"),
        ("octets", "i8"),
        ("first", "i8"),
        ("last", "i8"),
        ("next", "i8"),  # position that its next new byte will have (SND.NXT)
        ("acked", "i8"),  # highest position that the peer acknowledged (SND.UNA)
        ("low", "i8"),  # first position known of it
        ("isn", "i8"),
        ("dialled", "i8"),  # time of its latest SYN
        ("heard", "i8"),  # time of the peer's last sign of life
        ("probed", "i8"),
        ("idle_since", "i8"),  # when the present quiet stretch began
        ("longest", "i8"),
        ("longest_began", "i8"),
        ("pending", "i8"),  # index of a probe that waits for its answer
        ("candidate", "i8"),  # time and position of a bare ACK that may be a probe
        ("candidate_at", "i8"),
        ("retransmissions", "i8"),
        ("missing", "i8"),
        ("zero_windows", "i8"),
        ("fin", "i8"),
        ("rst", "i8"),
        ("slot", "i8"),
        ("base", "i8"),  # position of its stream's first byte
        ("gaps", "i8"),
        ("gap", "i8", (2 * GAPS,)),  # begin, end, begin, end, …
        ("copy_time", "i8"),  # the previous segment, to know a duplicated frame by
        ("copy_seq", "u4"),
        ("copy_ack", "u4"),
        ("copy_ident", "u4"),
        ("copy_length", "u4"),
        ("copy_window", "u2"),
        ("window", "u2"),
        ("copy_flags", "u1"),
        ("ttl", "u1"),
    ],
    align=True,
)

PROBE = np.dtype(
    [
        ("row", "i8"),
        ("time", "i8"),
        ("silence", "i8"),
        ("interval", "i8"),
        ("answered", "i8"),
        ("length", "i8"),
        ("exact", "i8"),
    ],
    align=True,
)

STATE = np.dtype(
    [
        ("flows", "i8"),  # rows in use, and the count at which the kernel stops for more room
        ("flow_stop", "i8"),
        ("probes", "i8"),
        ("probe_stop", "i8"),
        ("slots", "i8"),
        ("slot_stop", "i8"),
        ("recent", "i8"),  # the flow of the previous segment
        ("latest", "i8"),  # the latest time seen
        ("relink", "i8"),  # 1: rebuild the hash before anything else
        ("lost_flows", "i8"),
        ("lost_segments", "i8"),
        ("lost_probes", "i8"),
        ("lost_hellos", "i8"),
        ("seeds", "u8", (10,)),
    ],
    align=True,
)

ISN = 1 << 0  # its initial sequence number is known
NEXT = 1 << 1  # `next` holds something, if only what the peer's ack hints at
OWN = 1 << 2  # a sequence number of its own was seen
SURE = 1 << 3  # `next` is certain
ACKED = 1 << 4  # the peer acknowledged something
HEARD = 1 << 5  # `heard` is a real sign of life, not just the start of the capture
QUIET = 1 << 6  # a quiet stretch is running
BASED = 1 << 7  # `base` is known
READ = 1 << 8  # no more hello bytes are wanted
DIALLED = 1 << 9  # it sent a SYN
ACCEPTED = 1 << 10  # it sent a SYN-ACK
SPOKE = 1 << 11  # it sent an ACK after its SYN or SYN-ACK
CANDIDATE = 1 << 12  # `candidate` waits for the peer's next segment
STRAY = 1 << 13  # its last segment lay far outside the stream
MOVED = 1 << 14  # its ack number went up: it received something
