"""One row of FLOWS: what fills the columns of ``flow_columns``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.flows.flow import Flow, Side
from auditor.flows.flow_frames import frames_of_flow
from auditor.flows.how_ended import Ending
from auditor.flows.icmp_names import icmp_name
from auditor.flows.refusal import End, Refusal
from auditor.judge.causes.cause import Cause
from auditor.judge.causes.data_channel import JobChannel
from auditor.judge.causes.find import Why
from auditor.judge.heartbeat.from_sockets import SocketVerdict, socket_columns
from auditor.judge.heartbeat.idle_advice import idle_advice, way_limit
from auditor.judge.heartbeat.verdict import Fault, HeartbeatVerdict
from auditor.judge.matching.agreement import job_name
from auditor.judge.matching.destination import dialled_address
from auditor.judge.matching.match import Match
from auditor.judge.matching.ttl import is_routed
from auditor.judge.tables.column import place
from auditor.judge.tables.identity_rows import hello_columns, match_columns
from auditor.judge.tables.judged import Judged
from auditor.judge.tables.tampering_columns import tampering_columns
from auditor.judge.verdicts import Verdict
from auditor.site.model import Expectation, Site
from auditor.text import SENTENCE, printable

_NS = 1e9


def flow_row(judged: Judged, site: Site | None, why: Why | None = None) -> dict[str, Any]:
    """Return the flow's row of FLOWS; ``why``: what is known of why it failed."""
    flow, match = judged.flow, judged.match
    until = judged.watched_until or judged.capture.ended or flow.last
    name = judged.capture.name
    first, last = judged.places.ends(flow) if judged.places is not None else (name, name)
    return {
        "id": judged.id,
        "capture": first,
        "last_capture": last,
        "networks": list(flow.seen_in),
        **_end(End.INITIATOR, flow.initiator, match),
        **_end(End.ACCEPTOR, flow.acceptor, match),
        "initiator_evidence": flow.initiator_evidence,
        "initiator_claimed": match.initiator_claimed,
        "claim_unheeded": match.claim_unheeded,
        "acceptor_configured": match.acceptor_configured,
        "initiator_ttl": flow.initiator.ttl,
        "initiator_routed": is_routed(flow.initiator),
        "configured": site is not None,
        "outcome": str(flow.outcome),
        "started": flow.started,
        "ended": flow.ended,
        **_ending(judged),
        **_icmp(flow),
        "duration_s": (flow.last - flow.started) / _NS,
        "watched_s": max(0, until - flow.started) / _NS,
        **_refusal(flow.refusal),
        **_channel(why and why.channel),
        **_cause(why and why.cause),
        **hello_columns(flow),
        **match_columns(match, flow),
        **_expectation(match, flow, site),
        **_heartbeat(judged.heartbeat, flow, judged.socket),
        **socket_columns(judged.socket),
        "attempts": flow.attempts,
        "syns": flow.syns,
        "rtt_ms": None if flow.rtt is None else flow.rtt / 1e6,
        "segments": flow.initiator.segments + flow.acceptor.segments,
        "longest_quiet_s": flow.initiator.longest_idle / _NS,
        "retransmissions": flow.initiator.retransmissions + flow.acceptor.retransmissions,
        "zero_windows": flow.initiator.zero_windows + flow.acceptor.zero_windows,
        "duplicates": flow.duplicates,
        "missing": flow.initiator.missing + flow.acceptor.missing,
        "one_sided": flow.one_sided,
        **_frames(flow, judged.capture.elsewhere),
        **tampering_columns(
            flow, judged.heartbeat, judged.places, elsewhere=judged.capture.elsewhere
        ),
    }


def _frames(flow: Flow, elsewhere: bool) -> dict[str, int | None]:
    found = frames_of_flow(flow)._asdict()
    return {
        f"{name}_frame": None if elsewhere else number or None for name, number in found.items()
    }


def _end(name: End, side: Side, match: Match) -> dict[str, Any]:
    if name is End.INITIATOR:
        peer, known = match.initiator, match.initiator_known
    else:
        peer, known = match.acceptor, match.acceptor_known
    return {
        f"{name}_address": side.address,
        f"{name}_port": side.port,
        f"{name}_daemon": printable(str(peer)) if peer is not None else side.address,
        f"{name}_role": str(peer.role) if peer is not None else "",
        f"{name}_known": known,
        f"{name}_source": place(peer.source if peer is not None else None),
        f"{name}_octets": side.payload_bytes,
    }


def _ending(judged: Judged) -> dict[str, Any]:
    flow, how = judged.flow, judged.flow.how
    lost = how.ending is Ending.LOST
    return {
        "ending": str(how.ending or ""),
        "ending_by": str(how.by or ""),
        "ending_evidence": printable(how.evidence, SENTENCE),
        "ending_certain": how.certain,
        "mtu_exceeded": how.too_big,
        "path_mtu": flow.too_big.mtu or None if flow.too_big is not None else None,
        "largest_acknowledged": max(flow.initiator.largest_acked, flow.acceptor.largest_acked),
        "idle_lost": how.idle,
        "idle_disputed": how.disputed,
        "lost_after_s": how.silence / _NS if lost else None,
        "silence_survived_s": flow.survived / _NS,
        "idle_limit": way_limit(how),
        "idle_advice": idle_advice(how, judged.match),
    }


def _refusal(refusal: Refusal | None) -> dict[str, Any]:
    if refusal is None:
        return {"login_refused": False}
    return {
        "login_refused": True,
        "login_refused_by": str(refusal.by),
        "login_refused_how": printable(refusal.said),
        "login_refused_surely": refusal.certain,
    }


def _channel(channel: JobChannel | None) -> dict[str, Any]:
    if channel is None:
        return {}
    return {
        "data_channel_seen": channel.seen,
        "data_channel_missing": channel.number,
        "data_channel_surely": channel.sure,
    }


def _cause(cause: Cause | None) -> dict[str, Any]:
    if cause is None:
        return {}
    return {
        "cause_kind": str(cause.kind),
        "cause": cause.words,
        "cause_sources": [str(source) for source in cause.sources],
        "cause_remedy": cause.remedy,
    }


def _icmp(flow: Flow) -> dict[str, Any]:
    errors = [error for error in (flow.rejection, flow.too_big) if error is not None]
    if not errors:
        return {"icmp_count": 0}
    latest = max(errors, key=lambda error: error.time)
    return {
        "icmp_type": latest.type,
        "icmp_code": latest.code,
        "icmp_from": latest.sender,
        "icmp_name": icmp_name(latest.version, latest.type, latest.code).name,
        "icmp_count": sum(error.count for error in errors),
    }


def _heartbeat(
    heartbeat: HeartbeatVerdict, flow: Flow, socket: SocketVerdict | None
) -> dict[str, Any]:
    reason = heartbeat.reason
    open_question = heartbeat.verdict is Verdict.UNKNOWN and heartbeat.fault is Fault.NONE
    if open_question and socket is not None and socket.verdict is Verdict.PASS:
        # The verdict stays that of the probes, so that a recording made elsewhere is judged alike.
        reason = f"{reason}; {socket.reason}"
    return {
        "heartbeat_expected_s": heartbeat.expected,
        "heartbeat_due": heartbeat.due,
        "heartbeat_observed_s": heartbeat.observed,
        "heartbeat_probes": heartbeat.probes,
        "heartbeat_answered": heartbeat.answered,
        "heartbeat_verdict": str(heartbeat.verdict),
        "heartbeat_fault": str(heartbeat.fault),
        "heartbeat_reason": reason,
        "acceptor_probes": len(flow.acceptor.probes),
    }


def _expectation(match: Match, flow: Flow, site: Site | None) -> dict[str, Any]:
    """Return what the matched expectation demands; where several fit, only what they agree on."""
    row = match.expectation
    if row is None or site is None:
        return {
            "tls_policy": str(site.tls_elsewhere) if site is not None else "unknown",
            "heartbeat_source": place(match.own[0].heartbeat.source) if match.own else "",
            "heartbeat_sources": _heartbeat_sources(match.own),
        }
    passive = match.agreed(lambda r: r.passive.value)
    pair = match.agreed(lambda r: r.lan.pair)
    identity = flow.hello.identity
    job = job_name(identity.name) if identity is not None else ""
    verdict, reason = dialled_address(match, flow) if pair is not None else ("", "")
    return {
        "expectation": row.id,
        "expectation_sources": [str(source) for source in row.sources],
        "expected_address": row.address,
        "address_verdict": verdict,
        "address_reason": reason,
        "permission": match.agreed(lambda r: r.permission) or "",
        "permission_source": place(row.permission_source),
        "client_passive": passive is True,
        "client_active": passive is False,
        "client_passive_source": place(row.passive.source),
        "lan_pair": pair is True,
        "lan_unpaired": pair is False,
        "lan_sources": [str(source) for source in row.lan.sources],
        "job_verifies": job in site.verify_jobs,
        "tls_policy": match.agreed(lambda r: r.tls) or "unknown",
        "tls_source": place(row.tls_source),
        "heartbeat_source": place(row.heartbeat.source),
        "heartbeat_sources": _heartbeat_sources(match.candidates),
    }


def _heartbeat_sources(rows: Sequence[Expectation]) -> list[str]:
    """Return every line that may have set the heartbeat, once each."""
    sources = (row.heartbeat.source for row in rows)
    return list(dict.fromkeys(str(source) for source in sources if source is not None))
