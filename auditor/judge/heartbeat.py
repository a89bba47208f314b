"""Judges heartbeats: whether the initiator probes at the interval that its configuration sets.

Only the initiator carries a HeartbeatInterval (bareos.md §1.0), and absence needs an opportunity:
a missing probe is a failure only if the initiator could have sent one (§6.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from auditor.config.site.model import Heartbeat
from auditor.config.site.sitefile import Keepalive
from auditor.flows.model import Flow, Outcome, Probe
from auditor.judge.law import ANSWER_TIME, Law, law

_NS = 1_000_000_000


class Verdict(StrEnum):
    """A judgement on one row."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "notapplicable"


class Fault(StrEnum):
    """What is wrong with a heartbeat; each has its rule."""

    NONE = ""
    MISSING = "missing"
    INTERVAL = "interval"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Beat:
    """The judgement on one flow's heartbeat."""

    verdict: Verdict
    reason: str
    """For a person, always there."""
    fault: Fault = Fault.NONE
    """What fails, or, with ``unknown``, what may be failing."""
    observed: float | None = None
    """Median interval of the initiator's probes, seconds."""
    probes: int = 0
    """Probes of the initiator."""
    answered: int = 0
    expected: int | None = None
    """The effective HeartbeatInterval that was judged against, seconds."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a flow's heartbeat is judged against besides its own packets."""

    timers: Keepalive
    """The operating system's timers."""
    capture_last: int
    """Time of the capture's last packet, ns."""
    complete: bool
    """The capture lost nothing that it knows of."""
    host_quiet: int
    """The longest time (ns) that the initiator's host let pass without a probe on any other flow
    that runs on the operating system's timers: it disproves a shorter system-wide timer."""


def judge_beat(flow: Flow, expected: Heartbeat, around: Surroundings) -> Beat:
    """Return the verdict on the initiator's keepalive probes.

    ``expected.seconds``: 0 for the operating system's timers, None where it is not known.
    """
    if flow.outcome in {Outcome.UNANSWERED, Outcome.REFUSED}:
        reason = "the connection was never established"
        return Beat(Verdict.NOT_APPLICABLE, reason, expected=expected.seconds)
    probes = flow.initiator.probes
    exact = [probe.interval for probe in probes if probe.exact]
    beat = Beat(
        Verdict.UNKNOWN,
        expected.reason,
        observed=round(median(exact) / _NS, 3) if exact else None,
        probes=len(probes),
        answered=sum(probe.answered is not None for probe in probes),
        expected=expected.seconds,
    )
    if expected.seconds is None:
        return beat
    if silent := _unanswered(probes, around.capture_last):
        return _answers(flow, beat, silent)
    if expected.seconds == 0:
        return _system_timers(flow, beat, exact, around)
    bounds = law(expected.seconds, flow.rtt)
    if exact:
        return _intervals(flow, beat, exact, expected.seconds, around)
    return _absence(flow, beat, bounds, around)


def _unanswered(probes: Sequence[Probe], capture_last: int) -> int:
    """Count the probes without an answer that had time to get one."""
    return sum(p.answered is None and p.time + ANSWER_TIME < capture_last for p in probes)


def _answers(flow: Flow, beat: Beat, silent: int) -> Beat:
    beat = replace(beat, fault=Fault.UNANSWERED)
    if flow.one_sided:
        reason = "the capture shows one direction only, so answers to probes cannot be seen"
        return replace(beat, reason=reason)
    return replace(
        beat, verdict=Verdict.FAIL, reason=f"{silent} of {beat.probes} probes got no answer"
    )


def _intervals(
    flow: Flow, beat: Beat, exact: Sequence[int], seconds: int, around: Surroundings
) -> Beat:
    """Judge the median: a single odd interval is a loss on the way, not a setting."""
    bounds = law(seconds, flow.rtt)
    typical = int(median(exact))
    shown = f"probes came every {typical / _NS:.1f} s"
    if bounds.allows(typical):
        reason = f"{shown}; {seconds} s is configured and allows {_span(bounds)}"
        return replace(beat, verdict=Verdict.PASS, reason=reason)
    beat = replace(beat, fault=Fault.INTERVAL)
    if typical > bounds.high and not _whole(flow, around):
        reason = f"{shown} instead of {_span(bounds)}, but the capture has gaps"
        return replace(beat, reason=reason)
    return replace(
        beat,
        verdict=Verdict.FAIL,
        reason=f"{shown} where {seconds} s is configured ({_span(bounds)})",
    )


def _absence(flow: Flow, beat: Beat, bounds: Law, around: Surroundings) -> Beat:
    """No probe at all: a failure only with an opportunity, and only if nothing was lost."""
    quiet = flow.initiator.longest_quiet
    if quiet <= bounds.high:
        reason = (
            f"the initiator never went {bounds.high / _NS:.1f} s without hearing its peer "
            f"(longest: {quiet / _NS:.1f} s), so no probe could be seen"
        )
        return replace(beat, reason=reason)
    shown = (
        f"no probe in {quiet / _NS:.1f} s of silence; one was due within {bounds.high / _NS:.1f} s"
    )
    beat = replace(beat, fault=Fault.MISSING, reason=shown)
    if not _whole(flow, around):
        return replace(beat, reason=f"{shown}, but the capture has gaps")
    return replace(beat, verdict=Verdict.FAIL)


def _system_timers(flow: Flow, beat: Beat, exact: Sequence[int], around: Surroundings) -> Beat:
    """No HeartbeatInterval: the system's timers hold, whatever sysctl has made of them.

    A shorter interval than the defaults may come from sysctl. It is a failure only when the same
    host, on another socket that runs on its timers, let a longer silence pass without a probe.
    """
    idle, repeat = law(around.timers.idle, flow.rtt), law(around.timers.interval, flow.rtt)
    if not exact:
        hours = around.timers.idle
        reason = f"the operating system's timers hold, and the flow was not idle for {hours} s"
        return replace(beat, reason=reason)
    typical = int(median(exact))
    shown = f"probes came every {typical / _NS:.1f} s though no HeartbeatInterval is in force"
    if all(idle.allows(interval) or repeat.allows(interval) for interval in exact):
        return replace(beat, verdict=Verdict.PASS, reason="probes keep the system's timers")
    beat = replace(beat, fault=Fault.INTERVAL)
    if around.host_quiet > law(typical // _NS + 1, flow.rtt).high and _whole(flow, around):
        reason = f"{shown}, and not by the host's own timers: it stayed silent elsewhere for longer"
        return replace(beat, verdict=Verdict.FAIL, reason=reason)
    reason = f"{shown}: the host's kernel timers or the running configuration differ from this one"
    return replace(beat, reason=reason)


def _whole(flow: Flow, around: Surroundings) -> bool:
    lost = flow.initiator.missing or flow.acceptor.missing
    return around.complete and not lost and not flow.one_sided


def _span(bounds: Law) -> str:
    return f"{bounds.low / _NS:.1f} to {bounds.high / _NS:.1f} s"
