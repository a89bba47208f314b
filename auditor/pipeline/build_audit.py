"""Tracked captures × network → tables, tables × rules → audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.flows.flow import Flow, Outcome
from auditor.flows.several_networks import of_each_network
from auditor.judge.heartbeat.from_probes import judge_heartbeat
from auditor.judge.heartbeat.from_sockets import other_console
from auditor.judge.heartbeat.kernel_timers import KernelTimers
from auditor.judge.heartbeat.losses import Losses
from auditor.judge.heartbeat.verdict import HeartbeatContext, HeartbeatVerdict
from auditor.judge.matching.match import Match
from auditor.judge.matching.processes import BCONSOLE
from auditor.judge.not_decoded import NotDecoded
from auditor.judge.tables.judged import Judged
from auditor.judge.verdicts import Verdict
from auditor.judge.witnesses import witnesses
from auditor.pipeline.basis import excerpts, made_now
from auditor.pipeline.network import Network
from auditor.pipeline.network_problems import network_problems
from auditor.pipeline.recording_host import RecordingHost
from auditor.pipeline.recordings.unwatched import Unwatched
from auditor.pipeline.track_capture import TrackedCapture
from auditor.result import Audit
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import Site

if TYPE_CHECKING:
    from auditor.judge.tables.table import Table

#: Consoles need not be bconsole (bareos.md §1.1).
_CONSOLES = frozenset({"1", "2"})
#: Their heartbeat is that of the Director's Client or Storage resource (bareos.md §0).
_ORDERED_BY_RESOURCES = frozenset({"3", "5a", "5b"})
_NO_CONFIGURATION = Heartbeat(None, None, "no configuration was given")
_WHOSE = "the configuration at hand does not tell whose HeartbeatInterval holds here"
_SEVERAL = Heartbeat(None, None, "several resources fit, and their HeartbeatIntervals differ")


def build_audit(tracked: Sequence[TrackedCapture], network: Network) -> Audit:
    """Return the audit of captures that were read to their end. Raises RuleError."""
    from auditor.judge.causes.find import find_causes
    from auditor.judge.matching.address_fallback import connected_via_other_address
    from auditor.judge.matching.login_fallback import refused_before_cleartext
    from auditor.judge.rules.rule_text import rule_text
    from auditor.judge.tables.flow_rows import flow_row
    from auditor.judge.tables.probes import probe_rows
    from auditor.judge.tables.problems import problem_row, working
    from auditor.judge.tables.table import build
    from auditor.pipeline.recordings.rows import capture_rows
    from auditor.pipeline.statements import statements

    judged: list[Judged] = []
    for one in tracked:
        judged.extend(judge_flows(one, network, len(judged)))
    elsewhere = connected_via_other_address(judged)
    fallen_back = refused_before_cleartext(judged)
    causes = find_causes(judged, network.site)
    bacula = spoken_by_bacula(judged) if network.site is None else frozenset()
    seen_too = witnesses(judged)
    judged_once = seen_too.rows(judged)
    flows = (
        {
            **flow_row(one, network.site, causes.get(one.id)),
            "reached_otherwise": one.id in elsewhere,
            "bacula": one.id in bacula,
            "login_fell_back": one.id in fallen_back,
            **seen_too.columns.get(one.id, {}),
        }
        for one in judged_once
    )
    tables = {
        "captures": build("captures", capture_rows(tracked, seen_too.note)),
        "flows": build("flows", flows),
        "probes": build("probes", (row for one in judged_once for row in probe_rows(one))),
        "expectations": _expectations(network, judged, tracked),
    }
    wrong, seen = network_problems(network), working(judged)
    problems = build("problems", (problem_row(one, seen) for one in wrong))
    settings = _settings(network, judged)
    everything = {**tables, "settings": settings, "problems": problems}
    judgement = network.judge(everything, network.audit_rules, captured=True)
    tables["findings"] = judgement.findings
    return Audit(
        tables=tables,
        passed=judgement.passed,
        unobserved=judgement.unobserved,
        rules=tuple(map(rule_text, filter(network.applies, network.audit_rules))),
        problems=tuple(map(str, wrong)),
        statements=tuple(statements(network, {**tables, "settings": settings})),
        failed=judgement.failed,
        basis=made_now(network.basis),
        excerpts=excerpts(judgement.findings, network.excerpt),
    )


def spoken_by_bacula(judged: Sequence[Judged]) -> frozenset[str]:
    """Return the ids of the flows of hosts that said a hello which only Bacula says, or took one:
    it may put a finding in doubt where nothing but the wire tells what a host is, and acquits
    nobody. What a stranger says to a host says nothing of that host.
    """
    from auditor.judge.matching.hello_number import is_let_in

    hosts = set[tuple[int, str]]()
    for flow in (one.flow for one in judged if one.flow.hello.bacula):
        dialler, acceptor = _ends(flow)
        hosts |= {dialler, acceptor} if is_let_in(flow) else {dialler}
    return frozenset(one.id for one in judged if not hosts.isdisjoint(_ends(one.flow)))


def _ends(flow: Flow) -> tuple[tuple[int, str], tuple[int, str]]:
    return (flow.network, flow.initiator.address), (flow.network, flow.acceptor.address)


def judge_flows(one: TrackedCapture, network: Network, before: int) -> list[Judged]:
    """Return what was found out about each flow of a capture; ``before`` flows have an id
    already."""
    from auditor.judge.matching.classification import classify

    host = RecordingHost(one.info)
    flows = host.complete(one.flows, network.ports)
    site = network.site_at(host.daemons(here=one.here))
    given = network.ports, network.classifiers.of(site)
    matches = of_each_network(flows, lambda some: classify(some, site, *given))
    different = {id(match): match for match in matches}  # flows of which all is equal share one
    known = {key: expected_heartbeat(match, network.site) for key, match in different.items()}
    expected = [known[id(match)] for match in matches]
    kernel = KernelTimers(flows, matches, expected)
    losses = Losses(one.info, flows, probes_lost=one.probes_lost)
    undecoded, last = NotDecoded(one.info) if one.info.runs else None, one.info.last
    unwatched = Unwatched(one.holes, one.doubts, last)
    judged: list[Judged] = []
    places = one.places if one.files else None
    for flow, match, heartbeat in zip(flows, matches, expected, strict=True):
        context = HeartbeatContext(
            timers=network.site_file.keepalive,
            capture_last=one.info.ended or flow.last,
            complete=not (losses.touch(flow, last or flow.last) or unwatched.cuts(flow)),
            dropped=losses.dropped(flow, last or flow.last),
            clock_set=bool(one.info.clock.steps),
            clock_lost=bool(one.info.clock.beyond),
            at_first=losses.at_first,
            undecoded=undecoded,
            host_quiet=kernel.quiet_elsewhere(flow),
            may_lack_keepalive=match.connection in _CONSOLES,
        )
        flow_id = f"f{before + len(judged) + 1}"
        probes = judge_heartbeat(flow, heartbeat, context)
        if match.connection in _CONSOLES and flow.initiator.process not in {"", BCONSOLE}:
            reason = other_console(flow.initiator.process)
            probes = HeartbeatVerdict(Verdict.NOT_APPLICABLE, reason)
        socket = host.sockets.judge(flow, match, heartbeat)
        lost = context.dropped or one.probes_lost or one.info.clock.steps
        seen = not (unwatched.cuts(flow) or lost), unwatched.answer_until(flow)
        judged.append(Judged(flow_id, flow, match, probes, one.info, socket, places, *seen))
    return judged


def expected_heartbeat(match: Match, site: Site | None) -> Heartbeat:
    """Return the HeartbeatInterval that a classified flow's initiator should carry."""
    if site is None:
        return _NO_CONFIGURATION
    rows = match.candidates if match.expectation is not None else match.own
    if not rows:
        reason = match.reason or "no expectation fits"
        return Heartbeat(None, None, _WHOSE if match.connection is not None else reason)
    different = {row.heartbeat.seconds: row.heartbeat for row in rows}
    perhaps = tuple(
        {
            row.heartbeat.seconds: row.heartbeat
            for row in match.perhaps
            if row.heartbeat.seconds not in different
        }.values()
    )
    if len(different) < 2:
        alone = rows[0].heartbeat
        return alone if alone.perhaps == perhaps else replace(alone, perhaps=perhaps)
    known = None not in different and match.initiator is not None and match.acceptor is not None
    if not known or match.connection not in _ORDERED_BY_RESOURCES:
        return _SEVERAL
    # Each of the Director's resources for this daemon may have ordered the socket.
    first, *others = sorted(different.values(), key=lambda one: (not one.seconds, one.seconds))
    return replace(first, others=tuple(others), perhaps=perhaps)


def _exercised(judged: Sequence[Judged]) -> frozenset[str]:
    """Return the ids of the expectations that flows were matched with, or may be: of a hello whose
    name was left out when the capture was thinned nothing can be missed."""
    return frozenset(
        row.id
        for one in judged
        for row in one.match.candidates
        if (one.match.connection or one.flow.name_left_out) and _is_heard_of(one.flow)
    )


def _is_heard_of(flow: Flow) -> bool:
    """Tell whether a flow is more than packets of one end that began nothing, as anybody sends."""
    both = flow.initiator.segments > 0 < flow.acceptor.segments
    return both or flow.one_sided or flow.outcome is not Outcome.MIDSTREAM


def _settings(network: Network, judged: Sequence[Judged]) -> Table:
    from auditor.judge.tables.settings import setting_rows
    from auditor.judge.tables.socket_settings import socket_setting_rows
    from auditor.judge.tables.table import build

    limits, rows = network.idle_limits, list(socket_setting_rows(judged, network.idle_limits))
    if network.site is not None:
        rows += setting_rows(network.site, limits, _exercised(judged))
    return build("settings", rows)


def _expectations(
    network: Network, judged: Sequence[Judged], tracked: Sequence[TrackedCapture]
) -> Table:
    from auditor.judge.tables.expectations import expectation_row, opportunity, sight
    from auditor.judge.tables.table import build

    if network.site is None:
        return build("expectations", ())
    exercised = _exercised(judged)
    sights = [
        sight(
            ((f.initiator.address, f.acceptor.address) for f in one.flows if _is_heard_of(f)),
            NotDecoded(one.info),
        )
        for one in tracked
    ]
    unread = sum(one.info.truncated and one.info.first is None for one in tracked)
    longest = max((one.longest / 1e9 for one in tracked), default=0.0)
    rows = (
        expectation_row(
            row,
            {
                "exercised": row.id in exercised,
                **opportunity(row, network.site_file.keepalive.idle, longest, sights, unread),
            },
            network.site_file.keepalive,
        )
        for row in network.site.expectations
    )
    return build("expectations", rows)
