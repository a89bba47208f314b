"""What the flows of an audit prove, and what could not be seen: what its ``pass`` rests on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from auditor.flows.flow import Outcome
from auditor.judge.tables.table import Table
from auditor.judge.verdicts import Confidence, Verdict

_MADE = frozenset({Outcome.ESTABLISHED, Outcome.MIDSTREAM})


class Proof(NamedTuple):
    """Counts of flows; a flow that a finding fails proves nothing."""

    certain: int
    """Their number is proven: who dialled whom for what."""
    likely: int
    """It is likely."""
    heartbeats: int
    """Their heartbeat was seen to be kept, by probes or by the socket."""
    unobserved: int
    """Whether it is kept could not be seen."""

    @property
    def numbered(self) -> int:
        """Connections of which more than a guess says what they are."""
        return self.certain + self.likely


def proof(flows: Table, failed: Collection[str]) -> Proof:
    """Return what the flows prove; ``failed``: the ids of those that a finding fails."""
    counts = dict.fromkeys(Proof._fields, 0)
    for row in flows.rows():
        if row["id"] in failed:
            continue
        sure = sureness(row)
        if sure != Confidence.GUESS:
            counts["certain" if sure == Confidence.CERTAIN else "likely"] += 1
        if row["heartbeat_verdict"] != Verdict.NOT_APPLICABLE:
            counts["heartbeats" if _kept(row, sure) else "unobserved"] += 1
    return Proof(**counts)


def sureness(row: Mapping[str, Any]) -> Confidence:
    """Return how sure a row of FLOWS is: a name that nobody checked is only what somebody wrote."""
    described = row["expectation"] or not row["configured"]
    made = row["outcome"] in _MADE and not row["login_refused"]
    if not (row["numbered"] and described and made):
        return Confidence.GUESS
    if row["confidence"] == Confidence.CERTAIN and row["identity_type"]:
        return Confidence.CERTAIN if row["identity_proven"] else Confidence.LIKELY
    return Confidence(row["confidence"])


def _kept(row: Mapping[str, Any], sure: str) -> bool:
    verdicts = (row["heartbeat_verdict"], row["socket_verdict"])
    return sure != Confidence.GUESS and Verdict.PASS in verdicts and Verdict.FAIL not in verdicts
