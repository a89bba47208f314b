"""What the configuration demands, as columns of FLOWS and as rows of EXPECTATIONS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.config.resources import Source
from auditor.flows.flow import Flow
from auditor.judge.matching.agreement import job_name
from auditor.judge.matching.destination import dialled_address
from auditor.judge.matching.match import Match
from auditor.judge.tables.table import Table, build
from auditor.site.model import Expectation, Permission, Site


def expectation_facts(match: Match, flow: Flow, site: Site | None) -> dict[str, Any]:
    """Return the columns of FLOWS that say what the matched expectation demands; where several
    fit, only what they agree on."""
    row = match.expectation
    if row is None or site is None:
        return {"tls_policy": "unknown"}
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
        "permission_source": _written(row.permission_source),
        "client_passive": passive is True,
        "client_active": passive is False,
        "client_passive_source": _written(row.passive.source),
        "lan_pair": pair is True,
        "lan_unpaired": pair is False,
        "lan_sources": [str(source) for source in row.lan.sources],
        "job_verifies": job in site.verify_jobs,
        "tls_policy": match.agreed(lambda r: r.tls) or "unknown",
        "tls_source": _written(row.tls_source),
        "heartbeat_source": _written(row.heartbeat.source),
    }


def expectation_table(site: Site | None) -> Table:
    """Return the site's expectations, none of them exercised."""
    rows = site.expectations if site is not None else ()
    return build("expectations", (expectation_row(row, {}) for row in rows))


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
        "jobs": [job.name for job in row.jobs]
        if row.permission is not Permission.FORBIDDEN
        else [],
        "director": row.director,
        "sources": [str(source) for source in row.sources],
        **seen,
    }


def _written(source: Source | None) -> str:
    return str(source) if source is not None else ""
