"""What passed a tap and is not in a capture, as far as it may hide the keepalive probes of a flow.

What a flow's own segments prove stands, whatever else went wrong: a table that was full touches
only the connections that it did not hold, and whoever can send a packet that nobody can read, or
half a connection, must not be able to hide that a heartbeat is missing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from auditor.flows.flow import Flow, Outcome
from auditor.judge.heartbeat.probe_window import ProbeWindow
from auditor.judge.heartbeat.verdict import HeartbeatContext
from auditor.judge.matching.hello_number import is_let_in
from auditor.packets.pcapng_comments import NEW_NS

if TYPE_CHECKING:  # a command that reads no capture loads no numpy
    from auditor.packets.segments import CaptureInfo

#: A connection of which no beginning was seen is believed to be one when both sides sent so many
#: segments.
_SEGMENTS = 3

#: So far (ns) a count of losses may be written from where they were.
_APART = 1_000_000_000

#: No acceptor that showed a certificate says more before it has let somebody in: its chain, a
#: challenge and a refusal take less.
_SEALED_LOGIN = 16384


class Losses:
    """The losses of one capture."""

    def __init__(self, info: CaptureInfo, flows: Iterable[Flow], *, probes_lost: bool) -> None:
        """``probes_lost``: more probes were seen than could be kept."""
        # Where the clock was set at a place that is not known, a silence may be no silence.
        self._anywhere = bool(info.lacks) or bool(info.clock.beyond) or probes_lost
        self._dropped = (info.dropped or 0) - info.lost_new
        # Times do not tell of a place where the clock was set.
        self._drops = () if info.clock.steps else info.drops
        self._anytime = (info.dropped or 0) - sum(one.packets for one in self._drops)
        self.at_first = NEW_NS if info.lost_new else 0
        """How long (ns) from its beginning on any flow may lack more than that."""
        gaps = sorted((one.started, one.last) for one in flows if _lost_some(one) and _is_real(one))
        self._starts = [start for start, _ in gaps]
        self._latest = list(accumulate((last for _, last in gaps), max))

    def dropped(self, flow: Flow, until: int) -> int:
        """Return how many packets that the recorder lost by its own count may be of a flow, in a
        capture that ends at ``until`` (ns): those that it lost while the flow was there."""
        last = until if flow.ended is None else flow.ended
        found = max(self._anytime, 0)
        for first, latest, packets in self._drops:
            if first - _APART <= last and flow.started <= latest + _APART:
                found += packets
        return min(found, self._dropped)

    def touch(self, flow: Flow, until: int) -> bool:
        """Tell whether segments of a flow may be missing beside those that were counted: some of
        its own are, or some of another connection that was there before ``until`` (ns), the end
        of the capture."""
        if self._anywhere or _lost_some(flow):
            return True
        last = until if flow.ended is None else flow.ended
        index = bisect_right(self._starts, last) - 1
        return index >= 0 and self._latest[index] >= flow.started


def _lost_some(flow: Flow) -> bool:
    return bool(flow.initiator.missing or flow.acceptor.missing)


def _is_real(flow: Flow) -> bool:
    """Tell whether a flow is one of Bareos' own: anybody can send half of one and leave a gap."""
    if flow.outcome is Outcome.MIDSTREAM:
        return min(flow.initiator.segments, flow.acceptor.segments) >= _SEGMENTS
    login = flow.hello.certificate and flow.refusal is None
    return is_let_in(flow) or (login and (flow.acceptor.stream or 0) > _SEALED_LOGIN)


def nothing_lost(flow: Flow, context: HeartbeatContext, packets: int = 2) -> bool:
    """Tell whether so many packets, such as a probe and its answer, cannot have passed unseen."""
    lost = flow.initiator.missing or flow.acceptor.missing or context.dropped >= packets
    if context.at_first:
        new = flow.started + context.at_first
        lost |= flow.last <= new or any(probe.time <= new for probe in flow.initiator.probes)
    unclear = flow.one_sided or flow.beats_left_out or flow.clock_unclear or flow.silence_unclear
    return context.complete and not (lost or unclear or _may_be_over(flow))


def what_is_lost(flow: Flow) -> str:
    """Return, as a clause, why something may have been lost."""
    if flow.clock_unclear:
        return (
            "segments whose timestamps are not of their sender's clock count for nothing, and "
            "nothing that follows shows whether they were forged or a device changed them"
        )
    if flow.silence_unclear:
        return (
            "the clocks of both ends, by their timestamps, went by less than hosts' clocks do in "
            "that time: the capture's clock may have been set"
        )
    if _may_be_over(flow):
        return "the login was refused, and what ended the connection after that was not captured"
    return "the capture has gaps"


def _may_be_over(flow: Flow) -> bool:
    """Tell whether a flow seems open only: who refused a login, or was refused, closes at once."""
    return flow.refusal is not None and flow.ended is None


def may_be_shorter(quiet: float, bounds: ProbeWindow, context: HeartbeatContext) -> bool:
    """Tell whether a silence (ns) is too long only by what may be lost of the flow's beginning."""
    return quiet <= bounds.high + context.at_first
