"""Weighs what identity, initiator's address and acceptor say of one expectation together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from auditor.flows.flow import Flow, Outcome, Transport
from auditor.judge.matching.agreement import Agreement, job_name
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Permission

#: Evidence for the initiator that does not come from its own first packets.
_WEAK_EVIDENCE = frozenset({"port"})


class Candidate(NamedTuple):
    """What the three witnesses say of one expectation."""

    row: Expectation
    identity: Agreement
    address: Agreement
    """Whether the initiator's address is that of the row's initiator."""
    acceptor: Agreement
    """Whether the target is the row's: the address and port dialled."""


def is_plausible(candidate: Candidate, flow: Flow) -> bool:
    """Tell whether the witnesses together allow the row.

    A wrong or missing name is only believed from the right address or with a proven key; a right
    name from a wrong address only with a proven key; an unknown acceptor only when the initiator
    is known by address.
    """
    proven = flow.hello.proven
    _, identity, address, acceptor = candidate
    if identity is Agreement.CONFLICT:
        return False
    if acceptor is Agreement.MISMATCH:
        return address is Agreement.MATCH
    if identity is Agreement.MATCH:
        return address is not Agreement.MISMATCH or proven
    if identity is Agreement.MISMATCH:
        return address is Agreement.MATCH or (proven and address is Agreement.NO_EVIDENCE)
    if address is Agreement.MATCH:
        return True
    # A peer that may dial from anywhere, and a flow that names nobody: only what began before
    # the capture or never got as far as a hello can be it.
    mute = flow.outcome is Outcome.ESTABLISHED and flow.hello.transport is Transport.UNKNOWN
    return address is Agreement.NO_EVIDENCE and (not mute or acceptor is Agreement.NO_EVIDENCE)


def best_candidates(candidates: Sequence[Candidate], flow: Flow) -> list[Candidate]:
    """Return the plausible rows with the best candidate.

    After the witnesses come the planned job, the very address that was dialled, and, last, that
    the row is allowed: a forbidden row is only believed when nothing else explains the flow.
    """
    heard = [candidate for candidate in candidates if is_plausible(candidate, flow)]
    identity = flow.hello.identity
    job = job_name(identity.name) if identity is not None and identity.type == "R_JOB" else None

    def rank(t: Candidate) -> tuple[int, ...]:
        return (
            t.acceptor,
            t.identity,
            t.address,
            job in t.row.hello_jobs,
            flow.acceptor.address in t.row.addresses,
            t.row.permission is not Permission.FORBIDDEN,
        )

    top = max(map(rank, heard), default=None)
    return [t for t in heard if rank(t) == top]


def confidence(flow: Flow, candidate: Candidate) -> Confidence:
    """Return how sure the number is that the best candidate gives."""
    _, identity, address, acceptor = candidate
    if flow.initiator_evidence in _WEAK_EVIDENCE and identity is not Agreement.MATCH:
        return Confidence.LIKELY if address is Agreement.MATCH else Confidence.GUESS
    if acceptor is Agreement.MISMATCH:
        return Confidence.LIKELY if identity is Agreement.MATCH else Confidence.GUESS
    if identity is Agreement.MATCH:
        # An address that proves nothing leaves it to the key to tell a claim from the truth.
        sure = address is Agreement.MATCH or (
            address is Agreement.NO_EVIDENCE and flow.hello.proven
        )
        return Confidence.CERTAIN if sure else Confidence.LIKELY
    if address is Agreement.MATCH:
        named = flow.hello.identity is not None or flow.hello.transport is Transport.POSTGRESQL
        return Confidence.CERTAIN if named else Confidence.LIKELY
    return Confidence.GUESS
