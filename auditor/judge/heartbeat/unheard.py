"""What packets that could not be decoded may change of a heartbeat: the initiator may have heard
one of them in a silence, or one may have been an answer.

Only what passed from the peer to it in that very silence counts, and only if no silence that is too
long is left without: anybody can send what nobody can read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.flows.flow import Flow
from auditor.flows.probe import Probe
from auditor.judge.heartbeat.probe_window import ANSWER_TIME, ProbeWindow
from auditor.judge.heartbeat.verdict import HeartbeatContext


def unanswered(
    probes: Sequence[Probe], capture_last: int, excused: Callable[[Probe], bool] = lambda _: False
) -> int:
    """Return the longest run of probes without an answer that had time to get one, but for those
    that are excused."""
    longest = run = 0
    for probe in probes:
        missed = probe.answered is None and probe.time + ANSWER_TIME < capture_last
        run = run + 1 if missed and not excused(probe) else 0
        longest = max(longest, run)
    return longest


def hidden_answers(flow: Flow, context: HeartbeatContext) -> str:
    """Return, as a clause, what may have been answers so that no two probes in a row had none;
    empty: nothing."""
    undecoded = context.undecoded
    if undecoded is None:
        return ""
    hearer, peer = flow.initiator.address, flow.acceptor.address

    def excused(probe: Probe) -> bool:
        return undecoded.came(hearer, peer, probe.time, probe.time + ANSWER_TIME)

    if unanswered(flow.initiator.probes, context.capture_last, excused) > 1:
        return ""
    return _told(flow, context)


def hidden_sound(flow: Flow, bounds: ProbeWindow, context: HeartbeatContext) -> str:
    """Return, as a clause, what the initiator may have heard in its longest silence so that no
    probe was due; empty: nothing."""
    begin = flow.initiator.longest_idle_began
    if begin is None or context.undecoded is None:
        return ""
    end = begin + flow.initiator.longest_idle
    return _told(flow, context) if _unheard(flow, begin, end, context) <= bounds.high else ""


def hidden_beats(flow: Flow, bounds: ProbeWindow, context: HeartbeatContext) -> str:
    """Return, as a clause, what may have been among probes that seem to come too seldom so that
    most are in time; empty: nothing."""
    if context.undecoded is None:
        return ""
    exact = [probe for probe in flow.initiator.probes if probe.exact]
    due = 0
    for probe in exact:
        late = probe.interval > bounds.high
        begin = probe.time - probe.interval
        may = late and _unheard(flow, begin, probe.time, context) <= bounds.high
        due += may or bounds.allows(probe.interval)
    return _told(flow, context) if 2 * due >= len(exact) else ""


def _unheard(flow: Flow, begin: int, end: int, context: HeartbeatContext) -> int:
    assert context.undecoded is not None
    hearer, peer = flow.initiator.address, flow.acceptor.address
    return context.undecoded.longest_unheard(hearer, peer, begin, end)


def _told(flow: Flow, context: HeartbeatContext) -> str:
    assert context.undecoded is not None
    hearer, peer = flow.initiator.address, flow.acceptor.address
    layers = context.undecoded.layers_to(hearer, peer)
    return f"packets from its peer in that time could not be decoded ({layers})"
