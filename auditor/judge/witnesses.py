"""What a flow's identity and addresses say of one expectation.

Identity decides, addresses agree (bareos.md §9.1): each witness is asked on its own, and only
``classify`` weighs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from auditor.config.site.model import Expectation, Role
from auditor.flows.model import Flow, Hello, Transport
from auditor.rulebook import connections

#: Bareos appends ``.YYYY-MM-DD_HH.MM.SS_NN`` to the Job resource's name (bareos.md §3.4).
_JOB_SUFFIX = len(".2026-11-22_22.22.37_03")


class Word(IntEnum):
    """A witness's answer, from worst to best."""

    CONTRADICTS = 0
    """It speaks of something else."""
    DIFFERS = 1
    """The right kind under a wrong name, or the right role at another address."""
    SILENT = 2
    """It cannot tell."""
    AGREES = 3


def identity_word(hello: Hello, row: Expectation, jobs: Mapping[str, frozenset[str]]) -> Word:
    """Return what the hello says of an expectation."""
    if row.connection == "12":
        silent = hello.transport in {Transport.POSTGRESQL, Transport.UNKNOWN}
        return Word.SILENT if silent else Word.CONTRADICTS
    if hello.transport is Transport.POSTGRESQL:
        return Word.CONTRADICTS
    if hello.identity is None:
        return Word.SILENT
    if hello.connections and row.connection not in hello.connections:
        return Word.CONTRADICTS
    if hello.identity.type != connections()[row.connection].identity:
        return Word.CONTRADICTS
    if hello.identity.type == "R_JOB":
        return _job_word(hello.identity.name, row, jobs)
    names = {claim.name for claim in row.claims}
    if not names:
        return Word.SILENT
    return Word.AGREES if hello.identity.name in names else Word.DIFFERS


def job_name(identity: str) -> str:
    """Return the Job resource's name in a full job name."""
    return identity[:-_JOB_SUFFIX] if len(identity) > _JOB_SUFFIX else identity


def _job_word(name: str, row: Expectation, jobs: Mapping[str, frozenset[str]]) -> Word:
    """A job that the ordering Director knows agrees; one it does not know differs."""
    known = jobs.get(row.director)
    if known is None:
        return Word.SILENT
    return Word.AGREES if job_name(name) in known else Word.DIFFERS


def address_word(flow: Flow, row: Expectation, learned: Mapping[str, frozenset[str]]) -> Word:
    """Return what the initiator's address says of an expectation.

    ``learned`` maps addresses to the names of consoles and monitors that were identified there.
    """
    address = flow.initiator.address
    if address in row.initiator.addresses:
        return Word.AGREES
    if row.initiator.name in learned.get(address, frozenset()):
        return Word.AGREES
    if not row.initiator.located:
        return Word.SILENT
    if address == flow.acceptor.address and row.initiator.role is not Role.CATALOG:
        # Both ends on one machine: the kernel takes the dialled address as the source.
        return Word.SILENT
    return Word.DIFFERS
