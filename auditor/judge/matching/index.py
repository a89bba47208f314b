"""Finds the few expectations that a flow may be, among all of a site's.

A site of 1000 clients and 10 storages has 20 000 rows for 6 and 7 alone, and a capture has tens of
thousands of flows: rows are found by target, then by who dials and under which name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from auditor.flows.flow import Flow, Identity
from auditor.judge.matching.agreement import identity_of, job_name
from auditor.site.connections import connections
from auditor.site.model import Expectation


class Bucket:
    """The rows of one target, or of all acceptors on one port that have no address."""

    def __init__(self) -> None:
        self.rows: list[Expectation] = []
        self.numbers: dict[str, Expectation] = {}
        """One row of each number."""
        self._by_address: dict[str, list[Expectation]] = defaultdict(list)
        self._by_peer: dict[str, list[Expectation]] = defaultdict(list)
        self._by_name: dict[Identity, list[Expectation]] = defaultdict(list)
        self._by_job: dict[str, list[Expectation]] = defaultdict(list)
        self._by_type: dict[str, list[Expectation]] = defaultdict(list)
        self._anywhere: list[Expectation] = []

    def add(self, row: Expectation) -> None:
        """Take a row in."""
        self.rows.append(row)
        self.numbers.setdefault(row.connection, row)
        for address in row.initiator.addresses:
            self._by_address[address].append(row)
        if not row.initiator.located:
            self._anywhere.append(row)
        self._by_peer[row.initiator.name].append(row)
        self._by_type[connections()[row.connection].identity].append(row)
        for claim in row.claims:
            self._by_name[identity_of(row, claim.name)].append(row)
        for job in row.hello_jobs:
            self._by_job[job].append(row)

    def from_address(self, address: str) -> Sequence[Expectation]:
        """Return the rows whose initiator is known at an address."""
        return self._by_address.get(address, ())

    def plausible(self, flow: Flow, learned: Collection[str]) -> Iterator[Expectation]:
        """Yield, once each, every row that ``weigh`` could believe of this flow.

        The rest comes from another known address under a name that is not its own. ``learned``
        are names of consoles and monitors that were identified at the initiator's address.
        """
        if flow.initiator.address == flow.acceptor.address:
            yield from self.rows
            return
        groups: list[Iterable[Expectation]] = [
            self.from_address(flow.initiator.address),
            self._anywhere,
            *(self._by_peer[name] for name in learned if name in self._by_peer),
            self._named(flow),
        ]
        seen: set[int] = set()
        for row in (row for group in groups for row in group):
            if id(row) not in seen:
                seen.add(id(row))
                yield row

    def _named(self, flow: Flow) -> Sequence[Expectation]:
        """Return the rows that the hello names, whatever address it comes from."""
        identity = flow.hello.identity
        if identity is None or not flow.hello.proven:
            return ()
        if identity.type != "R_JOB":
            return self._by_name.get(identity, ())
        here = self.from_address(flow.initiator.address)
        if any(connections()[row.connection].identity == "R_JOB" for row in here):
            return ()
        planned: Sequence[Expectation] = self._by_job.get(job_name(identity.name), ())
        return planned or self._by_type.get("R_JOB", ())

    def named(self, identity: Identity) -> Sequence[Expectation]:
        """Return the rows whose hello must carry just this identity."""
        return self._by_name.get(identity, ())

    def typed(self, type_: str) -> Sequence[Expectation]:
        """Return the rows whose hello carries an identity of this type."""
        return self._by_type.get(type_, ())


class RowIndex:
    """All expectations of a site but 5b, which looks like 5a on the wire (``accompany``)."""

    def __init__(self, rows: Iterable[Expectation]) -> None:
        self._targets: dict[tuple[str, int], Bucket] = defaultdict(Bucket)
        self._ports: dict[int, Bucket] = defaultdict(Bucket)
        self._nowhere: dict[int, Bucket] = defaultdict(Bucket)
        for row in rows:
            if row.connection == "5b":
                continue
            for port in row.acceptor.ports | {row.port}:
                self._ports[port].add(row)
                if not row.acceptor.located:
                    self._nowhere[port].add(row)
                for address in row.acceptor.addresses | row.addresses:
                    self._targets[address, port].add(row)

    def target(self, address: str, port: int) -> Bucket | None:
        """Return the rows that dial this very address and port."""
        return self._targets.get((address, port))

    def on_port(self, port: int) -> Bucket | None:
        """Return the rows of all acceptors on a port."""
        return self._ports.get(port)

    def nowhere(self, port: int) -> Bucket | None:
        """Return the rows of acceptors on a port that have no address."""
        return self._nowhere.get(port)
