"""What was sent and never passed the tap, as far as both ends show it.

Of a thinned capture that is read alone nobody can tell what was lost from what was left out. So who
thins says of a connection, once it falls silent, how many bytes its peer acknowledged that were
not seen.

A segment beyond all that was seen of its side leaves a gap, which later ones may fill. What the
peer acknowledges beyond that is a *claim*, until the side itself goes on there: anybody can
acknowledge what nobody sent.
"""

from __future__ import annotations

import numpy as np

from auditor.evidence.packet import Packet
from auditor.flows.gaps import fill_gaps, open_gap
from auditor.flows.tcp_state import HAS_NEXT, NEVER, SEGMENT_SEEN
from auditor.kernels import kernel
from auditor.packets.integers import int64
from auditor.packets.unseen_note import Lack, UnseenNote, unseen_to_comment
from auditor.text.endpoint_text import address_to_text


@kernel
def forget_gaps(side: np.void) -> None:
    """Let nothing be missing of a side."""
    side["missing"] = 0
    side["gap_count"] = 0
    side["claim_from"] = NEVER
    side["unseen_told"] = 0


@kernel
def on_claim(peer: np.void, known: int) -> None:
    """Take in an acknowledgement of the stream of ``peer``, which reached up to ``known``."""
    if not peer["bits"] & SEGMENT_SEEN or peer["next"] <= known:
        return
    if peer["claim_from"] == NEVER:
        peer["claim_from"] = known
    peer["claim_to"] = peer["next"]


@kernel
def on_bytes(side: np.void, begin: int, end: int, probe: bool, dropped: bool) -> None:
    """Take in that ``side`` sent [begin, end), which a ``probe`` lies before; of what its receiver
    drops nothing counts as seen."""
    if side["bits"] & (HAS_NEXT | SEGMENT_SEEN) != HAS_NEXT | SEGMENT_SEEN:
        return
    if dropped:
        if end > side["next"]:
            open_gap(side, int64(side["next"]), end)
        return
    if side["claim_from"] != NEVER:
        if begin >= side["claim_to"] - 1:
            open_gap(side, int64(side["claim_from"]), int64(side["claim_to"]))
            side["claim_from"] = NEVER
        elif begin < end and begin >= side["claim_from"]:
            if begin > side["claim_from"]:
                open_gap(side, int64(side["claim_from"]), begin)
            side["claim_from"] = end if end < side["claim_to"] else NEVER
    if probe:
        return
    if begin > side["next"]:
        open_gap(side, int64(side["next"]), begin)
    elif begin < side["next"] and begin < end:
        fill_gaps(side, begin, end)


def with_note(
    packet: Packet, flow: np.void, sent: tuple[int, int], marks: frozenset[Lack] = frozenset()
) -> Packet:
    """Return a packet with a line beside it on its flow (dtype FLOW), of whose sides so many bytes
    were not seen by then; ``marks``: what else is to be said."""
    one, other = (
        (
            address_to_text(int(flow[f"{end}_hi"]) << 64 | int(flow[f"{end}_lo"])),
            int(flow[f"{end}_port"]),
        )
        for end in "ab"
    )
    line = unseen_to_comment(UnseenNote(((one, sent[0]), (other, sent[1])), packet.time, marks))
    return packet._replace(comment="\n".join(filter(None, (packet.comment, line))))
