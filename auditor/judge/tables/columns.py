"""The public contract: every column of every table, its dtype, its meaning and its words, once.

``docs/columns.md`` and ``docs/report.schema.json`` are made from this, tables and rules are checked
against it, and notebooks rely on it. Columns may be added; none is renamed.
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.config.problem_kinds import Level, ProblemKind
from auditor.flows.flow import End
from auditor.judge.heartbeat.from_sockets import SocketKeepalive
from auditor.judge.tables.column import Column
from auditor.judge.tables.flow_columns import FLOWS
from auditor.judge.verdicts import Confidence, Severity, Verdict
from auditor.packets.capture_format import CaptureFormat
from auditor.site.connections import connections
from auditor.site.model import Permission, TlsPolicy

PROBES: Mapping[str, Column] = {
    "flow": Column("str", "id of the flow"),
    "capture": Column("str", "name of the capture"),
    "connection": Column("str", "its number; empty: none", connections(), optional=True),
    "side": Column("str", "who probes", End),
    "time": Column("time", "when"),
    "silence_s": Column("Float64", "since the prober last received from its peer"),
    "interval_s": Column("Float64", "since it last received from its peer or last probed"),
    "length": Column("Int64", "payload bytes: 0 or 1"),
    "answered": Column("bool", "an answer was seen"),
    "answer_ms": Column("Float64", "time to the answer, milliseconds; NA: none"),
    "exact": Column("bool", "the beginning of the silence was seen"),
}

EXPECTATIONS: Mapping[str, Column] = {
    "id": Column("str", "such as 6:fd1>sd1(store1)"),
    "connection": Column("str", "its number", connections()),
    "initiator": Column("str", "who dials"),
    "acceptor": Column("str", "who is dialled"),
    "initiator_addresses": Column("list", "where the initiator is known to be; empty: anywhere"),
    "address": Column("str", "what is dialled, as written; empty: any address of the acceptor"),
    "addresses": Column("list", "the same, resolved"),
    "port": Column("Int64", "TCP port that is dialled"),
    "permission": Column("str", "what the configuration says of it", Permission),
    "permission_source": Column("str", "file:line that decides it"),
    "heartbeat_s": Column("Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"),
    "heartbeat_known": Column("bool", "the resource that sets it is at hand"),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "heartbeat_reason": Column("str", "why it is 0 or not known"),
    "tls": Column("str", "what the configuration says of TLS", TlsPolicy),
    "tls_source": Column("str", "file:line that decides it"),
    "identity": Column("str", "name that the hello must carry; empty: none, or a job's"),
    "jobs": Column("list", "jobs that are planned to use it (6, 7, 8)"),
    "director": Column("str", "the Director that orders it"),
    "sources": Column("list", "file:line of every fact"),
    "exercised": Column("bool", "a flow of the captures was matched with it"),
    "opportunity": Column("bool", "required ones: the captures could have shown it"),
    "opportunity_reason": Column("str", "why they could not"),
}

FINDINGS: Mapping[str, Column] = {
    "rule": Column("str", "id of the rule"),
    "verdict": Column("str", "passes are counted in the summary", (Verdict.FAIL, Verdict.UNKNOWN)),
    "severity": Column("str", "how bad it is, worst first", Severity),
    "confidence": Column("str", "how sure it is, surest first", Confidence),
    "capture": Column("str", "name of the capture; empty: the site"),
    "flow": Column("str", "id of the flow; empty: not about one"),
    "expectation": Column("str", "id of the expectation; empty: not about one"),
    "message": Column("str", "what was found, one sentence"),
    "evidence": Column("list", "column=value of the row that was judged"),
    "sources": Column("list", "file:line of what the configuration says"),
    "remedy": Column("str", "what to do"),
    "waived": Column("str", "reason of the waiver that covers it; empty: none"),
}

CAPTURES: Mapping[str, Column] = {
    "name": Column("str", "path, or - for standard input"),
    "format": Column("str", "what the file is", CaptureFormat),
    "backend": Column("str", "program that wrote it"),
    "link": Column("str", "link type"),
    "packets": Column("Int64", "packets of any kind"),
    "segments": Column("Int64", "TCP segments on the ports of the site"),
    "first": Column("time", "earliest packet"),
    "last": Column("time", "latest packet"),
    "duration_s": Column("Float64", "first to last packet, seconds"),
    "dropped": Column("Int64", "packets lost by the capturing program's own count; NA: not given"),
    "missing": Column("Int64", "bytes acknowledged but never captured, over all flows"),
    "incomplete": Column("bool", "something that passed is not in the capture"),
    "incomplete_reason": Column("str", "what"),
    "notes": Column("list", "anything else that a reader must know"),
}

SOCKETS: Mapping[str, Column] = {
    "connection": Column("str", "its number; empty: no number fits", connections(), optional=True),
    "confidence": Column("str", "how sure the number is, or that there is none", Confidence),
    "side": Column("str", "which end this socket is", End),
    "initiator": Column("str", "the daemon that dialled; its address if unknown"),
    "acceptor": Column("str", "the daemon that was dialled; its address if unknown"),
    "process": Column("str", "name of the process that owns it; empty: not known"),
    "pid": Column("Int64", "its number"),
    "local_address": Column("str", "IP address of this end"),
    "local_port": Column("Int64", "its TCP port"),
    "remote_address": Column("str", "IP address of the other end"),
    "remote_port": Column("Int64", "its TCP port"),
    "state": Column("str", "TCP state, such as ESTABLISHED"),
    "keepalive": Column("str", "SO_KEEPALIVE", SocketKeepalive),
    "idle_s": Column("Float64", "effective TCP_KEEPIDLE, seconds"),
    "interval_s": Column("Float64", "effective TCP_KEEPINTVL, seconds"),
    "count": Column("Int64", "effective TCP_KEEPCNT"),
    "own": Column("bool", "it sets TCP_KEEPIDLE itself, instead of the system's timers"),
    "heard_s": Column("Float64", "since it last received anything, seconds; NA: not known"),
    "heartbeat_s": Column("Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "verdict": Column("str", "the judgement", Verdict),
    "severity": Column("str", "of a fail, worst first; empty: none", Severity, optional=True),
    "reason": Column("str", "the verdict in words"),
    "waived": Column("str", "reason of the waiver that covers it; empty: none"),
}

PROBLEMS: Mapping[str, Column] = {
    "kind": Column("str", "what is wrong: the id of the rule that explains it", ProblemKind),
    "level": Column("str", "what the program makes of it; with an error it does not start", Level),
    "daemon": Column("str", "who reads it, such as 'file daemon fd1'; empty: not known"),
    "resource": Column("str", "resource it is in, such as 'Client fd1'; empty: none, or not known"),
    "source": Column("str", "file:line; empty: no place in a file"),
    "file": Column("str", "the file"),
    "line": Column("Int64", "the line; NA: the file as a whole, or none"),
    "message": Column("str", "what is wrong, one sentence"),
}

#: The tables of an audit.
TABLES: Mapping[str, Mapping[str, Column]] = {
    "flows": FLOWS,
    "probes": PROBES,
    "expectations": EXPECTATIONS,
    "findings": FINDINGS,
    "captures": CAPTURES,
}
#: Every table there is.
ALL_TABLES: Mapping[str, Mapping[str, Column]] = {
    **TABLES,
    "sockets": SOCKETS,
    "problems": PROBLEMS,
}
#: The tables that rules may judge.
JUDGED_TABLES = {
    name: ALL_TABLES[name] for name in ALL_TABLES if name not in {"findings", "sockets"}
}
