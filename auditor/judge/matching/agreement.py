"""What a flow's identity and addresses say of one expectation.

Identity decides, addresses agree (bareos.md §9.1): each witness is asked on its own, and only
``weigh`` puts their words together.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from enum import IntEnum

from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.site.connections import connections
from auditor.site.model import Expectation, Site

#: Bareos appends the time and a counter to the Job resource's name (bareos.md §3.4).
_JOB_SUFFIX = re.compile(r"\.\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d_\d{2,}$", re.ASCII)

#: A tray monitor leaves the name in its own challenge empty, and nobody else does (bareos.md §3.3).
_TRAY = frozenset({"9", "10", "11"})


class Agreement(IntEnum):
    """A witness's answer, from worst to best."""

    CONFLICT = 0
    """It speaks of something else."""
    MISMATCH = 1
    """The right kind under a wrong name, or the right role at another address."""
    NO_EVIDENCE = 2
    """It cannot tell."""
    MATCH = 3


class Names:
    """All names that the site's hellos may carry, and what each of them stands for."""

    def __init__(self, site: Site) -> None:
        self.jobs: Mapping[str, frozenset[str]] = site.jobs
        """Job names by Director."""
        kinds: dict[Identity, set[str]] = defaultdict(set)
        for row in site.expectations:
            for claim in row.claims:
                kinds[identity_of(row, claim.name)].add(row.connection)
        self._kinds = kinds

    def belongs_elsewhere(self, identity: Identity, connection: str) -> bool:
        """Tell whether a name is known, but only from other numbers than this one: a Director's
        name makes no 10, a monitor's no 3, and only ``*UserAgent*`` makes a 2."""
        numbers = self._kinds.get(identity)
        if numbers is None:
            return connection == "2"
        return connection not in numbers


def identity_of(row: Expectation, name: str) -> Identity:
    """Return the identity of an initiator with that name."""
    return Identity(connections()[row.connection].identity, name)


def identity_agreement(hello: Hello, row: Expectation, names: Names) -> Agreement:
    """Return what the hello says of an expectation."""
    if row.connection == "12":
        silent = hello.transport in {Transport.POSTGRESQL, Transport.UNKNOWN}
        return Agreement.NO_EVIDENCE if silent else Agreement.CONFLICT
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
    if hello.challenge_name == "" and row.connection not in _TRAY:
        return Agreement.CONFLICT
    known = {claim.name for claim in row.claims}
    if hello.identity.name in known:
        # Another program may use the monitor's name: then it is no tray monitor, if anything
        # else goes by that name.
        return (
            Agreement.MISMATCH
            if hello.challenge_name and row.connection in _TRAY
            else Agreement.MATCH
        )
    if names.belongs_elsewhere(hello.identity, row.connection):
        return Agreement.CONFLICT
    return Agreement.MISMATCH if known else Agreement.NO_EVIDENCE


def job_name(identity: str) -> str:
    """Return the Job resource's name in a full job name."""
    return _JOB_SUFFIX.sub("", identity)


def _job_agreement(name: str, row: Expectation, names: Names) -> Agreement:
    """A job that the ordering Director knows agrees; one it does not know differs."""
    known = names.jobs.get(row.director)
    if known is None:
        return Agreement.NO_EVIDENCE
    return Agreement.MATCH if job_name(name) in known else Agreement.MISMATCH


def address_agreement(
    flow: Flow, row: Expectation, learned: Mapping[str, frozenset[str]]
) -> Agreement:
    """Return what the initiator's address says of an expectation.

    ``learned`` maps addresses to the names of consoles and monitors that were identified there.
    """
    address = flow.initiator.address
    if address in row.initiator.addresses:
        return Agreement.MATCH
    if row.initiator.name in learned.get(address, frozenset()):
        return Agreement.MATCH
    if not row.initiator.located:
        return Agreement.NO_EVIDENCE
    if address == flow.acceptor.address:
        # Both ends on one machine: the kernel takes the dialled address as the source.
        return Agreement.NO_EVIDENCE
    return Agreement.MISMATCH
