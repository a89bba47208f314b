"""The tables of thinning: flows, sides, the headers that are held back, and what goes out.

All are numpy record arrays of a size that is fixed at the start. A *row* names one side of a
flow, as in ``auditor.flows.tables``; the slots of a row are ``SLOTS * row + LAST`` and so on.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import HEADER_BYTES, HELLO_BYTES

#: Segments of a side that are held back until it is known whether they matter.
SLOTS = 3
#: Its latest sign of life: begins a silence, if nothing follows.
LAST = 0
#: The latest that reached the end of its stream and acknowledged all that it ever did; empty
#: while that is LAST itself.
TOP = 1
#: What keeps it from probing since it last heard its peer: data of its own, sent or owed.
FIRST = 2

#: Rows of OUT, and those that must be free before a segment is taken in: it may release all
#: slots of both sides, twice at worst, and itself.
OUT_ROWS = 1024
OUT_ROOM = 16
#: Octets of one row of the packets that go out.
OUT_OCTETS = HEADER_BYTES + HELLO_BYTES

#: Segments of one side that are looked at for its hello: a whole one fits into a handful, and
#: the rest of 4 KiB cannot be asked for again and again.
HELLO_SEGMENTS = 64

FLOW = np.dtype(
    [
        ("a_hi", "u8"),
        ("a_lo", "u8"),
        ("b_hi", "u8"),
        ("b_lo", "u8"),
        ("a_port", "u2"),
        ("b_port", "u2"),
        ("opener", "i4"),  # 0 or 1: the side whose SYN was seen
        ("next", "i4"),  # next flow in the same hash bucket
        ("linked", "i4"),
        ("ended", "i4"),
        ("epoch", "i8"),  # unique to this connection
    ],
    align=True,
)

SIDE = np.dtype(
    [
        ("bits", "i8"),
        ("next", "i8"),  # positions, as in auditor.flows.tables
        ("acked", "i8"),
        ("isn", "i8"),
        ("prior", "i8"),  # ISN of the connection before, or NONE
        ("base", "i8"),  # position of its stream's first octet
        ("end", "i8"),  # where its latest sign of life ended, and what that acknowledged
        ("ack", "i8"),
        ("moved", "i8"),  # time at which one of these moved, or the file last said otherwise
        ("kept_end", "i8"),  # the same of the latest that was kept at once
        ("kept_ack", "i8"),
        ("touched", "i8"),  # the capture's clock at its latest sign of life
        ("batch", "i8"),  # serial of the batch in which its slots last changed
        ("answers", "i4"),  # segments of it that may still be the answer to a probe
        ("hello", "i4"),  # octets of its stream that may be hello
        ("hellos", "i4"),  # segments that were handed on for it
        ("older", "i4"),  # neighbours in the order of ``touched``
        ("newer", "i4"),
        ("copy_time", "i8"),
        ("copy_seq", "u4"),
        ("copy_ack", "u4"),
        ("copy_ident", "u4"),
        ("copy_length", "u4"),
        ("copy_window", "u2"),
        ("copy_flags", "u1"),
    ],
    align=True,
)

SLOT = np.dtype(
    [
        ("time", "i8"),
        ("number", "i8"),  # of the segment, from 1; 0: the slot is empty
        ("frame", "i8"),  # its offset in the present batch; NONE: the header is in ``octets``
        ("wire", "u4"),
        ("size", "u2"),
        ("interface", "u2"),
        ("kept", "i4"),
    ],
    align=True,
)

OUT = np.dtype(
    [
        ("time", "i8"),
        ("number", "i8"),
        ("epoch", "i8"),
        ("wire", "u4"),  # octets of the frame on the wire
        ("header", "u4"),  # octets of it that are headers
        ("size", "u4"),  # octets that are here
        ("row", "i4"),
        ("offset", "i4"),  # of its payload in the side's stream, if it may be hello
        ("interface", "u2"),
        ("kind", "u1"),
    ],
    align=True,
)

#: Kinds of OUT: the header is kept; the payload may be, if it turns out to be a hello.
KEPT, MAYBE_HELLO = 1, 2

STATE = np.dtype(
    [
        ("flows", "i8"),
        ("recent", "i8"),
        ("clock", "i8"),  # the latest time seen
        ("matched", "i8"),
        ("lost", "i8"),
        ("out", "i8"),
        ("epoch", "i8"),
        ("batch", "i8"),
        ("touched", "i8"),  # rows whose slots changed in this batch
        ("hand", "i8"),  # the flow that is looked at next for one to give up
        ("oldest", "i8"),
        ("newest", "i8"),
        ("everything", "i8"),  # 1: keep every header
        ("seeds", "u8", (10,)),
    ],
    align=True,
)

SEEN = 1 << 0
ISN = 1 << 1
NEXT = 1 << 2  # `next` is known, if only from what the peer acknowledges
ACKED = 1 << 3
SPOKE = 1 << 4  # it sent an ACK after its SYN or SYN-ACK
STRAY = 1 << 5  # its latest segment lay far outside the stream
BASED = 1 << 6
DIALLED = 1 << 7
CLOSED = 1 << 8  # it said FIN
WAITS = 1 << 9  # it is in the order of ``touched``: its silence, if it is one, is not known yet
QUIET = 1 << 10  # its silence is known
