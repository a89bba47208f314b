"""What the first bytes of a flow say, and what was made of them, as columns of FLOWS."""

from __future__ import annotations

from typing import Any

from auditor.flows.flow import Flow
from auditor.judge.matching.match import Match
from auditor.packets.unseen_note import Lack
from auditor.text import printable
from auditor.text.listing import first_of

#: A daemon has few addresses; of one that has many so many are shown.
_SHOWN_ADDRESSES = 5
_LEFT_OUT = "the name in its hello was left out when the capture was thinned"


def hello_columns(flow: Flow) -> dict[str, Any]:
    """Return the columns of FLOWS on what the first bytes show."""
    hello = flow.hello
    return {
        "transport": str(hello.transport),
        "tls_offered": hello.tls_offered,
        "tls_version": hello.tls_version,
        "hello": printable(hello.line),
        "identity_type": printable(hello.identity.type) if hello.identity else "",
        "identity_name": printable(hello.identity.name) if hello.identity else "",
        "identity_proven": hello.proven,
        "hello_contradicts": flow.hello_contradicts,
        "contradiction_unseen": bool(flow.doubts),
        "proof_unseen": Lack.PROOF in flow.doubts,
        "hello_cut": flow.hello_cut,
        "name_left_out": flow.name_left_out,
        "bareos_version": printable(hello.version),
        "database": printable(hello.database),
        "database_user": printable(hello.user),
    }


def match_columns(match: Match, flow: Flow) -> dict[str, Any]:
    """Return the columns of FLOWS on its number, and on whose the name in its hello is."""
    return {
        "connection": match.connection,
        "numbered": match.connection is not None,
        "ambiguous": match.connection is None and bool(match.possible),
        "confidence": str(match.confidence),
        "match_reason": match.reason,
        "identity_elsewhere": bool(match.home) and flow.initiator.address not in match.home,
        "identity_home": first_of(sorted(match.home), _SHOWN_ADDRESSES),
        "identity_apart": match.apart,
        "identity_mismatch": bool(match.mismatch),
        "identity_reason": match.mismatch or (_LEFT_OUT if flow.name_left_out else ""),
        "identity_sources": [str(source) for source in match.mismatch_sources],
    }
