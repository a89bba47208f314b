"""One flow, probe, expectation or capture as a row of its table (``columns`` has the contract)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from auditor.config.model import Source
from auditor.config.site.model import Expectation, Permission, Site
from auditor.flows.model import Flow, Side
from auditor.judge.heartbeat import Beat
from auditor.judge.match import Confidence, Match
from auditor.judge.witnesses import job_name
from auditor.packets.segments import CaptureInfo
from auditor.text import printable

_NS = 1e9

#: Hop counts that systems start with: a segment that still has one has passed no router.
_INITIAL_TTL = frozenset({64, 128, 255})


class Judged(NamedTuple):
    """A flow with all that was found out about it."""

    id: str
    flow: Flow
    match: Match
    beat: Beat
    capture: CaptureInfo


def flow_row(judged: Judged, site: Site | None) -> dict[str, Any]:
    """Return the flow's row of FLOWS."""
    flow, match = judged.flow, judged.match
    capture_last = judged.capture.last or flow.last
    return {
        "id": judged.id,
        "capture": judged.capture.name,
        **_end("initiator", flow.initiator, match),
        **_end("acceptor", flow.acceptor, match),
        "initiator_evidence": flow.initiator_evidence,
        "initiator_ttl": flow.initiator.ttl,
        "configured": site is not None,
        "outcome": str(flow.outcome),
        "started": flow.started,
        "ended": flow.ended,
        "duration_s": (flow.last - flow.started) / _NS,
        "watched_s": max(0, capture_last - flow.started) / _NS,
        **_hello(flow),
        **_match(match, flow),
        **_expectation(match, flow, site),
        **_beat(judged.beat, flow),
        "syns": flow.syns,
        "rtt_ms": None if flow.rtt is None else flow.rtt / 1e6,
        "segments": flow.initiator.segments + flow.acceptor.segments,
        "longest_quiet_s": flow.initiator.longest_quiet / _NS,
        "retransmissions": flow.initiator.retransmissions + flow.acceptor.retransmissions,
        "zero_windows": flow.initiator.zero_windows + flow.acceptor.zero_windows,
        "duplicates": flow.duplicates,
        "missing": flow.initiator.missing + flow.acceptor.missing,
        "one_sided": flow.one_sided,
    }


def probe_rows(judged: Judged) -> Iterator[dict[str, Any]]:
    """Yield the rows of PROBES of one flow, both sides in order of time."""
    flow = judged.flow
    sides = (("initiator", flow.initiator), ("acceptor", flow.acceptor))
    found = [(probe, name) for name, side in sides for probe in side.probes]
    for probe, name in sorted(found, key=lambda item: item[0].time):
        yield {
            "flow": judged.id,
            "capture": judged.capture.name,
            "connection": judged.match.connection,
            "side": name,
            "time": probe.time,
            "silence_s": probe.silence / _NS,
            "interval_s": probe.interval / _NS,
            "length": probe.length,
            "answered": probe.answered is not None,
            "answer_ms": None if probe.answered is None else probe.answered / 1e6,
            "exact": probe.exact,
        }


def _end(name: str, side: Side, match: Match) -> dict[str, Any]:
    peer = match.initiator if name == "initiator" else match.acceptor
    return {
        f"{name}_address": side.address,
        f"{name}_port": side.port,
        f"{name}_daemon": printable(str(peer)) if peer is not None else side.address,
        f"{name}_known": match.initiator_known if name == "initiator" else match.acceptor_known,
        f"{name}_source": _written(peer.source if peer is not None else None),
        f"{name}_octets": side.octets,
    }


def _hello(flow: Flow) -> dict[str, Any]:
    hello = flow.hello
    return {
        "transport": str(hello.transport),
        "tls_offered": hello.tls_offered,
        "tls_version": hello.tls_version,
        "hello": printable(hello.line),
        "identity_type": printable(hello.identity.type) if hello.identity else "",
        "identity_name": printable(hello.identity.name) if hello.identity else "",
        "identity_proven": hello.proven,
        "bareos_version": printable(hello.version),
        "database": printable(hello.database),
        "database_user": printable(hello.user),
    }


def _match(match: Match, flow: Flow) -> dict[str, Any]:
    confidence = match.confidence
    if match.connection is None:
        # Sure that no number fits, unless who dialled is itself a guess.
        weak = flow.initiator_evidence == "port" or match.candidates
        confidence = Confidence.GUESS if weak else Confidence.CERTAIN
    return {
        "connection": match.connection,
        "numbered": match.connection is not None,
        "ambiguous": match.connection is None and bool(match.candidates),
        "confidence": str(confidence),
        "match_reason": match.reason,
        "identity_mismatch": bool(match.mismatch),
        "identity_reason": match.mismatch,
        "identity_sources": [str(source) for source in match.mismatch_sources],
    }


def _expectation(match: Match, flow: Flow, site: Site | None) -> dict[str, Any]:
    """Facts of the matched expectation; where several fit, only those they agree on."""
    row = match.expectation
    if row is None or site is None:
        return {"tls_policy": "unknown"}
    passive = match.agreed(lambda r: r.passive)
    pair = match.agreed(lambda r: r.lan_pair)
    identity = flow.hello.identity
    job = job_name(identity.name) if identity is not None else ""
    return {
        "expectation": row.id,
        "expectation_sources": [str(source) for source in row.sources],
        "expected_address": row.address,
        "address_verdict": _address_verdict(match, flow) if pair is not None else "",
        "permission": match.agreed(lambda r: r.permission) or "",
        "permission_source": _written(row.permission_source),
        "client_passive": passive is True,
        "client_active": passive is False,
        "client_passive_source": _written(row.passive_source),
        "lan_pair": pair is True,
        "lan_unpaired": pair is False,
        "lan_sources": [str(source) for source in row.lan_sources],
        "job_verifies": job in site.verify_jobs,
        "tls_policy": match.agreed(lambda r: r.tls) or "unknown",
        "tls_source": _written(row.tls_source),
        "heartbeat_source": _written(row.heartbeat.source),
    }


def _address_verdict(match: Match, flow: Flow) -> str:
    """Say whether the initiator dialled what bareos.md §4.5 demands.

    Behind a destination NAT a tap shows the LanAddress where the initiator used the Address, so
    another address proves something only if no router lay before the tap, or if it is the plain
    address, to which no NAT translates a LanAddress.
    """
    dialled = flow.acceptor.address
    rows = match.candidates
    if any(dialled in row.addresses for row in rows):
        return "expected"
    if not all(row.addresses for row in rows):
        return "untellable"
    plain = all(row.lan_pair and dialled in row.plain_addresses for row in rows)
    return "other" if plain or flow.initiator.ttl in _INITIAL_TTL else "untellable"


def _beat(beat: Beat, flow: Flow) -> dict[str, Any]:
    return {
        "heartbeat_expected_s": beat.expected,
        "heartbeat_observed_s": beat.observed,
        "heartbeat_probes": beat.probes,
        "heartbeat_answered": beat.answered,
        "heartbeat_verdict": str(beat.verdict),
        "heartbeat_fault": str(beat.fault),
        "heartbeat_reason": beat.reason,
        "acceptor_probes": len(flow.acceptor.probes),
    }


def expectation_row(row: Expectation, seen: Mapping[str, bool | str]) -> dict[str, Any]:
    """Return the row of EXPECTATIONS; ``seen`` holds ``exercised``, ``opportunity`` and
    ``opportunity_reason``."""
    return {
        "id": row.id,
        "connection": row.connection,
        "initiator": str(row.initiator),
        "acceptor": str(row.acceptor),
        "initiator_addresses": sorted(row.initiator.addresses),
        "address": row.address,
        "addresses": sorted(row.addresses or row.acceptor.addresses),
        "port": row.port,
        "permission": str(row.permission),
        "permission_source": _written(row.permission_source),
        "heartbeat_s": row.heartbeat.seconds,
        "heartbeat_known": row.heartbeat.seconds is not None,
        "heartbeat_source": _written(row.heartbeat.source),
        "heartbeat_reason": row.heartbeat.reason,
        "tls": str(row.tls),
        "tls_source": _written(row.tls_source),
        "identity": ", ".join(dict.fromkeys(claim.name for claim in row.claims)),
        "jobs": list(row.jobs) if row.permission is not Permission.FORBIDDEN else [],
        "director": row.director,
        "sources": [str(source) for source in row.sources],
        **seen,
    }


def _written(source: Source | None) -> str:
    return str(source) if source is not None else ""
