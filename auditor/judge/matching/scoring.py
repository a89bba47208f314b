"""Weighs what identity, initiator's address and acceptor say of one expectation together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from auditor.flows.flow import Flow, Outcome, Transport
from auditor.judge.matching.agreement import Word, job_name
from auditor.judge.matching.match import Confidence
from auditor.site.model import Expectation, Permission

#: Evidence for the initiator that does not come from its own first packets.
_WEAK_EVIDENCE = frozenset({"port"})


class Testimony(NamedTuple):
    """What the three witnesses say of one expectation."""

    row: Expectation
    identity: Word
    address: Word
    """Whether the initiator's address is that of the row's initiator."""
    acceptor: Word
    """Whether the target is the row's: the address and port dialled."""


def believable(testimony: Testimony, flow: Flow) -> bool:
    """Tell whether the witnesses together allow the row.

    A wrong or missing name is only believed from the right address or with a proven key; a right
    name from a wrong address only with a proven key; an unknown acceptor only when the initiator
    is known by address.
    """
    proven = flow.hello.proven
    _, identity, address, acceptor = testimony
    if identity is Word.CONTRADICTS:
        return False
    if acceptor is Word.DIFFERS:
        return address is Word.AGREES
    if identity is Word.AGREES:
        return address is not Word.DIFFERS or proven
    if identity is Word.DIFFERS:
        return address is Word.AGREES or (proven and address is Word.SILENT)
    if address is Word.AGREES:
        return True
    # A peer that may dial from anywhere, and a flow that names nobody: only what began before
    # the capture or never got as far as a hello can be it.
    mute = flow.outcome is Outcome.ESTABLISHED and flow.hello.transport is Transport.UNKNOWN
    return address is Word.SILENT and (not mute or acceptor is Word.SILENT)


def best(testimonies: Sequence[Testimony], flow: Flow) -> list[Testimony]:
    """Return the believable rows with the best testimony.

    After the witnesses come the planned job, the very address that was dialled, and, last, that
    the row is allowed: a forbidden row is only believed when nothing else explains the flow.
    """
    heard = [testimony for testimony in testimonies if believable(testimony, flow)]
    identity = flow.hello.identity
    job = job_name(identity.name) if identity is not None and identity.type == "R_JOB" else None

    def rank(t: Testimony) -> tuple[int, ...]:
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


def confidence(flow: Flow, testimony: Testimony) -> Confidence:
    """Return how sure the number is that the best testimony gives."""
    _, identity, address, acceptor = testimony
    if flow.initiator_evidence in _WEAK_EVIDENCE and identity is not Word.AGREES:
        return Confidence.LIKELY if address is Word.AGREES else Confidence.GUESS
    if acceptor is Word.DIFFERS:
        return Confidence.LIKELY if identity is Word.AGREES else Confidence.GUESS
    if identity is Word.AGREES:
        # An address that proves nothing leaves it to the key to tell a claim from the truth.
        sure = address is Word.AGREES or (address is Word.SILENT and flow.hello.proven)
        return Confidence.CERTAIN if sure else Confidence.LIKELY
    if address is Word.AGREES:
        named = flow.hello.identity is not None or flow.hello.transport is Transport.POSTGRESQL
        return Confidence.CERTAIN if named else Confidence.LIKELY
    return Confidence.GUESS
