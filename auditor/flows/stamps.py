"""Whether a segment in the name of a side has a timestamp (RFC 7323) from that side's clock.

A host whose connection began with timestamps writes them into every segment but RST, from a clock
that goes evenly; its peer drops what is older than what it has (PAWS). Somebody else has no, an old
or a made-up one. Where the side's clock stands is taken from what its peer echoed, never
from what nobody acknowledged; devices that strip or rewrite timestamps do so with all segments,
so a side whose odd ones are acknowledged has another clock, or none, from then on. Until the old
clock is seen again nobody knows which of both it was.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.clock import (
    follows_odd,
    go_on,
    is_known,
    move_clock,
    note_lag,
    note_odd,
    set_clock,
    signed,
    span_of,
)
from auditor.flows.sequence import position
from auditor.flows.streams import end_of
from auditor.flows.tables import Tables
from auditor.flows.tampering import CLOCK_FROM_ELSEWHERE
from auditor.flows.tampering_facts import note_tampering
from auditor.flows.tcp_state import HAS_NEXT, LEFT_OUT, NEVER, NO_CLOCK
from auditor.flows.unasked import is_unasked
from auditor.kernels import kernel
from auditor.packets.integers import be32, int64
from auditor.packets.segments import ACK, FIN, NO_STAMPS, SYN, UNSEEN_STAMPS, Array

#: How a timestamp stands to the clock of its side: it fits; it fits as far as is known after so
#: long a time; it is behind what a clock that went on would show; it cannot be from that clock.
FITS, OPEN, SLOW, IMPOSSIBLE = 0, 1, 2, 3

_HALF = 1 << 31
_S = 1_000_000_000
#: Within this time (ns) and so many ticks of another a timestamp fits whatever the clock.
_SOON, _FEW = _S, 1000
#: A network, a tap or a clock of theirs is late by no more (ns).
_SLACK = 5 * _S
#: Until its rate is known a clock may have any, from a tick in a second (RFC 7323 §5.4) to one in
#: a microsecond (Linux).
_SLOWEST, _FASTEST = 1, 1_100_000
#: After this (ns) timestamps may have wrapped, and PAWS is off (RFC 7323 §5.5).
_OUTDATED = 24 * 86400 * _S
#: An echo this near (ticks) to a timestamp is of what was sent just before or after it.
_NEAR = 1 << 20


@kernel
def _at_any_rate(ticks: int, waited: int) -> int:
    seconds, late = waited // _S, _SLACK // _S
    most = (seconds + late) * _FASTEST
    if most >= _HALF:
        return OPEN
    if ticks < -_FASTEST * late or ticks > most:
        return IMPOSSIBLE
    return SLOW if ticks < seconds * _SLOWEST - late else FITS


@kernel
def _compare(side: np.void, ticks: int, waited: int) -> int:
    """Return how a timestamp stands, ``ticks`` and ``waited`` ns after the latest of its side."""
    if not is_known(side):
        return _at_any_rate(signed(ticks), waited)
    span = span_of(side)
    rate = int64(side["stamp_ticks"]) / span
    slack = (_SLACK + waited * (0.25 + _S / span)) * rate
    if slack >= _HALF:
        return OPEN
    due = int64(waited * rate)
    off = signed(ticks - due)
    if off > slack or due + off < -_SLACK * rate:
        return IMPOSSIBLE
    return SLOW if off < -slack else FITS


@kernel
def _goes_on(side: np.void, segment: np.void) -> bool:
    """Tell whether a timestamp is what nearly all are: much like the one before."""
    time, known = int64(segment["time"]), int64(side["stamp_time"])
    ticks = int64(segment["stamp"]) - int64(side["stamp"])
    few = segment["stamped"] > UNSEEN_STAMPS and known <= time < known + _SOON and 0 <= ticks < _FEW
    return bool(few and side["odd_stamp"] == 0)


@kernel
def _stand(side: np.void, segment: np.void) -> int:
    """Return how a segment stands to the clock of its side, which goes on by it, if it fits."""
    if segment["stamped"] == NO_STAMPS:
        return IMPOSSIBLE
    time, stamp = int64(segment["time"]), int64(segment["stamp"])
    waited = time - int64(side["stamp_time"])
    ticks = stamp - int64(side["stamp"])
    if waited < 0 or (waited < _SOON and -_FEW < ticks < _FEW):
        return FITS
    if waited >= _OUTDATED:
        set_clock(side, stamp, time)
        return FITS
    if ticks == 0 and waited > _SLACK + waited // 4:  # said once more, by who heard it
        return IMPOSSIBLE
    stands = _compare(side, ticks, waited)
    if stands == OPEN:
        set_clock(side, stamp, time)
    elif stands == FITS and signed(ticks) > 0:
        go_on(side, stamp, ticks, time)
    return stands


@kernel
def _echo(segment: np.void, buffer: Array) -> int:
    """Return TSecr of a segment that has timestamps."""
    start = int64(segment["payload"]) - int64(segment["header"])
    return int64(be32(buffer, start + int64(segment["stamped"]) + 4))


@kernel
def _is_echoed(side: np.void, segment: np.void, buffer: Array) -> bool:
    """Tell whether a segment of its peer confirms the timestamp of ``side`` that waits for it, or
    that it has none."""
    stamped = int64(segment["stamped"])
    if stamped <= UNSEEN_STAMPS or not side["wait_stamped"]:
        return bool(stamped == NO_STAMPS and not side["wait_stamped"])
    return bool(abs(signed(_echo(segment, buffer) - int64(side["wait_stamp"]))) < _NEAR)


@kernel
def confirm_stamp(side: np.void, segment: np.void, buffer: Array) -> None:
    """Take in a segment of the peer of ``side`` that acknowledges something new."""
    if side["wait_end"] == NEVER or side["acked"] < side["wait_end"]:
        return
    side["wait_end"] = NEVER
    if not side["wait_stamped"]:
        side["bits"] |= NO_CLOCK
    elif _is_echoed(side, segment, buffer):
        if side["stamp_time"] != NEVER and side["stamp"] == side["wait_stamp"]:
            side["bits"] |= NO_CLOCK  # it stands still
        set_clock(side, int64(side["wait_stamp"]), int64(side["wait_time"]))
    side["odd_stamp"] = 0


@kernel
def _wait(side: np.void, segment: np.void, end: int) -> None:
    """Let an odd timestamp of ``side`` wait for the acknowledgement of what came with it."""
    side["wait_end"] = end
    side["wait_time"] = segment["time"]
    side["wait_stamp"] = segment["stamp"]
    side["wait_stamped"] = segment["stamped"] != NO_STAMPS


@kernel
def forget_stamps(side: np.void) -> None:
    """Forget the clock of ``side``."""
    side["stamp_time"] = NEVER
    side["wait_end"] = NEVER
    side["odd_stamp"] = 0


@kernel
def _is_mutual(peer: np.void, segment: np.void, buffer: Array) -> bool:
    """Tell whether an odd segment acknowledges an odd one of ``peer``: then both go on in another
    way than before."""
    if peer["wait_end"] == NEVER or not int64(segment["flags"]) & ACK:
        return False
    acked = position(peer["next"], segment["ack"])
    return acked >= peer["wait_end"] and _is_echoed(peer, segment, buffer)


@kernel
def _tells_nothing(side: np.void, peer: np.void, segment: np.void) -> bool:
    return bool(segment["stamped"] == UNSEEN_STAMPS or (side["bits"] | peer["bits"]) & NO_CLOCK)


@kernel
def keeps_clock(side: np.void, peer: np.void, segment: np.void) -> bool:
    """Tell whether ``has_odd_stamp`` has nothing to take in of a segment of ``side``."""
    return _goes_on(side, segment) or _tells_nothing(side, peer, segment)


@kernel
def has_odd_stamp(segment: np.void, row: int, begin: int, buffer: Array, tables: Tables) -> bool:
    """Take in the timestamp of a segment at ``begin``; tell whether to leave it out of account.

    That is only so with what tells nothing but that its sender is there: an acknowledgement, a
    probe. Bytes and FIN count anyway once they are acknowledged.
    """
    side, peer = tables.sides[row], tables.sides[row ^ 1]
    if keeps_clock(side, peer, segment):
        return False
    known = side["stamp_time"] != NEVER
    span, come, moved = span_of(side), int64(side["stamp_ticks"]), follows_odd(side, segment)
    stamped = segment["stamped"] > UNSEEN_STAMPS
    lags = known and stamped and note_lag(side, int64(segment["stamp"]), int64(segment["time"]))
    stands = _stand(side, segment) if known else IMPOSSIBLE
    if stands <= OPEN:
        if moved:
            move_clock(side, segment, span, come)
        elif side["odd_stamp"]:
            note_tampering(segment, row, CLOCK_FROM_ELSEWHERE, int64(side["odd_stamp"]), tables)
            side["bits"] &= ~LEFT_OUT
            side["lag"] = 0
        elif lags and stands == FITS and side["stamp"] == segment["stamp"]:
            move_clock(side, segment, span, come)  # it goes as fast as before
        side["odd_stamp"] = 0
        return False
    length = int64(segment["length"])
    end = end_of(segment, begin)
    if int64(segment["flags"]) & (SYN | FIN) or length > 1 or (length and begin >= side["next"]):
        follows = not side["bits"] & HAS_NEXT or begin <= side["next"]
        fresh = side["wait_end"] == NEVER or side["wait_end"] <= side["acked"]
        if int64(segment["flags"]) & SYN or (follows and fresh and end > side["next"]):
            _wait(side, segment, end)
        return False
    if not known or peer["stamp_time"] == NEVER:
        return False
    if _is_mutual(peer, segment, buffer):
        forget_stamps(side)
        return False
    if side["odd_stamp"] == 0:
        note_odd(side, segment)
    if stands == IMPOSSIBLE or is_unasked(side, peer, segment, begin):
        side["bits"] |= LEFT_OUT
        return True
    return False
