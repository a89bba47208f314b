"""This host's Bareos sockets as they are now, each with its number and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.flows.refusal import End
from auditor.judge.rules.findings import judge
from auditor.judge.tables.flow_rows import flow_row
from auditor.judge.tables.host_sockets import socket_row
from auditor.judge.tables.judged import Judged
from auditor.judge.tables.table import Row, Table, build
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CaptureInfo
from auditor.pipeline.build_audit import judge_flows
from auditor.pipeline.network import Network
from auditor.pipeline.recording_host import LISTEN, RecordingHost, ends_of, ends_of_flow
from auditor.pipeline.track_capture import TrackedCapture
from auditor.site.heartbeat import Heartbeat

_RULE = "socket-heartbeat-wrong"


def judge_sockets(
    facts: Sequence[SocketFact], network: Network, addresses: Sequence[str] = ()
) -> Table:
    """Return the table SOCKETS: one row a socket that does not only listen.

    ``facts`` are all sockets on Bareos ports, those that listen included: they show which end of
    a connection this host is. ``addresses`` are those of this host's interfaces. All is judged as
    a recording of the same host is, of which no packet was seen.
    """
    info = CaptureInfo("sockets", "", "", "", facts=tuple(facts), addresses=tuple(addresses))
    host = RecordingHost(info)
    used = sorted((f for f in facts if f.state != LISTEN), key=lambda f: (f.remote, f.local))
    one_each = {ends_of(fact): fact for fact in used}
    flows = tuple(host.flow(fact, i, network.ports) for i, fact in enumerate(one_each.values()))
    judged = judge_flows(TrackedCapture(info, flows, (), here=True), network, before=0)
    table = build("flows", (flow_row(one, network.site) for one in judged))
    applied = [rule for rule in network.rules if rule.id == _RULE]
    found = judge({"flows": table}, applied, network.site_file.waivers, network.today).findings
    findings = {flow: row for row in found.rows() for flow in row["flows"]}
    known = {
        ends_of_flow(one.flow): (one, row) for one, row in zip(judged, table.rows(), strict=True)
    }
    return build("sockets", (_row(fact, host, *known[ends_of(fact)], findings) for fact in used))


def _row(
    fact: SocketFact, host: RecordingHost, one: Judged, row: Row, findings: Mapping[str, Row]
) -> dict[str, Any]:
    """Return the row of one socket: the flow's, or, where the other end is here too, that of the
    acceptor, which is not judged."""
    if one.socket is not None and one.socket.fact is fact:
        return socket_row(one, row, findings.get(one.id, {}))
    socket = host.sockets.at(End.ACCEPTOR, one.flow, one.match, Heartbeat())
    return socket_row(one._replace(socket=socket), row, {})
