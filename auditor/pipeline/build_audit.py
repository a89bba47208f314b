"""Joins the rooms: configuration → site, flows × site → tables, tables × rules → audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.flows.flow import Flow
from auditor.judge.heartbeat.from_probes import judge_heartbeat
from auditor.judge.heartbeat.from_sockets import SocketFacts
from auditor.judge.heartbeat.kernel_timers import KernelTimers
from auditor.judge.heartbeat.verdict import HeartbeatContext
from auditor.judge.matching.match import Match
from auditor.judge.tables.rows import Judged
from auditor.pipeline.track_capture import TrackedCapture
from auditor.site.model import Heartbeat, Role, Site
from auditor.site.site_file import SiteFile

if TYPE_CHECKING:
    import pandas as pd

    from auditor.api import Audit, Paths
    from auditor.judge.rules.rule import Rule

_NO_CONFIGURATION = Heartbeat(None, None, "no configuration was given")
_SEVERAL = Heartbeat(None, None, "several resources fit, and their HeartbeatIntervals differ")


def site_file_of(path: str | Path | None) -> SiteFile:
    """Return the site file's content, or an empty one."""
    from auditor.site.site_file import read_site_file

    return read_site_file(path) if path is not None else SiteFile()


def load_site(
    config: Paths,
    site_file: SiteFile,
    hosts: str | Path | None,
    *,
    resolve: bool,
    strict: bool,
) -> Site | None:
    """Return the site that the configuration describes; None where no path was given."""
    from auditor.config.reading import read_configuration
    from auditor.site.build import build_site
    from auditor.site.resolver import Resolver, read_hosts

    paths = [config] if isinstance(config, str | Path) else list(config)
    if not paths:
        return None
    table = read_hosts(hosts) if hosts is not None else {}
    resolver = Resolver(table, site_file.hosts, system=resolve)
    return build_site(read_configuration(paths, strict=strict), resolver, site_file)


def expectation_table(site: Site | None) -> pd.DataFrame:
    """Return the site's expectations, none of them exercised."""
    from auditor.judge.tables.expected import expectation_row
    from auditor.judge.tables.frames import frame

    rows = site.expectations if site is not None else ()
    return frame("expectations", [expectation_row(row, {}) for row in rows])


def assemble(
    followed: Sequence[TrackedCapture],
    site: Site | None,
    ports: Mapping[int, Role],
    site_file: SiteFile,
    catalogue: tuple[Rule, ...],
    today: dt.date | None,
) -> Audit:
    """Return the audit of captures that were read to their end, by the rules of a catalogue."""
    from auditor.api import Audit
    from auditor.judge.matching.address_fallback import connected_via_other_address
    from auditor.judge.rules.findings import judge
    from auditor.judge.tables.coverage import capture_row, losses
    from auditor.judge.tables.frames import frame
    from auditor.judge.tables.rows import flow_row, probe_rows

    lost = [losses(one.info, one.flows, one.overflow) for one in followed]
    judged: list[Judged] = []
    for one, gaps in zip(followed, lost, strict=True):
        # Where the capture's clock ran backwards, a silence may be no silence.
        whole = not gaps and not one.info.backwards
        judged.extend(judge_flows(one, site, ports, site_file, whole, len(judged)))
    elsewhere = connected_via_other_address(judged)
    rows = [{**flow_row(o, site), "reached_otherwise": o.id in elsewhere} for o in judged]
    tables = {
        "captures": frame(
            "captures",
            [capture_row(o.info, o.flows, gaps) for o, gaps in zip(followed, lost, strict=True)],
        ),
        "flows": frame("flows", rows),
        "probes": frame("probes", [row for one in judged for row in probe_rows(one)]),
        "expectations": _expectations(site, judged, followed, site_file),
    }
    judgement = judge(tables, catalogue, site_file.waivers, today)
    return Audit(
        **tables,
        findings=judgement.findings,
        passed=judgement.passed,
        rules=catalogue,
        problems=tuple(_problems(site, site_file, {rule.id for rule in catalogue})),
    )


def judge_flows(
    one: TrackedCapture,
    site: Site | None,
    ports: Mapping[int, Role],
    site_file: SiteFile,
    complete: bool,
    before: int,
) -> list[Judged]:
    """Return what is to be said of each flow of a capture; ``before`` flows have an id already.

    ``complete``: the capture lost nothing that it knows of, and its clock never ran backwards.
    """
    matches = classify(one.flows, site, ports)
    expected = [expected_heartbeat(match, site) for match in matches]
    kernel = KernelTimers(one.flows, matches, expected)
    sockets = SocketFacts(one.info.facts)
    judged: list[Judged] = []
    for flow, match, heartbeat in zip(one.flows, matches, expected, strict=True):
        around = HeartbeatContext(
            timers=site_file.keepalive,
            capture_last=one.info.last or flow.last,
            complete=complete,
            host_quiet=kernel.quiet_elsewhere(flow),
            mute=match.connection in {"1", "2"},
        )
        beat = judge_heartbeat(flow, heartbeat, around)
        word = sockets.judge(flow, match, heartbeat)
        judged.append(Judged(f"f{before + len(judged) + 1}", flow, match, beat, one.info, word))
    return judged


def classify(flows: Sequence[Flow], site: Site | None, ports: Mapping[int, Role]) -> list[Match]:
    """Return the connection number of each flow and what led to it."""
    from auditor.judge.matching.classifier import Classifier
    from auditor.judge.matching.correlation import mark_5b, resolve_6_or_8
    from auditor.judge.matching.port_classifier import PortClassifier

    if site is None:
        return mark_5b(flows, PortClassifier(ports).classify(flows), ())
    matches = resolve_6_or_8(flows, Classifier(site).classify(flows))
    return mark_5b(flows, matches, site.expectations)


def expected_heartbeat(match: Match, site: Site | None) -> Heartbeat:
    """Return the HeartbeatInterval that a classified flow's initiator should carry."""
    if site is None:
        return _NO_CONFIGURATION
    if match.expectation is None:
        return Heartbeat(None, None, match.reason or "no expectation fits")
    if len({row.heartbeat.seconds for row in match.candidates}) > 1:
        return _SEVERAL
    return match.expectation.heartbeat


def _expectations(
    site: Site | None, judged: Sequence[Judged], followed: Sequence[TrackedCapture], file: SiteFile
) -> pd.DataFrame:
    from auditor.judge.tables.coverage import opportunity
    from auditor.judge.tables.expected import expectation_row
    from auditor.judge.tables.frames import frame

    if site is None:
        return frame("expectations", [])
    exercised = {row.id for one in judged for row in one.match.candidates if one.match.connection}
    spans = [
        (o.info.last - o.info.first) / 1e9
        for o in followed
        if o.info.first is not None and o.info.last is not None
    ]
    addresses = frozenset(
        address
        for one in judged
        for address in (one.flow.initiator.address, one.flow.acceptor.address)
    )
    longest = max(spans, default=0.0)
    rows = [
        expectation_row(
            row,
            {
                "exercised": row.id in exercised,
                **opportunity(row, file.keepalive.idle, longest, addresses),
            },
        )
        for row in site.expectations
    ]
    return frame("expectations", rows)


def _problems(site: Site | None, file: SiteFile, rules: Collection[str]) -> Iterable[str]:
    for problem in site.problems if site is not None else ():
        where = f"{problem.source}: " if problem.source is not None else ""
        yield f"{where}{problem.message}"
    for rule in dict.fromkeys(waiver.rule for waiver in file.waivers):
        if rule not in rules:
            yield f"{file.path}: a waiver speaks of {rule!r}, which is no rule"
