"""The public contract: every column of every table, its dtype and its meaning, in one place.

``docs/columns.md`` is made from this, rules are checked against it, and notebooks rely on it.
Columns may be added; none is renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Column(NamedTuple):
    """One column: its pandas dtype and what it holds."""

    dtype: str
    """``str`` (missing: empty), ``Int64`` and ``Float64`` (missing: NA), ``bool``, ``time``
    (datetime64[ns, UTC], missing: NaT) or ``list`` (a Python list of str)."""
    meaning: str


FLOWS: Mapping[str, Column] = {
    "id": Column("str", "f1, f2 … over all captures"),
    "capture": Column("str", "name of the capture"),
    "initiator_address": Column("str", "IP address of the side that sent the SYN"),
    "initiator_port": Column("Int64", "its TCP port"),
    "initiator_daemon": Column(
        "str", "the daemon there, such as 'file daemon fd1'; its address if unknown"
    ),
    "initiator_role": Column("str", "what it is, such as 'file daemon'; empty: not known"),
    "initiator_evidence": Column("str", "syn, synack, hello or port: how we know who dialled"),
    "initiator_known": Column("bool", "the initiator belongs to the site"),
    "initiator_source": Column("str", "file:line that defines the initiator"),
    "initiator_ttl": Column(
        "Int64", "TTL of its first segment; 64, 128 or 255: no router before the tap"
    ),
    "acceptor_address": Column("str", "IP address of the side that answered, or should have"),
    "acceptor_port": Column("Int64", "its TCP port"),
    "acceptor_daemon": Column("str", "the daemon there; its address if unknown"),
    "acceptor_role": Column("str", "what it is; empty: not known"),
    "acceptor_configured": Column(
        "bool", "its own configuration is at hand, so who may dial it is known"
    ),
    "acceptor_known": Column("bool", "the acceptor's address belongs to the site"),
    "acceptor_source": Column("str", "file:line that defines the acceptor"),
    "connection": Column("str", "1 … 4, 5a, 5b, 6 … 12; empty: no number fits"),
    "numbered": Column("bool", "a number fits"),
    "ambiguous": Column("bool", "one or several numbers may fit, and nothing seen tells"),
    "confidence": Column("str", "certain, likely or guess: of the number, or of there being none"),
    "match_reason": Column("str", "why there is no number, or how a doubtful one was told"),
    "configured": Column("bool", "a configuration was given"),
    "outcome": Column("str", "established, unanswered, refused or midstream"),
    "reached_otherwise": Column(
        "bool", "it failed, and another address of the acceptor worked instead"
    ),
    "started": Column("time", "first segment"),
    "ended": Column("time", "both sides said FIN, or one RST; missing: open at the end"),
    "duration_s": Column("Float64", "first to last segment, seconds"),
    "watched_s": Column("Float64", "first segment to the end of the capture, seconds"),
    "transport": Column("str", "tls, cleartext, postgresql or unknown"),
    "tls_offered": Column("str", "highest TLS version offered"),
    "tls_version": Column("str", "TLS version chosen"),
    "tls_policy": Column("str", "required, allowed, off or unknown, by the configuration"),
    "tls_source": Column("str", "file:line that decides the policy"),
    "hello": Column("str", "the cleartext Hello line"),
    "identity_type": Column("str", "R_DIRECTOR, R_CLIENT, R_CONSOLE or R_JOB; empty: none seen"),
    "identity_name": Column("str", "name in the hello"),
    "identity_proven": Column("bool", "the acceptor checked the pre-shared key and went on"),
    "identity_mismatch": Column("bool", "the name is not the configured one"),
    "identity_reason": Column("str", "what is wrong with it"),
    "identity_sources": Column("list", "file:line of what the configuration says"),
    "bareos_version": Column("str", "version in the Hello line"),
    "database": Column("str", "PostgreSQL database"),
    "database_user": Column("str", "PostgreSQL user"),
    "expectation": Column("str", "id of the expectation it was matched with"),
    "expectation_sources": Column("list", "file:line of every fact behind the expectation"),
    "expected_address": Column("str", "address that the configuration dials"),
    "address_verdict": Column(
        "str", "expected, other or untellable (§4.5; behind NAT); empty: no matter"
    ),
    "address_reason": Column("str", "why it is other or untellable"),
    "permission": Column("str", "required, allowed or forbidden; empty: not known"),
    "permission_source": Column("str", "file:line that decides it"),
    "client_passive": Column("bool", "6 and 7: the client is passive"),
    "client_active": Column("bool", "6 and 7: the client is not passive"),
    "client_passive_source": Column("str", "file:line of Passive"),
    "lan_pair": Column("bool", "6, 7, 8: both ends have a LanAddress"),
    "lan_unpaired": Column("bool", "6, 7, 8: not both ends have one"),
    "lan_sources": Column("list", "file:line of the LanAddress, or of the resource without one"),
    "job_verifies": Column("bool", "the job is a Verify job, which ignores LanAddress"),
    "heartbeat_expected_s": Column(
        "Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"
    ),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "heartbeat_observed_s": Column("Float64", "median interval of the initiator's probes"),
    "heartbeat_probes": Column("Int64", "probes of the initiator"),
    "heartbeat_answered": Column("Int64", "probes that were answered"),
    "heartbeat_verdict": Column("str", "pass, fail, unknown or notapplicable"),
    "heartbeat_fault": Column("str", "missing, interval or unanswered; empty: none"),
    "heartbeat_reason": Column("str", "the verdict in words"),
    "acceptor_probes": Column("Int64", "probes of the acceptor"),
    "socket_side": Column(
        "str", "whose socket the recording host told of: initiator or acceptor; empty: none"
    ),
    "socket_process": Column("str", "name of the process that owns it"),
    "socket_pid": Column("Int64", "its number"),
    "socket_keepalive": Column("str", "on or off: SO_KEEPALIVE"),
    "socket_idle_s": Column("Float64", "effective TCP_KEEPIDLE, seconds"),
    "socket_interval_s": Column("Float64", "effective TCP_KEEPINTVL, seconds"),
    "socket_count": Column("Int64", "effective TCP_KEEPCNT"),
    "socket_own": Column("bool", "it sets TCP_KEEPIDLE itself, instead of the system's timers"),
    "socket_verdict": Column(
        "str", "of the initiator's socket: pass, fail, unknown or notapplicable"
    ),
    "socket_reason": Column("str", "the verdict in words"),
    "syns": Column("Int64", "SYNs seen, retransmissions included"),
    "rtt_ms": Column("Float64", "SYN to the initiator's ACK, milliseconds"),
    "segments": Column("Int64", "segments of both sides"),
    "initiator_octets": Column("Int64", "TCP payload bytes that the initiator sent"),
    "acceptor_octets": Column("Int64", "TCP payload bytes that the acceptor sent"),
    "longest_quiet_s": Column("Float64", "longest chance for a probe that was not taken, seconds"),
    "retransmissions": Column("Int64", "of both sides"),
    "zero_windows": Column("Int64", "of both sides"),
    "duplicates": Column("Int64", "frames that the tap delivered twice"),
    "missing": Column("Int64", "bytes acknowledged but never captured"),
    "one_sided": Column("bool", "only one direction was captured"),
}

PROBES: Mapping[str, Column] = {
    "flow": Column("str", "id of the flow"),
    "capture": Column("str", "name of the capture"),
    "connection": Column("str", "its number; empty: none"),
    "side": Column("str", "initiator or acceptor: who probes"),
    "time": Column("time", "when"),
    "silence_s": Column("Float64", "since the prober last heard its peer"),
    "interval_s": Column("Float64", "since it last heard its peer or last probed"),
    "length": Column("Int64", "payload bytes: 0 or 1"),
    "answered": Column("bool", "an answer was seen"),
    "answer_ms": Column("Float64", "time to the answer, milliseconds; NA: none"),
    "exact": Column("bool", "the beginning of the silence was seen"),
}

EXPECTATIONS: Mapping[str, Column] = {
    "id": Column("str", "such as 6:fd1>sd1(store1)"),
    "connection": Column("str", "1 … 4, 5a, 5b, 6 … 12"),
    "initiator": Column("str", "who dials"),
    "acceptor": Column("str", "who is dialled"),
    "initiator_addresses": Column("list", "where the initiator is known to be; empty: anywhere"),
    "address": Column("str", "what is dialled, as written; empty: any address of the acceptor"),
    "addresses": Column("list", "the same, resolved"),
    "port": Column("Int64", "TCP port that is dialled"),
    "permission": Column("str", "required, allowed or forbidden"),
    "permission_source": Column("str", "file:line that decides it"),
    "heartbeat_s": Column("Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"),
    "heartbeat_known": Column("bool", "the resource that sets it is at hand"),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "heartbeat_reason": Column("str", "why it is 0 or not known"),
    "tls": Column("str", "required, allowed, off or unknown"),
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
    "verdict": Column("str", "fail or unknown; passes are counted in the summary"),
    "severity": Column("str", "info, low, medium or high"),
    "confidence": Column("str", "certain, likely or guess"),
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
    "format": Column("str", "pcap or pcapng"),
    "backend": Column("str", "program that wrote it"),
    "link": Column("str", "link type"),
    "packets": Column("Int64", "packets of any kind"),
    "segments": Column("Int64", "TCP segments on the ports of the site"),
    "first": Column("time", "earliest packet"),
    "last": Column("time", "latest packet"),
    "duration_s": Column("Float64", "first to last packet, seconds"),
    "dropped": Column("Int64", "packets lost by the capturing program's own count; NA: not said"),
    "missing": Column("Int64", "bytes acknowledged but never captured, over all flows"),
    "incomplete": Column("bool", "something that passed is not in the capture"),
    "incomplete_reason": Column("str", "what"),
    "notes": Column("list", "anything else that a reader must know"),
}

SOCKETS: Mapping[str, Column] = {
    "connection": Column("str", "1 … 4, 5a, 5b, 6 … 12; empty: no number fits"),
    "confidence": Column("str", "certain, likely or guess: of the number, or of there being none"),
    "side": Column("str", "initiator or acceptor: which end this socket is"),
    "initiator": Column("str", "the daemon that dialled; its address if unknown"),
    "acceptor": Column("str", "the daemon that was dialled; its address if unknown"),
    "process": Column("str", "name of the process that owns it; empty: not known"),
    "pid": Column("Int64", "its number"),
    "local_address": Column("str", "IP address of this end"),
    "local_port": Column("Int64", "its TCP port"),
    "remote_address": Column("str", "IP address of the other end"),
    "remote_port": Column("Int64", "its TCP port"),
    "state": Column("str", "TCP state, such as ESTABLISHED"),
    "keepalive": Column("str", "on or off: SO_KEEPALIVE"),
    "idle_s": Column("Float64", "effective TCP_KEEPIDLE, seconds"),
    "interval_s": Column("Float64", "effective TCP_KEEPINTVL, seconds"),
    "count": Column("Int64", "effective TCP_KEEPCNT"),
    "own": Column("bool", "it sets TCP_KEEPIDLE itself, instead of the system's timers"),
    "heard_s": Column("Float64", "since it last received anything, seconds; NA: not known"),
    "heartbeat_s": Column("Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "verdict": Column("str", "pass, fail, unknown or notapplicable"),
    "severity": Column("str", "of a fail: info, low, medium or high"),
    "reason": Column("str", "the verdict in words"),
    "waived": Column("str", "reason of the waiver that covers it; empty: none"),
}

PROBLEMS: Mapping[str, Column] = {
    "kind": Column("str", "what is wrong: the id of the rule that explains it"),
    "level": Column("str", "error (the daemon would not start), warning or note"),
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
