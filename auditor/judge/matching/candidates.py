"""Which expectations a flow may be: found by index, and the same as by looking at all of them."""

from __future__ import annotations

from collections.abc import Container

from auditor.flows.flow import Flow
from auditor.judge.matching.agreement import (
    Agreement,
    Candidate,
    IdentifiedAt,
    SiteNames,
    compare,
    job_name,
)
from auditor.judge.matching.index import Bucket, RowIndex
from auditor.site.resolver import is_loopback


class CandidateSearch:
    """Finds the candidates of a flow among the expectations of one site."""

    def __init__(self, index: RowIndex, names: SiteNames, known: Container[str]) -> None:
        """``known``: every address at which the site has a daemon, console or monitor."""
        self._index = index
        self._names = names
        self._known = known

    def find(self, flow: Flow, identified: IdentifiedAt) -> list[Candidate]:
        """Return the expectations that may explain a flow, among them all of the best."""
        address, port = flow.acceptor.address, flow.acceptor.port
        here = self._index.target(address, port)
        unlocated = self._index.unlocated(port)
        found: list[Candidate] = []
        if here is not None:
            found += self._in_bucket(flow, here, Agreement.MATCH, identified)
        if unlocated is not None:
            found += self._in_bucket(flow, unlocated, Agreement.NO_EVIDENCE, identified)
        if here is None and (address not in self._known or is_loopback(address)):
            # Nobody is known there, so it may be a daemon at another of its addresses.
            on_port = self._index.on_port(port)
            rows = on_port.from_address(flow.initiator.address) if on_port is not None else ()
            found += compare(flow, rows, Agreement.MISMATCH, self._names, identified)
        return found

    def _in_bucket(
        self, flow: Flow, bucket: Bucket, target: Agreement, identified: IdentifiedAt
    ) -> list[Candidate]:
        """Return the candidates that may be at the flow's initiator address; only where none of
        them has the right name, also those that are known elsewhere and proved their name."""
        names = identified.get(flow.initiator.address, frozenset())
        near = compare(flow, bucket.near(flow, names), target, self._names, identified)
        if not flow.hello.proven or any(one.agreements.identity is Agreement.MATCH for one in near):
            return near
        return near + self._named(flow, bucket, target, identified)

    def _named(
        self, flow: Flow, bucket: Bucket, target: Agreement, identified: IdentifiedAt
    ) -> list[Candidate]:
        """Return the candidates that the hello names rightly, whatever address it comes from;
        where the job is planned for some, only these."""
        identity = flow.hello.identity
        if identity is None:
            return []
        groups = [bucket.named(identity)]
        if identity.type == "R_JOB":
            job = job_name(identity.name)
            if not self._names.knows_job(job):
                return []
            groups = [bucket.planned(job), bucket.typed("R_JOB")]
        for rows in groups:
            compared = compare(flow, rows, target, self._names, identified)
            if right := [one for one in compared if one.agreements.identity is Agreement.MATCH]:
                return right
        return []
