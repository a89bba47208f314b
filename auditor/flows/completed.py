"""What the whole of a flow shows, once it and what contradicts itself in it are known."""

from __future__ import annotations

from dataclasses import replace

from auditor.flows.flow import Flow
from auditor.flows.tampering import GOES_BACK, IN_THE_NAME, Tampering

#: Who dials says hello within this (ns) after the SYN, unless packets are lost on the way.
_HELLO_DUE = 2_000_000_000


def completed(flow: Flow, facts: tuple[Tampering, ...], end: int, thinned: bool) -> Flow:
    """Return a flow with what contradicts itself, and whether its hello could not be seen.

    ``end``: when (ns) the capture ended. Where somebody else spoke in a side's name nobody is
    proven. Silences of a ``thinned`` capture may be what was left out of it.
    """
    count = flow.tampering_count
    if thinned:
        kept = tuple(fact for fact in facts if fact.kind != GOES_BACK)
        count, facts = count - (len(facts) - len(kept)), kept
    unseen = _is_hello_unseen(flow, end) or (thinned and _is_left_out(flow))
    if unseen == flow.hello_unseen and count == flow.tampering_count and not facts:
        return flow  # nearly all, and a copy costs more than all of this
    hello, contradicts = flow.hello, flow.hello_contradicts
    if hello.proven and any(fact.kind in IN_THE_NAME for fact in facts):
        hello, contradicts = replace(hello, proven=False), True
    return replace(
        flow,
        hello=hello,
        hello_contradicts=contradicts,
        hello_unseen=unseen,
        tampering=facts + flow.tampering,
        tampering_count=count,
    )


def _is_left_out(flow: Flow) -> bool:
    """Tell whether the first bytes that the initiator of a thinned capture sent may have been a
    hello that was not kept: the segment that they began with was not there."""
    return flow.hello_unseen and flow.initiator.stream != 0


def _is_hello_unseen(flow: Flow, end: int) -> bool:
    """Tell whether the capture cannot have the first bytes, although the initiator sent them or
    was about to: who dials says hello at once (bareos.md §3.1)."""
    sender = flow.initiator
    lost = sender.missing > 0 or sender.segments == 0 or flow.one_sided
    early = not sender.stream and flow.ended is None and end - flow.started < _HELLO_DUE
    return lost or early
