"""The expectations of a site by what a flow shows: target, initiator's address, name, job.

A site of 1000 clients and 10 storages has 20 000 expectations for 6 and 7 alone, and a capture has
tens of thousands of flows: none is compared with all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from auditor.flows.flow import Flow, Identity
from auditor.judge.matching.agreement import identity_of
from auditor.site.connections import connections
from auditor.site.model import Expectation, Role

_Key = TypeVar("_Key")


class Bucket:
    """The expectations (rows) of one target, or of all acceptors on one port without an address.

    What they are found by is put in order when a flow first asks: of the targets of a large site a
    capture has few.
    """

    def __init__(self) -> None:
        self.rows: list[Expectation] = []
        self.numbers: dict[str, Expectation] = {}
        """One row of each number."""

    def add(self, row: Expectation) -> None:
        """Take a row in, before anything is asked."""
        self.rows.append(row)
        self.numbers.setdefault(row.connection, row)

    @cached_property
    def _by_address(self) -> Mapping[str, list[Expectation]]:
        return _grouped((a, row) for row in self.rows for a in row.initiator.addresses)

    @cached_property
    def _by_peer(self) -> Mapping[str, list[Expectation]]:
        return _grouped((row.initiator.name, row) for row in self.rows)

    @cached_property
    def _by_name(self) -> Mapping[Identity, list[Expectation]]:
        return _grouped(
            (identity_of(row, claim.name), row) for row in self.rows for claim in row.claims
        )

    @cached_property
    def _by_job(self) -> Mapping[str, list[Expectation]]:
        return _grouped((job, row) for row in self.rows for job in row.hello_jobs)

    @cached_property
    def _by_type(self) -> Mapping[str, list[Expectation]]:
        return _grouped((connections()[row.connection].identity, row) for row in self.rows)

    @cached_property
    def _unlocated(self) -> Sequence[Expectation]:
        return [row for row in self.rows if not row.initiator.located]

    def from_address(self, address: str) -> Sequence[Expectation]:
        """Return the rows whose initiator is known at an address."""
        return self._by_address.get(address, ())

    def near(self, flow: Flow, identified: Collection[str]) -> Iterator[Expectation]:
        """Yield, once each, the rows whose initiator may be at the flow's initiator address.

        Every other row has its initiator at another known address. ``identified`` are names of
        consoles and monitors that proved who they are at this address.
        """
        if flow.initiator.address == flow.acceptor.address:
            yield from self.rows
            return
        groups: list[Iterable[Expectation]] = [
            self.from_address(flow.initiator.address),
            self._unlocated,
            *(self._by_peer[name] for name in identified if name in self._by_peer),
        ]
        seen: set[int] = set()
        for row in (row for group in groups for row in group):
            if id(row) not in seen:
                seen.add(id(row))
                yield row

    def named(self, identity: Identity) -> Sequence[Expectation]:
        """Return the rows whose hello must carry just this identity."""
        return self._by_name.get(identity, ())

    def typed(self, type_: str) -> Sequence[Expectation]:
        """Return the rows whose hello carries an identity of this type."""
        return self._by_type.get(type_, ())

    def planned(self, job: str) -> Sequence[Expectation]:
        """Return the rows whose hello is planned to name this Job."""
        return self._by_job.get(job, ())


def _grouped(pairs: Iterable[tuple[_Key, Expectation]]) -> Mapping[_Key, list[Expectation]]:
    found: dict[_Key, list[Expectation]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return found


def _is_anybodys(row: Expectation) -> bool:
    """Tell whether neither end of an 8 can be told: then any dialler of a Storage Daemon's port,
    such as a File Daemon, would do."""
    return row.connection == "8" and row.acceptor.generic and not row.initiator.located


class RowIndex:
    """All expectations of a site but 5b, which looks like 5a on the wire (``correlation``), and
    what could be anybody's."""

    def __init__(self, rows: Iterable[Expectation]) -> None:
        self._targets: dict[tuple[str, int], Bucket] = defaultdict(Bucket)
        self._ports: dict[int, Bucket] = defaultdict(Bucket)
        self._unlocated: dict[int, Bucket] = defaultdict(Bucket)
        self._misdirected: dict[tuple[str, int], list[Expectation]] = defaultdict(list)
        listed = list(rows)
        listening = _listening(listed)
        for row in listed:
            if row.connection == "5b" or _is_anybodys(row):
                continue
            astray = _astray(row, listening)
            for address in astray:
                self._misdirected[address, row.port].append(row)
            for port in row.acceptor.ports if astray else row.acceptor.ports | {row.port}:
                self._ports[port].add(row)
                if not row.acceptor.located:
                    self._unlocated[port].add(row)
                for address in row.acceptor.addresses | row.addresses:
                    self._targets[address, port].add(row)

    def target(self, address: str, port: int) -> Bucket | None:
        """Return the rows that dial this very address and port."""
        return self._targets.get((address, port))

    def misdirected(self, address: str, port: int) -> Sequence[Expectation]:
        """Return the rows that dial this address and port, where a daemon of another kind
        listens."""
        return self._misdirected.get((address, port), ())

    def on_port(self, port: int) -> Bucket | None:
        """Return the rows of all acceptors on a port."""
        return self._ports.get(port)

    def unlocated(self, port: int) -> Bucket | None:
        """Return the rows of acceptors on a port that have no address."""
        return self._unlocated.get(port)


def _listening(rows: Iterable[Expectation]) -> Mapping[tuple[str, int], frozenset[Role]]:
    """Return the kinds of daemons that listen, by address and port."""
    found: dict[tuple[str, int], set[Role]] = defaultdict(set)
    for peer in {row.acceptor for row in rows}:
        for address in peer.addresses:
            for port in peer.ports:
                found[address, port].add(peer.role)
    return {key: frozenset(roles) for key, roles in found.items()}


def _astray(
    row: Expectation, listening: Mapping[tuple[str, int], frozenset[Role]]
) -> frozenset[str]:
    """Return at which addresses a row dials a daemon of another kind: a port at which its own
    acceptor does not listen may be forwarded, but not where somebody else listens."""
    if not row.acceptor.ports or row.port in row.acceptor.ports:
        return frozenset()
    dialled = row.addresses or row.acceptor.addresses
    return frozenset(
        a for a in dialled if listening.get((a, row.port), frozenset()) - {row.acceptor.role}
    )
