"""Whether a recording went on from one file to the next, by what hosts count in their packets.

Many give the next number to the next packet of a connection (Linux does), so that a number left out
is a packet that was not captured. And each echoes the latest timestamp of its peer (RFC 7323 §4.3):
what it echoes was sent, and what it does not was not, or not received. So do sequence numbers.
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from auditor.flows.sequence import position
from auditor.flows.store import Store
from auditor.flows.tcp_state import HAS_NEXT, NEVER, NEXT_CERTAIN, SEQ_SEEN
from auditor.packets.integers import be32
from auditor.packets.segments import RST, SYN, UNSEEN_STAMPS, Array, Batch

#: So many segments at the beginning of a file, and flows, are looked at.
_SEGMENTS, _FLOWS = 1024, 65536
#: A segment of more payload may be several packets by now: a card cuts them.
_ONE_PACKET = 536
_NUMBERS, _STAMPS = 1 << 16, 1 << 32
#: The latest timestamp of a side is known to so many ticks (``stamps``).
_FEW = 1000


class Border(Enum):
    """What connections show of the time between two files."""

    GOES_ON = "goes on"
    """Some connection goes on where it was, and none shows that anything is missing."""
    NOTHING = "nothing"
    INTERRUPTED = "interrupted"
    """Some segment between them is missing."""


def border_before(store: Store, batch: Batch, *, thinned: bool) -> Border:
    """Return what is shown of the time between what was tracked and ``batch``, which follows it;
    ``thinned``: what is missing may have been left out."""
    count = int(store.state["flow_count"])
    if count > _FLOWS:
        return Border.NOTHING
    some = batch.segments[:_SEGMENTS]
    begun = set(_directions(some[some["flags"] & SYN != 0]))
    some = some[some["flags"] & (SYN | RST) == 0]
    found, strangers = Border.NOTHING, False
    flows = store.flows[:count]
    for ends, rows in _directions(some).items():
        row = _row_of(flows, ends)
        if row is None or not store.sides[row]["segments"]:
            strangers |= row is None and begun.isdisjoint((ends, ends[3:] + ends[:3]))
            continue
        shown = _shown(store.sides[row], store.sides[row ^ 1], some[rows], batch.buffer)
        if shown is Border.INTERRUPTED and not thinned:
            return shown
        if shown is Border.GOES_ON:
            found = shown
    return Border.NOTHING if strangers else found


def _directions(segments: Array) -> dict[tuple[int, ...], list[int]]:
    names = ("src_hi", "src_lo", "sport", "dst_hi", "dst_lo", "dport")
    said: dict[tuple[int, ...], list[int]] = {}
    for row, ends in enumerate(zip(*(segments[name].tolist() for name in names), strict=True)):
        said.setdefault(ends, []).append(row)
    return said


def _row_of(flows: Array, ends: tuple[int, ...]) -> int | None:
    """Return the row of a side of the one open flow between two ends; None: there is none."""
    second = ends[:3] > ends[3:]
    a, b = (ends[3:], ends[:3]) if second else (ends[:3], ends[3:])
    names = ("a_port", "b_port", "a_lo", "b_lo", "a_hi", "b_hi")
    found = flows["ended"] == NEVER
    for name, value in zip(names, (a[2], b[2], a[1], b[1], a[0], b[0]), strict=True):
        found = found & (flows[name] == value)
    (rows,) = np.nonzero(found)
    return 2 * int(rows[0]) + second if len(rows) == 1 else None


def _shown(side: np.void, peer: np.void, said: Array, buffer: Array) -> Border:
    kinds = [_by_number(side, said), _by_echo(peer, said[0], buffer), _by_place(side, said)]
    for kind in (Border.INTERRUPTED, Border.GOES_ON):
        if kind in kinds:
            return kind
    return Border.NOTHING


def _by_number(side: np.void, said: Array) -> Border:
    known, ident = int(side["copy_ident"]), int(said[0]["ident"])
    if not (0 < known < _NUMBERS and 0 < ident < _NUMBERS) or side["copy_length"] > _ONE_PACKET:
        return Border.NOTHING
    step = (ident - known) % _NUMBERS
    if step == 1:
        return Border.GOES_ON
    follows = len(said) > 1 and said[0]["length"] <= _ONE_PACKET
    follows = follows and (int(said[1]["ident"]) - ident) % _NUMBERS == 1
    return Border.INTERRUPTED if follows and step < _NUMBERS // 2 and step else Border.NOTHING


def _by_echo(peer: np.void, segment: np.void, buffer: Array) -> Border:
    if segment["stamped"] <= UNSEEN_STAMPS or peer["stamp_time"] == NEVER:
        return Border.NOTHING
    at = int(segment["payload"]) - int(segment["header"]) + int(segment["stamped"]) + 4
    ahead = (int(be32(buffer, at)) - int(peer["stamp"])) % _STAMPS
    return Border.GOES_ON if ahead < _FEW else Border.NOTHING


def _by_place(side: np.void, said: Array) -> Border:
    known = HAS_NEXT | NEXT_CERTAIN | SEQ_SEEN
    if side["bits"] & known != known:
        return Border.NOTHING
    begins = [position(int(side["next"]), int(seq)) for seq in said["seq"].tolist()]
    first = min(begins)
    if first > side["next"] + 1:
        return Border.INTERRUPTED
    data = said["length"] > 1
    goes = any(b == side["next"] for b, d in zip(begins, data.tolist(), strict=True) if d)
    return Border.GOES_ON if goes else Border.NOTHING
