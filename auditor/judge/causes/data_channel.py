"""Jobs that ended without their data channel (bareos.md §4.1, §7).

A job that moves data opens 5a, then 3 or takes a waiting 4, then has 6 or 7 opened; at its end the
Director closes both control connections together. Where nobody opened the channel, the Storage
Daemon never asked the Director for a volume, so its control connection carried little more than the
login. Status and other commands keep no two control connections; a local copy and a VirtualFull
open no 3, and a Verify without volumes no 5a.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from auditor.flows.flow import Flow, Outcome, Side, Transport
from auditor.judge.causes.cause import Cause, CauseKind, short
from auditor.judge.causes.handed_address import fault_of_address
from auditor.judge.matching.ttl import has_initial_ttl
from auditor.judge.tables.judged import Judged
from auditor.site.model import Expectation, Peer, Site

_DATA = frozenset({"6", "7"})
_CONTROL = frozenset({"3", "4", "5a"})
_Ends = tuple[str, Peer | None, Peer | None]
"""A number, who dials and who accepts."""

#: The Director closes both control connections of a job within this (ns); 10 ms were measured
#: (measured.md 3).
_TOGETHER_NS = 2_000_000_000

#: Where a Director closes more within this time, nothing tells which of them belong together.
_MOST_TOGETHER = 64

#: A control connection to a Storage Daemon on which no volume was asked for carries less, each way.
#: With TLS at most 1296 bytes without, at least 2542 of a job that moved data; in clear some 900
#: less of both (measured.md 3).
_NO_VOLUME_OCTETS = {Transport.TLS: 1800, Transport.CLEARTEXT: 900}


class JobChannel(NamedTuple):
    """What is seen of the data channel of the job that a 3 or 4 belongs to."""

    seen: bool
    """One was opened, or at least tried."""
    number: str = ""
    """What is missing: ``6`` or ``7``, or both where it is not known which side dials."""
    cause: Cause | None = None
    sure: bool = False
    """The address speaks for it, or this tap would have seen it; False: it may be elsewhere."""


def job_channels(judged: Sequence[Judged], site: Site | None) -> Mapping[str, JobChannel]:
    """Return, by the id of a 3 or 4, what is seen of its job's data channel, where that can be
    told at all."""
    if site is None:
        return {}
    data, storages, talks = _DataFlows(judged), _Storages(judged), _Talks(judged)
    rows = _between(site)
    found: dict[str, JobChannel] = {}
    for client in judged:
        if client.match.connection not in {"3", "4"} or not _served(client.flow):
            continue
        if data.began(client, _client_side(client).address, client.flow.started):
            found[client.id] = JobChannel(seen=True)
            continue
        storage = storages.of_same_job(client)
        if storage is None:
            continue
        began = min(storage.flow.started, client.flow.started)
        if not data.began(client, storage.flow.acceptor.address, began):
            called_for = _called_for(client, storage, rows)
            found[client.id] = _missing(client, storage, talks, called_for)
    return found


def _served(flow: Flow) -> bool:
    let_in = flow.outcome in {Outcome.ESTABLISHED, Outcome.MIDSTREAM} and flow.refusal is None
    return let_in and flow.ended is not None


class _DataFlows:
    """When a flow began that may be a data channel or an attempt at one, by network and address.

    An attempt that failed is found by itself; what was made has both ends speak, as far as this tap
    sees both: a packet in somebody's name opens nothing."""

    def __init__(self, judged: Iterable[Judged]) -> None:
        self._starts: dict[tuple[object, str], list[int]] = defaultdict(list)
        known = tuple(judged)
        lopsided = any(one.flow.one_sided for one in known if one.match.connection in _CONTROL)
        for one in known:
            rows, number = one.match.candidates, one.match.connection
            tried = one.flow.outcome in {Outcome.UNANSWERED, Outcome.REFUSED}
            if not (tried or one.flow.both_spoke or (lopsided and one.flow.one_sided)):
                continue
            if {number} & _DATA or (number is None and any(r.connection in _DATA for r in rows)):
                for side in (one.flow.initiator, one.flow.acceptor):
                    self._starts[one.network, side.address].append(one.flow.started)
        for starts in self._starts.values():
            starts.sort()

    def began(self, client: Judged, address: str, since: int) -> bool:
        """Tell whether one at ``address`` began from ``since`` (ns) on until the job ended."""
        starts = self._starts.get((client.network, address), [])
        index = bisect_left(starts, since)
        return index < len(starts) and starts[index] <= _ended(client) + _TOGETHER_NS


class _Storages:
    """The 5a on which no volume was asked for, by network and Director, in the order of their
    ends."""

    def __init__(self, judged: Iterable[Judged]) -> None:
        self._flows: dict[tuple[object, Peer | None], list[Judged]] = defaultdict(list)
        for one in judged:
            if one.match.connection == "5a" and _without_volume(one.flow):
                self._flows[one.network, one.match.initiator].append(one)
        for flows in self._flows.values():
            flows.sort(key=_ended)

    def of_same_job(self, client: Judged) -> Judged | None:
        """Return the 5a that the same Director opened before the 3 (a 4 may be older), had open
        with it, and closed together with it."""
        flows = self._flows.get((client.network, _director(client)), [])
        ended = _ended(client)
        first = bisect_left(flows, ended - _TOGETHER_NS, key=_ended)
        last = bisect_right(flows, ended + _TOGETHER_NS, key=_ended)
        if last - first > _MOST_TOGETHER:
            return None
        fitting = [
            one
            for one in flows[first:last]
            if one.flow.started < ended
            and client.flow.started < _ended(one)
            and (client.match.connection == "4" or one.flow.started <= client.flow.started)
        ]
        return min(fitting, key=lambda one: abs(_ended(one) - ended), default=None)


class _Talks:
    """Who spoke with whom, by network and address."""

    def __init__(self, judged: Iterable[Judged]) -> None:
        self._partners: dict[tuple[object, str], set[str]] = defaultdict(set)
        for one in judged:
            ends = one.flow.initiator.address, one.flow.acceptor.address
            for side, other in (ends, ends[::-1]):
                self._partners[one.network, side].add(other)

    def partners(self, client: Judged, address: str) -> AbstractSet[str]:
        """Return the addresses with which one spoke in the network of ``client``."""
        return self._partners.get((client.network, address), frozenset())


def _without_volume(flow: Flow) -> bool:
    """Tell whether no volume was asked for on a 5a that was seen from its beginning to its end."""
    if flow.outcome is not Outcome.ESTABLISHED or not _served(flow):
        return False
    sizes = [side.stream for side in (flow.initiator, flow.acceptor)]
    most = _NO_VOLUME_OCTETS.get(flow.hello.transport, 0)
    return all(size is not None and 0 < size < most for size in sizes)


def _ended(one: Judged) -> int:
    return one.flow.ended or 0


def _director(one: Judged) -> Peer | None:
    return one.match.acceptor if one.match.connection == "4" else one.match.initiator


def _client_side(one: Judged) -> Side:
    return one.flow.initiator if one.match.connection == "4" else one.flow.acceptor


def _missing(
    client: Judged, storage: Judged, talks: _Talks, rows: Sequence[Expectation]
) -> JobChannel:
    number = " or ".join(sorted({row.connection for row in rows})) or "6 or 7"
    faults = [(row, _fault(row)) for row in rows]
    faulty = next(((row, fault) for row, fault in faults if fault), None)
    sure = faulty is not None or _would_be_seen(client, storage, talks)
    row, fault = faulty or (rows[0] if len(rows) == 1 else None, "")
    return JobChannel(False, number, _cause(row, fault), sure)


def _between(site: Site) -> Mapping[_Ends, Sequence[Expectation]]:
    """Return the rows of 6 and 7 that the configuration does not forbid, by their ends."""
    found: dict[_Ends, list[Expectation]] = defaultdict(list)
    for row in site.expectations:
        if row.connection in _DATA and row.passive.value is not (row.connection == "6"):
            found[row.connection, row.initiator, row.acceptor].append(row)
    return found


def _called_for(
    client: Judged, storage: Judged, rows: Mapping[_Ends, Sequence[Expectation]]
) -> Sequence[Expectation]:
    """Return the rows of 6 and 7 between the two daemons that the configuration does not forbid."""
    fd = client.match.initiator if client.match.connection == "4" else client.match.acceptor
    sd, labels = storage.match.acceptor, {row.label for row in storage.match.candidates}
    both = (*rows.get(("6", fd, sd), ()), *rows.get(("7", sd, fd), ()))
    return [row for row in both if row.label in labels]


def _fault(row: Expectation) -> str:
    return fault_of_address(row.address, row.addresses, row.initiator, row.acceptor)


def _would_be_seen(client: Judged, storage: Judged, talks: _Talks) -> bool:
    """Tell whether this tap sees what the two say to each other: it saw it another time, or both
    are on its own network and one of them spoke with somebody else than the Director."""
    here, there = _client_side(client).address, storage.flow.acceptor.address
    director = {storage.flow.initiator.address}
    if storage.match.initiator is not None:  # it may speak over both families
        director |= storage.match.initiator.addresses
    partners = {side: talks.partners(client, side) for side in (here, there)}
    if there in partners[here] and here != there:
        return True
    others = any(side not in director and others - director for side, others in partners.items())
    return (
        others and has_initial_ttl(_client_side(client)) and has_initial_ttl(storage.flow.acceptor)
    )


def _cause(row: Expectation | None, fault: str) -> Cause:
    if row is None or not row.address:
        return Cause(CauseKind.TARGET, "and which address was handed out is not known")
    source = row.target.source
    place = f" ({short(source)})" if source is not None else ""
    told = f"{row.initiator} is told to dial {row.address!r}{place}"
    sources = (source,) if source is not None else ()
    if not fault:
        remedy = (
            f"See that {row.initiator} resolves and reaches {row.address!r}; its log says more."
        )
        return Cause(CauseKind.TARGET, f"for which {told}", sources, remedy)
    where = f" at {source}" if source is not None else ""
    side = "Storage" if row.connection == "6" else "Client"
    return Cause(
        CauseKind.TARGET,
        f"because {told}, {fault}",
        sources,
        f"Write an Address that {row.initiator} can resolve and reach into the Director's {side}"
        f"{where}.",
    )
