"""One side of a TCP connection as a tap sees it: which columns are kept of it, and which bits.

Tracking (``auditor.flows``) and thinning (``auditor.evidence.thinning``) keep tables of their own.
Both begin with SIDE_CORE, use the bits of this module, and take segments in by the functions of
``streams`` and ``initial_sequence``, which go by the names of columns. So whoever reads a thinned
capture finds what thinning found.

A *position* is a TCP sequence number unrolled to 64 bits, so that order is plain comparison and
wrapping at 2^32 disappears.
"""

from __future__ import annotations

#: Time, or position, that means "none".
NEVER = -(1 << 63)
#: Index that means "none".
NONE = -1

#: A segment this far (bytes) from its stream is stray, unless its sender goes on from there:
#: no window holds so much, so it is an old connection's, a forgery, or follows a hole in the
#: capture.
STRAY_BYTES = 1 << 28
#: So many segments that fit to nothing are nothing; where one more comes, its sender is believed
#: to go on there, and the capture to have missed what lies between.
FORGED_MOST = 4
#: Numbers of a side's earlier SYN-ACKs that are remembered: Linux dials six times more (tcp(7)).
RIVALS = 6

#: Columns of a side that tracking and thinning have in common.
SIDE_CORE = [
    ("bits", "i8"),
    ("next", "i8"),  # position that its next new byte will have (SND.NXT)
    ("acked", "i8"),  # highest position that the peer acknowledged (SND.UNA)
    ("isn", "i8"),  # position of its SYN
    ("previous_isn", "i8"),  # of the connection before on these endpoints, or NEVER
    ("stream_start", "i8"),  # position of its stream's first byte
    ("copy_time", "i8"),  # of its latest segment, to know a duplicated frame by
    ("copy_seq", "u4"),
    ("copy_ack", "u4"),
    ("copy_ident", "u4"),
    ("copy_length", "u4"),
    ("copy_window", "u2"),
    ("copy_flags", "u1"),
]

#: Columns of a side that tracking keeps of its timestamps; see ``stamps``.
CLOCK = [
    ("stamp_time", "i8"),  # of the latest that fits; NEVER: its clock is not known
    ("stamp_since", "i8"),  # since when it is known, and how many ticks it came since
    ("stamp_ticks", "i8"),
    ("wait_end", "i8"),  # position that waits for its acknowledgement with an odd one, or NEVER
    ("wait_time", "i8"),
    ("stamp", "u4"),
    ("wait_stamp", "u4"),
    ("odd_stamp", "u4"),  # frame of one that does not fit; 0: there is none
    ("odd_come", "u4"),  # that timestamp ...
    ("odd_came", "i8"),  # ... and its time, ns; NEVER: the segment had none
    ("wait_stamped", "u1"),
    (
        "lag",
        "i8",
    ),  # how far (ns) it fell back behind the capture's at once, or less than 0: went ahead
    ("lag_since", "i8"),  # after this time (ns), and not after the next
    ("lag_at", "i8"),
    ("unrated_since", "i8"),  # when the longest silence of a clock of unknown rate began and ended
    ("unrated_at", "i8"),
    ("unrated_from", "u4"),  # what it showed before and after that
    ("unrated_to", "u4"),
]

#: Columns of a side that tracking keeps of its numbers; see ``sending_order``.
ORDER = [
    ("bare_at", "i8"),  # position of the bare ACK that acknowledges the most, ...
    ("bare_ack", "i8"),  # ... and what it does; NEVER: there is none
    ("far_end", "i8"),  # where ends what lies furthest on; NEVER: it is not known
    ("far_ack", "i8"),  # what that acknowledges
    ("far_window", "u2"),  # the window that it offers, as on the wire
    ("edge_ack", "i8"),  # what its latest segment acknowledges, ...
    ("edge_window", "u2"),  # ... and the window that it offers
    ("shrinks", "u1"),  # how often that was less than before at one place, at most 255
    ("rst_ack", "i8"),  # what its RST acknowledges; NEVER: there is none
    ("rival_count", "i8"),  # how often a SYN-ACK brought another `isn`, ...
    ("rival_isns", "u4", (RIVALS,)),  # ... and what it was before, as on the wire
]

#: Numbers of frames that tracking keeps of a side; 0: there is none.
FRAMES = [
    ("first_frame", "u4"),  # of its first segment, and the first with bytes of its hello
    ("hello_frame", "u4"),
    ("fin_frame", "i8"),  # of the FIN and RST that it is taken to close by
    ("rst_frame", "i8"),
    ("rst_ahead_frame", "i8"),  # of its latest RST ahead of its stream
]

#: What tracking keeps of a segment that may be a probe; see `keepalive` and `first_probes`.
CANDIDATE = [
    ("candidate_time", "i8"),
    ("candidate_begin", "i8"),
    ("candidate_frame", "i8"),
    ("candidate_length", "i8"),
    ("candidate_answer", "i8"),  # time of its answer, and the silence before it, ns
    ("candidate_silence", "i8"),
]

# Bits of both.
HAS_ISN = 1 << 0  # `isn` is known: its SYN or SYN-ACK was seen
HAS_NEXT = 1 << 1  # `next` is known, if only from what the peer acknowledged
ACKED = 1 << 2  # `acked` is known: the peer acknowledged something
HAS_START = 1 << 3  # `stream_start` is known
SENT_SYN = 1 << 4
SENT_ACK = 1 << 5  # it sent an ACK after its SYN or SYN-ACK
FIN_ACKED = 1 << 6  # its peer acknowledged its FIN, which therefore has a place in its stream

# Bits of tracking.
SENT_SYN_ACK = 1 << 7
SEQ_SEEN = 1 << 8  # a sequence number of its own was seen, other than that of a probe
NEXT_CERTAIN = 1 << 9  # `next` is certain
ACK_ADVANCED = 1 << 10  # its acknowledgements went up: it received something
RECEIPT_SEEN = 1 << 11  # what restarted its idle timer was seen, not just the capture's start
IDLE = 1 << 12  # an idle period is running
PROBE_CANDIDATE = 1 << 13  # a segment that may be a probe waits for the peer's next one
HELLO_DONE = 1 << 14  # no more of its first bytes are wanted
CHECKSUM_SEEN = 1 << 19  # a right checksum of it was seen: this tap sees what is on the wire
SPOKE_ON = 1 << 20  # it sent something else after its RST, and its peer answered that
ANSWERED_ON = 1 << 21
FIN_REPEATED = 1 << 23  # it sent its FIN more often than anybody else would in its name
FIRST_SEEN = 1 << 22  # the first byte of its stream passed, if only in a segment that was cut

DIALS = 1 << 27  # it sent a SYN since a SYN-ACK was last followed by an ACK of it
DIAL_ANSWERED = 1 << 28  # a SYN-ACK came after its latest SYN
DIAL_ACKED = 1 << 29  # it sent an ACK after its latest SYN
NO_CLOCK = 1 << 31  # its timestamps tell nothing; see `stamps`
LEFT_OUT = 1 << 32  # segments of it were left out for theirs, and nobody knows who sent them
BYTE_ANSWERED = 1 << 33  # a byte of it that may be a probe was answered; see `first_probes`

# How many of its latest segments lay far outside its stream, in bits of both.
STRAY = 1 << 24
STRAYS = 7 * STRAY

# Bits of thinning.
SEGMENT_SEEN = 1 << 15  # a segment of it was seen, if only a probe
SENT_FIN = 1 << 16
QUEUED = 1 << 17  # it is in the idle queue: whether it falls silent is not known yet
REPEATED = 1 << 30  # it sent again what was acknowledged, and nothing new since (R9)
SILENT = 1 << 18  # it has been silent for SILENCE_NS
