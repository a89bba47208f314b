"""The tables of thinning: flows, sides, the headers that are held back, and what goes out.

All are numpy record arrays of a size that is fixed at the start. A *row* names one side of a
flow, as in ``auditor.flows.tables``. Each row has SLOTS slots, in which headers are held back
until it is known whether they matter: ``SLOTS * row + LAST_ACTIVITY`` and so on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auditor.evidence.packet import HEADER_BYTES, HELLO_BYTES
from auditor.flows.lookup import FLOW_CORE, STATE_CORE
from auditor.flows.tables import GAPS
from auditor.flows.tcp_state import SIDE_CORE
from auditor.packets.segments import Array

#: Slots of a row.
SLOTS = 3
#: Its latest segment that restarted its peer's idle timer: a silence begins with it, if none
#: follows (R3).
LAST_ACTIVITY = 0
#: The latest that reached the end of its stream and acknowledged all that it ever did; empty
#: while that is LAST_ACTIVITY itself (R3).
HIGHEST_SEQ = 1
#: The first data since it last received something that it sent, or that was not acknowledged:
#: while such data is under way it does not probe (R4).
UNACKED_DATA = 2

#: Lines of the outbox, and those that must be free before a segment is taken in: it may release
#: all slots of both sides, twice at worst, and itself.
OUT_ROWS = 1024
OUT_ROOM = 24
#: Bytes of one packet that goes out.
OUT_BYTES = HEADER_BYTES + HELLO_BYTES

#: Segments of one side that are looked at for its hello: a whole one fits into a handful, and
#: the rest of 4 KiB cannot be asked for again and again.
HELLO_SEGMENTS = 64
#: Segments of a flow that are kept after one that is not what an ordinary connection has (R9), and
#: so many of one flow where its numbers alone are odd.
DOUBTFUL_SEGMENTS = 64
DOUBTFUL_MOST = 4096

FLOW = np.dtype(
    [
        *FLOW_CORE,
        ("over", "i4"),  # 1: both sides sent FIN, or one sent RST
        ("epoch", "i8"),  # unique to this connection
        ("opened", "i8"),  # the same of the first connection of its endpoints that is known
        ("doubtful", "i8"),  # segments that are kept yet, after one whose meaning they tell (R9)
        ("doubted", "i8"),  # how many were kept so
    ],
    align=True,
)

SIDE = np.dtype(
    [
        *SIDE_CORE,
        ("last_end", "i8"),  # where its latest activity ended, and what that acknowledged
        ("last_ack", "i8"),
        ("unchanged_since", "i8"),  # time at which these changed, or a segment was kept
        ("kept_end", "i8"),  # the same of the latest that was kept at once
        ("kept_ack", "i8"),
        ("active_at", "i8"),  # the capture's clock at its latest activity
        ("batch", "i8"),  # serial of the batch in which its slots last changed
        ("possible_answers", "i4"),  # segments of it that may still be the answer to a probe
        ("missing", "i8"),  # of settled gaps, as in flows.tables (``unseen``)
        ("gaps", "i8", (2 * GAPS,)),  # begin, end, begin, end, …
        ("gap_count", "i8"),
        ("claim_from", "i8"),  # [from, to): acknowledged, and not seen; NEVER: nothing is
        ("claim_to", "i8"),
        ("unseen_told", "i8"),  # bytes of it that were said to be unseen
        ("hello_limit", "i4"),  # bytes of its stream that may be hello
        ("hello_segments", "i4"),  # how many went out for it
        ("older", "i4"),  # neighbours in the idle queue
        ("newer", "i4"),
    ],
    align=True,
)

SLOT = np.dtype(
    [
        ("time", "i8"),
        ("number", "i8"),  # of the segment, from 1; 0: the slot is empty
        ("frame", "i8"),  # its offset in the present batch; NONE: the header is in ``headers``
        ("wire", "u4"),
        ("size", "u2"),
        ("interface", "u2"),
        ("kept", "i4"),  # 1: it went out already
    ],
    align=True,
)

LINE = np.dtype(
    [
        ("time", "i8"),
        ("number", "i8"),
        ("epoch", "i8"),
        ("wire", "u4"),  # bytes of the frame on the wire
        ("header", "u4"),  # bytes of it that are headers
        ("size", "u4"),  # bytes that are here
        ("row", "i4"),
        ("offset", "i4"),  # of its payload in the side's stream, if it may be hello
        ("interface", "u2"),
        ("kind", "u1"),
        # Bytes of the TCP header if the checksum in it is one, right or wrong, that goes by the
        # payload; else 0.
        ("summed", "u1"),
        ("begun", "u1"),  # 1: it is known where the stream begins
    ],
    align=True,
)

#: Kinds of LINE: the header is kept; the payload may be, if it turns out to be a hello; of the
#: connection bytes were not seen, ``header`` of ``row`` and ``size`` of its peer; the payload
#: begins before what its side sent; readers of the full capture may read payload that is not looked
#: at here; so many segments were irregular that those that follow are not all kept.
KEPT, MAYBE_HELLO, UNSEEN, SAID_AGAIN, NOT_READ, BOUND = 1, 2, 4, 8, 16, 32

STATE = np.dtype(
    [
        *STATE_CORE,
        ("clock", "i8"),  # the latest time seen
        ("matched", "i8"),
        ("lost", "i8"),
        ("out_count", "i8"),  # lines of the outbox that are filled
        ("epoch", "i8"),
        ("batch", "i8"),
        ("changed_count", "i8"),  # rows whose slots changed in this batch
        ("next_to_evict", "i8"),  # the flow that is looked at next for one to give up
        ("oldest", "i8"),  # ends of the idle queue
        ("newest", "i8"),
        ("everything", "i8"),  # 1: keep every header
        ("piece", "i8"),  # 1: of flows that are not known there may be more in other captures
    ],
    align=True,
)


class Tables(NamedTuple):
    """Flows and sides, as kernels pass them around; a ``FlowTable``."""

    state: np.void
    """Dtype STATE."""
    flows: Array
    """Dtype FLOW, one row more than it may hold: the last is scratch for ``lookup.find``."""
    sides: Array
    """Dtype SIDE, two rows a flow."""
    heads: Array
    """The hash over the flows, i4."""


class Holdback(NamedTuple):
    """The headers that are held back."""

    slots: Array
    """Dtype SLOT, SLOTS for each row."""
    headers: Array
    """What is held of earlier batches: u1, shape (slots, HEADER_BYTES)."""
    changed: Array
    """Rows whose slots changed in this batch, i4; ``state["changed_count"]`` of them."""


class Outbox(NamedTuple):
    """What goes out, and the batch that it is copied from."""

    buffer: Array
    """Of the batch, u1."""
    lines: Array
    """Dtype LINE, shape (OUT_ROWS,); ``state["out_count"]`` are filled."""
    packets: Array
    """The bytes of each: u1, shape (OUT_ROWS, OUT_BYTES)."""
