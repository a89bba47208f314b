"""Many equal rows become one line with a count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from auditor.judge.matching.agreement import job_name
from auditor.report.cells import Value, number, text, texts
from auditor.site.connections import connections

Row = Mapping[str, Value]

#: What flows of one group are equal in; first of all who dialled.
_Key = tuple[object, ...]
#: Groups of a number; nobody reads more lines, and each takes memory.
_MOST_GROUPS = 1000

_DIGITS = re.compile(r"\d+")

_ENDS = (
    "connection",
    "initiator_daemon",
    "initiator_address",
    "acceptor_daemon",
    "acceptor_address",
    "acceptor_port",
)


@dataclass(slots=True)
class FindingGroup:
    """Findings of one rule on the same two ends with the same message."""

    first: Row
    """The earliest finding."""
    flow: Row | None
    """Its flow; None: not about one."""
    count: int = 0
    rows: int = 0
    """Rows of the tables that they are about."""
    flows: dict[str, None] = field(default_factory=dict)
    """Ids of the flows, each once."""
    sources: dict[str, None] = field(default_factory=dict)
    """The places that they name, each once."""


def counts(row: Row) -> bool:
    """Tell whether a finding counts: no waiver covers it, and no baseline had it."""
    return not row["waived"] and not row["known_since"]


def group_findings(findings: Iterable[Row], flows: Mapping[str, Row]) -> list[FindingGroup]:
    """Return findings grouped, in their own order.

    Two belong together if their flows have the same ends and their messages differ in numbers only.
    """
    groups: dict[object, FindingGroup] = {}
    for row in findings:
        flow = flows.get(text(row, "flow"))
        message = text(row, "message")
        what = (row["rule"], row["verdict"], row["waived"], row["known_since"])
        if flow is None:
            key: object = (*what, message)
        else:
            key = (*what, _DIGITS.sub("", message), *(flow[name] for name in _ENDS))
        group = groups.setdefault(key, FindingGroup(row, flow))
        group.count += 1
        group.rows += int(number(row, "count") or 1)
        for known, column in ((group.flows, "flows"), (group.sources, "sources")):
            known.update(dict.fromkeys(texts(row, column)))
    return list(groups.values())


@dataclass(slots=True)
class FlowGroup:
    """Flows that look the same."""

    first: Row
    """The one with the longest quiet, which had the best chance of a probe."""
    various: bool = False
    """They come from several initiators: too many to have a group each."""
    count: int = 0
    probes: int = 0
    answered: int = 0
    observed: list[float] = field(default_factory=list)
    """Median probe intervals, seconds."""

    def add(self, flow: Row) -> None:
        """Count one more flow."""
        if (number(flow, "longest_quiet_s") or 0) > (number(self.first, "longest_quiet_s") or 0):
            self.first = flow
        self.count += 1
        self.probes += int(number(flow, "heartbeat_probes") or 0)
        self.answered += int(number(flow, "heartbeat_answered") or 0)
        interval = number(flow, "heartbeat_observed_s")
        if interval is not None:
            self.observed.append(interval)


def group_flows(flows: Iterable[Row]) -> dict[str, list[FlowGroup]]:
    """Return the groups of flows by connection number, in the manual's order; empty: no number."""
    columns = ("initiator_daemon", "acceptor_daemon", "acceptor_address", "acceptor_port")
    seen = ("outcome", "transport", "tls_version", "heartbeat_due")
    numbers: dict[str, dict[_Key, FlowGroup]] = {key: {} for key in (*connections(), "")}
    for flow in flows:
        known = (heartbeat_verdict(flow), flow["segments"] == 0, identity(flow), broke_off(flow))
        from_where = text(flow, "initiator_address") if flow["identity_elsewhere"] else ""
        where = tuple(texts(flow, "networks"))
        key = (*(flow[name] for name in (*columns, *seen)), *known, from_where, where)
        _add(numbers[text(flow, "connection")], key, flow)
    return {number_: list(groups.values()) for number_, groups in numbers.items() if groups}


def broke_off(flow: Row) -> str:
    """Return how a flow ended, if it did so for no reason of its own; empty: it did not."""
    ending = text(flow, "ending")
    if ending == "login-refused":
        return "no login"
    return ending if ending in {"lost", "rejected"} else ""


def group_heartbeats(flows: Iterable[Row]) -> list[FlowGroup]:
    """Return the groups of established flows with one expectation and one verdict, in the manual's
    order of numbers."""
    columns = ("initiator_daemon", "connection", "acceptor_daemon", "heartbeat_due")
    order = {key: rank for rank, key in enumerate((*connections(), ""))}
    groups: dict[_Key, FlowGroup] = {}
    for flow in sorted(flows, key=lambda row: order[text(row, "connection")]):
        if flow["heartbeat_verdict"] != "notapplicable":
            seen = flow["heartbeat_fault"], heartbeat_verdict(flow)
            key = (*(flow[name] for name in columns), *seen)
            _add(groups, key, flow)
    return list(groups.values())


def _add(groups: dict[_Key, FlowGroup], key: _Key, flow: Row) -> None:
    """Count a flow in its group; where there are too many of these, in that of all others like it,
    whoever dialled, and where these are too many, in that of all others."""
    for coarser, most in ((key, _MOST_GROUPS), (key[1:], 2 * _MOST_GROUPS), ((), None)):
        if most is None or len(groups) < most or coarser in groups:
            groups.setdefault(coarser, FlowGroup(flow, various=coarser != key)).add(flow)
            return


def heartbeat_verdict(flow: Row) -> str:
    """Return the verdict on a flow's heartbeat: that of its probes or, where none could be seen,
    that of the initiator's socket."""
    verdict, socket = text(flow, "heartbeat_verdict"), text(flow, "socket_verdict")
    unseen = verdict == "unknown" and not text(flow, "heartbeat_fault")
    return socket if unseen and socket in {"pass", "fail"} else verdict


def identity(flow: Row) -> str:
    """Return what the hello names: the name alone where its type is the number's own, and
    a job without the time it was started."""
    kind, name = text(flow, "identity_type"), text(flow, "identity_name")
    if not kind:
        return ""
    if kind == "R_JOB":
        return f"job {job_name(name)}"
    known = connections().get(text(flow, "connection"))
    return name if known is not None and known.identity == kind else f"{kind} {name}"
