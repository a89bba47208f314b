"""Judges heartbeats: whether the initiator probes at the interval that its configuration sets.

Only the initiator carries a HeartbeatInterval (bareos.md §1.0), and absence needs an opportunity:
a missing probe is a failure only if the initiator could have sent one (§6.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Outcome
from auditor.flows.probe import Probe
from auditor.judge.heartbeat.due import MAY_BE_ANOTHERS, each, shown
from auditor.judge.heartbeat.losses import may_be_shorter, nothing_lost, what_is_lost
from auditor.judge.heartbeat.probe_window import ProbeWindow, probe_window
from auditor.judge.heartbeat.unheard import (
    hidden_answers,
    hidden_beats,
    hidden_sound,
    unanswered,
)
from auditor.judge.heartbeat.verdict import Fault, HeartbeatContext, HeartbeatVerdict
from auditor.judge.matching.ttl import is_routed
from auditor.judge.verdicts import Verdict
from auditor.site.heartbeat import Heartbeat

_NS = 1_000_000_000
#: So many answers are not all that a capture shows of as many probes.
_NOT_BY_CHANCE = 3


def judge_heartbeat(flow: Flow, expected: Heartbeat, context: HeartbeatContext) -> HeartbeatVerdict:
    """Return the verdict on the initiator's keepalive probes.

    ``expected.seconds``: 0 for the operating system's timers, None where it is not known. Where
    several values may be in force, one that passes is enough, and all have to fail.
    """
    verdict = _judge_each(flow, expected, context)
    if verdict.verdict is Verdict.FAIL and any(
        _judge_one(flow, one, context).verdict is not Verdict.FAIL for one in expected.perhaps
    ):
        reason = f"{verdict.reason}, but {MAY_BE_ANOTHERS}"
        return replace(verdict, verdict=Verdict.UNKNOWN, reason=reason)
    return verdict


def _judge_each(flow: Flow, expected: Heartbeat, context: HeartbeatContext) -> HeartbeatVerdict:
    due = shown(expected, context.timers.idle)
    verdicts = [_judge_one(flow, one, context, due) for one in each(expected)]
    if len(verdicts) == 1:
        return verdicts[0]
    chosen = min(verdicts, key=_most_in_favour)
    reason = f"{chosen.reason} ({due} is due)"
    if chosen.verdict is Verdict.FAIL:
        reason = "; ".join(dict.fromkeys(one.reason for one in verdicts))
    return replace(chosen, expected=None, reason=reason)


def _most_in_favour(one: HeartbeatVerdict) -> tuple[int, bool]:
    order = (Verdict.NOT_APPLICABLE, Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL)
    return order.index(one.verdict), one.fault is not Fault.NONE


def _judge_one(
    flow: Flow, expected: Heartbeat, context: HeartbeatContext, due: str = ""
) -> HeartbeatVerdict:
    if flow.outcome in {Outcome.UNANSWERED, Outcome.REFUSED}:
        reason = "the connection was never established"
        return HeartbeatVerdict(Verdict.NOT_APPLICABLE, reason, expected=expected.seconds, due=due)
    probes = flow.initiator.probes
    exact = [probe.interval for probe in probes if probe.exact and not context.clock_lost]
    heartbeat = HeartbeatVerdict(
        Verdict.UNKNOWN,
        expected.reason,
        observed=round(_median(exact) / _NS, 3) if exact else None,
        probes=len(probes),
        answered=sum(probe.answered is not None for probe in probes),
        expected=expected.seconds,
        due=due,
    )
    if expected.seconds is None:
        return heartbeat
    if not flow.initiator.segments + flow.acceptor.segments:
        return replace(heartbeat, reason="no packet of it was seen")
    in_a_row = unanswered(probes, context.capture_last)
    if in_a_row and (in_a_row > 1 or not _received_after(flow, probes[-1])):
        return _without_answers(flow, heartbeat, in_a_row, context)
    if expected.seconds == 0:
        return _system_timers(flow, heartbeat, exact, context)
    if exact:
        return _intervals(flow, heartbeat, exact, expected.seconds, context)
    return _absence(flow, heartbeat, probe_window(expected.seconds, flow.rtt), context)


def _received_after(flow: Flow, probe: Probe) -> bool:
    heard = max(flow.acceptor.spoke or 0, flow.acceptor.rst or 0)
    return heard > probe.time


def _without_answers(
    flow: Flow, heartbeat: HeartbeatVerdict, in_a_row: int, context: HeartbeatContext
) -> HeartbeatVerdict:
    """One lost probe is not yet a dead peer (RFC 9293 §3.8.4): two in a row are."""
    heartbeat = replace(heartbeat, fault=Fault.UNANSWERED)
    if flow.one_sided:
        reason = "the capture shows one direction only, so answers to probes cannot be seen"
        return replace(heartbeat, reason=reason)
    if in_a_row == 1:
        reason = "the last probe got no answer, and nothing that follows tells why"
        return replace(heartbeat, reason=reason)
    if not nothing_lost(flow, context, in_a_row // 2):
        reason = f"{in_a_row} probes in a row got no answer, but {what_is_lost(flow)}"
        return replace(heartbeat, reason=reason)
    if hidden := hidden_answers(flow, context):
        reason = f"{in_a_row} probes in a row got no answer, but {hidden}"
        return replace(heartbeat, reason=reason)
    missed = heartbeat.probes - heartbeat.answered
    reason = f"{missed} of {heartbeat.probes} probes got no answer, {in_a_row} in a row"
    return replace(heartbeat, verdict=Verdict.FAIL, reason=reason)


def _intervals(
    flow: Flow,
    heartbeat: HeartbeatVerdict,
    exact: Sequence[int],
    seconds: int,
    context: HeartbeatContext,
) -> HeartbeatVerdict:
    """Judge most of them: a single odd interval is a loss on the way, not a setting."""
    bounds = probe_window(seconds, flow.rtt)
    kept = sum(map(bounds.allows, exact))
    typical = _median(exact)
    shown = f"probes came every {typical / _NS:.1f} s"
    if 2 * kept >= len(exact):
        reason = f"{shown}; {seconds} s is configured and allows {bounds}"
        return replace(heartbeat, verdict=Verdict.PASS, reason=reason)
    heartbeat = replace(heartbeat, fault=Fault.INTERVAL)
    lost = may_be_shorter(typical, bounds, context) or not nothing_lost(flow, context)
    why = what_is_lost(flow) if lost else hidden_beats(flow, bounds, context)
    if typical > bounds.high and why:
        return replace(heartbeat, reason=f"{shown} instead of {bounds}, but {why}")
    return replace(
        heartbeat,
        verdict=Verdict.FAIL,
        reason=f"{shown} where {seconds} s is configured ({bounds})",
    )


def _absence(
    flow: Flow, heartbeat: HeartbeatVerdict, bounds: ProbeWindow, context: HeartbeatContext
) -> HeartbeatVerdict:
    """No interval at all: a failure only with an opportunity, and only if nothing was lost."""
    if flow.one_sided:
        return replace(
            heartbeat, reason="the capture shows one direction only, so silence cannot be told"
        )
    quiet = flow.initiator.longest_idle
    if quiet <= bounds.high and _is_kept_from_probing(flow, heartbeat, bounds, context):
        reason = (
            f"in {flow.acceptor.unasked.idle / _NS:.1f} s the initiator heard nothing but "
            "acknowledgements that nothing seen asked for: one was due within "
            f"{bounds.high / _NS:.1f} s"
        )
        return replace(heartbeat, fault=Fault.UNASKED, reason=reason)
    if quiet <= bounds.high:
        reason = (
            f"the initiator never went {bounds.high / _NS:.1f} s without hearing its peer "
            f"(longest: {quiet / _NS:.1f} s), so no probe could be seen"
        )
        if heartbeat.probes:
            reason = f"the only probe ends a silence that began before {context.beginning}"
        if flow.clock_unclear:
            reason += f"; {what_is_lost(flow)}"
        return replace(heartbeat, reason=reason)
    shown = (
        f"no probe in {quiet / _NS:.1f} s of silence; one was due within {bounds.high / _NS:.1f} s"
    )
    heartbeat = replace(heartbeat, fault=Fault.MISSING, reason=shown)
    lost = may_be_shorter(quiet, bounds, context)
    if lost or not nothing_lost(flow, context, 2 * int(quiet // bounds.high)):
        return replace(heartbeat, reason=f"{shown}, but {what_is_lost(flow)}")
    if hidden := hidden_sound(flow, bounds, context):
        return replace(heartbeat, reason=f"{shown}, but {hidden}")
    if context.may_lack_keepalive and not heartbeat.probes:
        return replace(heartbeat, reason=f"{shown}, but only bconsole sends any, no other console")
    if is_routed(flow.initiator):
        shown += (
            f". A router (TTL {flow.initiator.ttl}) lies between: none was sent, or the way holds "
            "them back. A tap at the initiator or `bareos-audit sockets` there tells"
        )
    return replace(heartbeat, verdict=Verdict.FAIL, reason=shown)


def _is_kept_from_probing(
    flow: Flow, heartbeat: HeartbeatVerdict, bounds: ProbeWindow, context: HeartbeatContext
) -> bool:
    """Tell whether only bare ACKs that answer nothing kept the initiator from probing.

    One that comes before a probe is due answers none that the capture lost; and that it lost every
    probe of several, and no answer, is not to be believed.
    """
    unasked = flow.acceptor.unasked
    if unasked.idle <= bounds.high or heartbeat.probes or not nothing_lost(flow, context):
        return False
    return unasked.soonest < bounds.low or unasked.acks >= _NOT_BY_CHANCE


def _system_timers(
    flow: Flow, heartbeat: HeartbeatVerdict, exact: Sequence[int], context: HeartbeatContext
) -> HeartbeatVerdict:
    """No HeartbeatInterval: the system's timers hold, whatever sysctl has made of them.

    Any other interval than the defaults may come from sysctl. A shorter one is a failure only
    when the same host, on another socket that runs on its timers, let a longer silence pass
    without a probe. What repeats after 75 s are unanswered probes (bareos.md §6.1), which are
    judged before.
    """
    idle = probe_window(context.timers.idle, flow.rtt)
    if not exact:
        return replace(heartbeat, reason=_no_system_probe(flow, heartbeat, idle, context))
    typical = _median(exact)
    shown = f"probes came every {typical / _NS:.1f} s though no HeartbeatInterval is in force"
    if 2 * sum(map(idle.allows, exact)) >= len(exact):
        return replace(heartbeat, verdict=Verdict.PASS, reason="probes keep the system's timers")
    heartbeat = replace(heartbeat, fault=Fault.INTERVAL)
    observed = probe_window(int(typical // _NS) + 1, flow.rtt)
    if context.host_quiet > observed.high and nothing_lost(flow, context):
        reason = f"{shown}, and not by the host's own timers: it stayed silent elsewhere for longer"
        return replace(heartbeat, verdict=Verdict.FAIL, reason=reason)
    reason = f"{shown}: the host's kernel timers or the running configuration differ from this one"
    return replace(heartbeat, reason=reason)


def _no_system_probe(
    flow: Flow, heartbeat: HeartbeatVerdict, idle: ProbeWindow, context: HeartbeatContext
) -> str:
    held = f"the operating system's timers hold ({heartbeat.reason})" if heartbeat.reason else ""
    if heartbeat.probes:
        return f"{held}, and the only probe ends a silence that began before {context.beginning}"
    if flow.initiator.longest_idle <= idle.high:
        return f"{held}, and the flow was not idle for {context.timers.idle} s"
    quiet = flow.initiator.longest_idle / _NS
    return f"{held}, but {quiet:.0f} s passed without a probe: the kernel's must be longer"


def _median(values: Sequence[int]) -> float:
    """Return what ``statistics.median`` does: loading that takes longer than a judgement."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2
