"""This host's Bareos sockets as they are now, each with its number and its verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from auditor.flows.flow import Flow, InitiatorEvidence, Outcome, Side
from auditor.flows.refusal import End
from auditor.judge.heartbeat.from_sockets import SocketVerdict, judge_socket
from auditor.judge.heartbeat.verdict import HeartbeatVerdict
from auditor.judge.matching.classification import classify
from auditor.judge.matching.match import Match
from auditor.judge.rules.findings import judge
from auditor.judge.tables.flow_rows import flow_row
from auditor.judge.tables.host_sockets import socket_row
from auditor.judge.tables.judged import Judged
from auditor.judge.tables.table import Table, build
from auditor.judge.verdicts import Verdict
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.build_audit import expected_heartbeat
from auditor.pipeline.network import Network
from auditor.site.model import Role, Site

_RULE = "socket-heartbeat-wrong"
_LISTEN = "LISTEN"
#: What Bareos' programs are called, cut to the fifteen characters that Linux keeps.
_ROLES = {
    "bareos-dir": Role.DIRECTOR,
    "bareos-fd": Role.FILE_DAEMON,
    "bareos-sd": Role.STORAGE_DAEMON,
    "bconsole": Role.CONSOLE,
    "bareos-tray-mon": Role.TRAY_MONITOR,
}
_NOT_OURS = "only the initiator's socket carries the HeartbeatInterval"


def judge_sockets(facts: Sequence[SocketFact], network: Network) -> Table:
    """Return the table SOCKETS: one row a socket that does not only listen.

    ``facts`` are all sockets on Bareos ports, those that listen included: they show which end of
    a connection this host is.
    """
    listening = {fact.local[1] for fact in facts if fact.state == _LISTEN}
    used = sorted((f for f in facts if f.state != _LISTEN), key=lambda f: (f.remote, f.local))
    flows = [_flow(index, fact, listening, network.ports) for index, fact in enumerate(used)]
    matches = _classify(used, flows, network.site, network.ports)
    judged = [_judged(*both, network.site) for both in zip(used, flows, matches, strict=True)]
    table = build("flows", (flow_row(one, network.site) for one in judged))
    applied = [rule for rule in network.rules if rule.id == _RULE]
    found = judge({"flows": table}, applied, network.site_file.waivers, network.today).findings
    findings = {row["flow"]: row for row in found.rows()}
    rows = zip(judged, table.rows(), strict=True)
    return build("sockets", (socket_row(one, row, findings.get(one.id, {})) for one, row in rows))


def _flow(index: int, fact: SocketFact, listening: Collection[int], ports: Collection[int]) -> Flow:
    """Return a flow of which nothing was seen but its two ends."""
    accepted = fact.local[1] in listening
    known = accepted or fact.local[1] not in ports
    here, there = Side(*fact.local), Side(*fact.remote)
    dialled = not accepted and (fact.local[1] not in ports or fact.remote[1] in ports)
    return Flow(
        index=index,
        initiator=here if dialled else there,
        acceptor=there if dialled else here,
        initiator_evidence=InitiatorEvidence.SOCKET if known else InitiatorEvidence.PORT,
        outcome=Outcome.MIDSTREAM,
        started=fact.time,
        last=fact.time,
    )


def _is_initiator(fact: SocketFact, flow: Flow) -> bool:
    return fact.local == (flow.initiator.address, flow.initiator.port)


def _classify(
    facts: Sequence[SocketFact],
    flows: Sequence[Flow],
    site: Site | None,
    ports: Mapping[int, Role],
) -> list[Match]:
    """Classify each flow among what its initiator's process may dial, where that is known: on a
    host with several daemons 5a, 6 and 8 differ in nothing else before a hello is seen."""
    roles = [
        _ROLES.get(fact.process) if _is_initiator(fact, flow) else None
        for fact, flow in zip(facts, flows, strict=True)
    ]
    matches: dict[int, Match] = {}
    for role in dict.fromkeys(roles):
        some = [flow for flow, of in zip(flows, roles, strict=True) if of is role]
        found = classify(some, site, ports, role)
        matches |= {flow.index: match for flow, match in zip(some, found, strict=True)}
    return [matches[flow.index] for flow in flows]


def _judged(fact: SocketFact, flow: Flow, match: Match, site: Site | None) -> Judged:
    expected = expected_heartbeat(match, site)
    heartbeat = HeartbeatVerdict(
        Verdict.NOT_APPLICABLE, "no packet was looked at", expected=expected.seconds
    )
    if _is_initiator(fact, flow):
        socket = SocketVerdict(End.INITIATOR, fact, *judge_socket(fact, match, expected))
    else:
        socket = SocketVerdict(End.ACCEPTOR, fact, Verdict.NOT_APPLICABLE, _NOT_OURS)
    info = CaptureInfo("sockets", "", "", "")
    return Judged(f"f{flow.index + 1}", flow, match, heartbeat, info, socket)
