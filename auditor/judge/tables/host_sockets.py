"""SOCKETS: one row a Bareos socket of this host; its columns and what fills them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.flows.refusal import End
from auditor.judge.heartbeat.from_sockets import SocketKeepalive
from auditor.judge.tables.column import Column
from auditor.judge.tables.judged import Judged
from auditor.judge.verdicts import (
    OBSERVED,
    RISING_CONFIDENCES,
    RISING_SEVERITIES,
    RISING_VERDICTS,
    Confidence,
    Severity,
    Verdict,
)
from auditor.site.connections import connections

SOCKETS: Mapping[str, Column] = {
    "connection": Column(
        "str",
        "its number; empty: no number fits",
        connections(),
        optional=True,
        rising=connections(),
    ),
    "confidence": Column(
        "str",
        "how sure the number is, or that there is none",
        Confidence,
        rising=RISING_CONFIDENCES,
    ),
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
    "heartbeat_due": Column("str", "the same in words, or every value that may be in force"),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "verdict": Column("str", "the judgement", OBSERVED, rising=RISING_VERDICTS),
    "severity": Column(
        "str",
        "of a fail, worst first; empty: none",
        Severity,
        optional=True,
        rising=RISING_SEVERITIES,
    ),
    "reason": Column("str", "the verdict in words"),
    "waived": Column("str", "reason of the waiver that covers it; empty: none"),
}


def socket_row(
    judged: Judged, row: Mapping[str, Any], finding: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the row of SOCKETS of a flow that one of this host's sockets is an end of.

    ``row``: the flow's row of FLOWS; ``finding``: what a rule found on it, or nothing.
    """
    socket = judged.socket
    assert socket is not None
    fact = socket.fact
    judged_alone = socket.verdict if row["configured"] or socket.verdict is Verdict.PASS else ""
    verdict = finding.get("verdict", judged_alone or Verdict.NOT_APPLICABLE)
    return {
        "connection": row["connection"],
        "confidence": row["confidence"],
        "side": socket.side,
        "initiator": row["initiator_daemon"],
        "acceptor": row["acceptor_daemon"],
        "process": fact.process,
        "pid": fact.pid or None,
        "local_address": fact.local[0],
        "local_port": fact.local[1],
        "remote_address": fact.remote[0],
        "remote_port": fact.remote[1],
        "state": fact.state,
        "keepalive": SocketKeepalive.ON if fact.keepalive else SocketKeepalive.OFF,
        "idle_s": fact.idle_s,
        "interval_s": fact.interval_s,
        "count": fact.count,
        "own": fact.own_timers,
        "heard_s": fact.heard_s,
        "heartbeat_s": judged.heartbeat.expected,
        "heartbeat_due": judged.heartbeat.due,
        "heartbeat_source": row["heartbeat_source"],
        "verdict": verdict,
        "severity": finding.get("severity", "") if verdict == "fail" else "",
        "reason": socket.reason,
        "waived": finding.get("waived", ""),
    }
