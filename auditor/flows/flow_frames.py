"""The frames of a capture that show what is told of a flow: its beginning, its hello, its end."""

from __future__ import annotations

from typing import NamedTuple

from auditor.flows.flow import Flow, Transport
from auditor.flows.how_ended import Ender, Ending


class Frames(NamedTuple):
    """Numbers from 1 in the capture, as Wireshark counts; 0: there is none."""

    first: int
    """Of the first segment that was seen: the SYN, if it was."""
    reply: int
    """Of the acceptor's first: its SYN-ACK, or the RST that refuses."""
    hello: int
    """Of the first bytes that the initiator said, if they were seen."""
    ending: int
    """Of what ended it: a FIN, a RST or an ICMP error; of one that was lost its last."""
    last: int
    """Of the latest segment."""


def frames_of_flow(flow: Flow) -> Frames:
    """Return the frames of a flow; of one that stands for several those of the one that is told."""
    dialler, acceptor = flow.initiator.frames, flow.acceptor.frames
    seen = [one for one in (dialler.first, acceptor.first) if one]
    last = max(dialler.last, acceptor.last)
    return Frames(
        first=min(seen, default=0),
        reply=acceptor.first,
        hello=dialler.hello if _is_begun(flow) else 0,
        ending=_ending(flow, last),
        last=last,
    )


def _is_begun(flow: Flow) -> bool:
    """Tell whether what was seen first is the beginning: else it may be of the middle."""
    return flow.initiator.stream is not None or flow.hello.transport is not Transport.UNKNOWN


def _ending(flow: Flow, last: int) -> int:
    sides = {Ender.INITIATOR: flow.initiator.frames, Ender.ACCEPTOR: flow.acceptor.frames}
    closed = [one.closing for one in sides.values() if one.closing]
    match flow.how.ending:
        case Ending.REJECTED if flow.rejection is not None:
            return flow.rejection.frame
        case Ending.LOST:
            error = flow.too_big if flow.how.too_big else None
            return error.frame if error is not None else last
        case Ending.LOGIN_REFUSED:
            return min(closed, default=last)
        case Ending.ORDERLY | Ending.RESET | Ending.OPEN:
            by = sides.get(flow.how.by) if flow.how.by is not None else None
            return by.closing if by is not None else min(closed, default=0)
        case _:
            return 0
