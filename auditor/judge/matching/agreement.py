"""How far one flow agrees with one expectation: its identity, its initiator's address, its target.

Each is compared on its own. How far the three together are believed is ``decision``'s.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.site.connections import connections
from auditor.site.model import Expectation, Site

#: Bareos appends the time and a counter to the Job resource's name (bareos.md §3.4).
_JOB_SUFFIX = re.compile(r"\.\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d_\d{2,}$", re.ASCII)

#: A tray monitor leaves the name in its own challenge empty, and nobody else does (bareos.md §3.3).
_TRAY_MONITOR = frozenset({"9", "10", "11"})

IdentifiedAt = Mapping[str, frozenset[str]]
"""Names of the consoles and tray monitors that proved who they are, by the address they dialled
from: the configuration does not say where they are."""


class Agreement(IntEnum):
    """How one piece of evidence compares with an expectation, from worst to best."""

    CONFLICT = 0
    """It belongs to another connection. Only an identity can."""
    MISMATCH = 1
    """The right type of identity under a wrong name, or the right role at another address."""
    NO_EVIDENCE = 2
    """Nothing to compare: not seen, or not configured."""
    MATCH = 3


class Agreements(NamedTuple):
    """How far a flow agrees with an expectation."""

    identity: Agreement
    address: Agreement
    """Of the initiator: whether the flow's is that of the expectation's."""
    target: Agreement
    """Of the acceptor: whether the address and port dialled are those of the expectation's."""


class Candidate(NamedTuple):
    """One expectation that a flow may be, and what they have in common."""

    row: Expectation
    agreements: Agreements
    planned: bool
    """The job in the hello is planned to use the expectation."""
    dialled: bool
    """The expectation is to dial this very address, or a name that has none here and may have had
    this one."""


class SiteNames:
    """All names that the site's hellos may carry, and the connection numbers each belongs to."""

    def __init__(self, site: Site) -> None:
        self.jobs: Mapping[str, frozenset[str]] = site.jobs
        """Job names by Director."""
        numbers: dict[Identity, set[str]] = defaultdict(set)
        for row in site.expectations:
            for claim in row.claims:
                numbers[identity_of(row, claim.name)].add(row.connection)
        self._numbers = numbers

    def belongs_elsewhere(self, identity: Identity, connection: str) -> bool:
        """Tell whether a name is known, but only from other numbers than this one: a Director's
        name makes no 10, a monitor's no 3, and only ``*UserAgent*`` makes a 2."""
        numbers = self._numbers.get(identity)
        if numbers is None:
            return connection == "2"
        return connection not in numbers

    def knows_job(self, name: str) -> bool:
        """Tell whether any Director has a Job resource of that name."""
        return any(name in known for known in self.jobs.values())


def identity_of(row: Expectation, name: str) -> Identity:
    """Return the identity of an initiator with that name."""
    return Identity(connections()[row.connection].identity, name)


def compare(
    flow: Flow,
    rows: Iterable[Expectation],
    target: Agreement,
    names: SiteNames,
    identified: IdentifiedAt,
) -> list[Candidate]:
    """Return a flow's agreements with rows, all of which agree with its target as given."""
    identity = flow.hello.identity
    job = job_name(identity.name) if identity is not None and identity.type == "R_JOB" else None
    dialled = flow.acceptor.address
    return [
        Candidate(
            row,
            Agreements(
                identity_agreement(flow.hello, row, names),
                address_agreement(flow, row, identified),
                target,
            ),
            job in row.hello_jobs,
            dialled in row.addresses or not row.addresses,
        )
        for row in rows
    ]


def identity_agreement(hello: Hello, row: Expectation, names: SiteNames) -> Agreement:
    """Return how the hello compares with what the expectation's initiator must send
    (bareos.md §3.3 to §3.5)."""
    if row.connection == "12":
        possible = hello.transport in {Transport.POSTGRESQL, Transport.UNKNOWN}
        return Agreement.NO_EVIDENCE if possible else Agreement.CONFLICT
    if hello.transport is Transport.POSTGRESQL:
        return Agreement.CONFLICT
    if hello.identity is None:
        return Agreement.NO_EVIDENCE
    if hello.connections and row.connection not in hello.connections:
        return Agreement.CONFLICT
    if hello.identity.type != connections()[row.connection].identity:
        return Agreement.CONFLICT
    if hello.identity.type == "R_JOB":
        return _job_agreement(hello.identity.name, row, names)
    if hello.challenge_name == "" and row.connection not in _TRAY_MONITOR:
        return Agreement.CONFLICT
    known = {claim.name for claim in row.claims}
    if hello.identity.name in known:
        # Another program may use the monitor's name: then it is no tray monitor, if anything
        # else goes by that name.
        return (
            Agreement.MISMATCH
            if hello.challenge_name and row.connection in _TRAY_MONITOR
            else Agreement.MATCH
        )
    if names.belongs_elsewhere(hello.identity, row.connection):
        return Agreement.CONFLICT
    return Agreement.MISMATCH if known else Agreement.NO_EVIDENCE


@lru_cache(1 << 10)
def job_name(identity: str) -> str:
    """Return the Job resource's name in a full job name."""
    return _JOB_SUFFIX.sub("", identity)


def _job_agreement(name: str, row: Expectation, names: SiteNames) -> Agreement:
    """A job that the ordering Director knows agrees; one it does not know differs."""
    known = names.jobs.get(row.director)
    if known is None:
        return Agreement.NO_EVIDENCE
    return Agreement.MATCH if job_name(name) in known else Agreement.MISMATCH


def address_agreement(flow: Flow, row: Expectation, identified: IdentifiedAt) -> Agreement:
    """Return how the flow's initiator address compares with those of the expectation's
    initiator, by the configuration or by a flow that identified it there."""
    address = flow.initiator.address
    if address in row.initiator.addresses:
        return Agreement.MATCH
    if row.initiator.name in identified.get(address, frozenset()):
        return Agreement.MATCH
    if not row.initiator.located:
        return Agreement.NO_EVIDENCE
    if address == flow.acceptor.address:
        # Both ends on one machine: the kernel takes the dialled address as the source.
        return Agreement.NO_EVIDENCE
    return Agreement.MISMATCH
