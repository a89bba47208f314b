"""5a or 5b: which of the connections to Storage Daemons is that of a copy (bareos.md §1.4).

Both look alike on the wire. A 5b is the one to the daemon that soon after accepts an 8, so a tap
that cannot see the 8 cannot tell them apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from auditor.flows.flow import Flow, Outcome
from auditor.judge.matching.correlation import Spans, end_of
from auditor.judge.matching.match import Match
from auditor.judge.matching.open_controls import LatestEnds, Waiting
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Site

_End = tuple[str, int]
"""Address and port of an acceptor."""


def mark_5b(
    flows: Sequence[Flow], matches: Sequence[Match], rows: Sequence[Expectation]
) -> list[Match]:
    """Return the matches with each 5a that accompanies an 8 turned into a 5b.

    A copy opens a 5a to the reading daemon, at once a 5b to the writing one, then the 8. So for
    every 8, in order of time, it is the open control connection to the same acceptor that
    followed a control connection to the initiator of the 8 most closely, or, where none of those
    is known, the youngest; and it is not yet taken by another 8.
    """
    numbered = zip(flows, matches, strict=True)
    reading = _by_acceptor(flow for flow, match in numbered if match.connection == "5a")
    waiting: dict[_End, Waiting] = defaultdict(partial(Waiting, flows))
    found = list(matches)
    copies = {row.id: row for row in rows if row.connection == "5b"}
    # Sockets that were there before the recording all have its beginning for theirs.
    for index in sorted(
        range(len(flows)), key=lambda i: (flows[i].started, matches[i].connection == "8")
    ):
        flow, number = flows[index], matches[index].connection
        end = (flow.acceptor.address, flow.acceptor.port)
        if number == "5a":
            waiting[end].add(index)
        elif number == "8" and end in waiting:
            taken, alone = waiting[end].take(flow.started, reading.get(flow.initiator.address))
            if taken is None:
                continue
            found[taken] = _as_5b(found[taken], copies)
            if not alone and flows[taken].outcome is Outcome.MIDSTREAM:
                found[taken] = replace(found[taken], confidence=Confidence.GUESS, reason=_OLDER)
    return found


def _by_acceptor(flows: Iterable[Flow]) -> dict[str, Spans]:
    grouped: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        grouped[flow.acceptor.address].append(flow)
    return {address: Spans(group) for address, group in grouped.items()}


def _as_5b(match: Match, copies: dict[str, Expectation]) -> Match:
    """Return the match with its 5a rows replaced by the 5b rows of the same ends."""
    rows = [copies[row_id] for row in match.candidates if (row_id := f"5b{row.id[2:]}") in copies]
    return replace(match, connection="5b", candidates=tuple(rows))


def doubt_5a(flows: Sequence[Flow], matches: Sequence[Match], site: Site | None) -> list[Match]:
    """Return the matches with each 5a a guess that may be a 5b whose 8 this tap cannot see.

    A 5b begins while the Director holds another connection to the reading daemon open. What is
    older than the capture, or about as young as its end, may have its 8 outside of it, unless a
    client's data went to that daemon meanwhile.
    """
    found = list(matches)
    if site is not None and not _may_copy(site):
        return found
    tap = _Tap(flows, matches, site)
    latest_end: dict[str, LatestEnds] = defaultdict(LatestEnds)
    controls = [i for i, match in enumerate(matches) if match.connection in {"5a", "5b"}]
    older = _older(flows[i] for i in controls)
    for i in sorted(controls, key=lambda i: flows[i].started):
        flow = flows[i]
        ends, storage = latest_end[flow.initiator.address], flow.acceptor.address
        same, others = ends.beside(storage, flow.started)
        with_older = flow.outcome is Outcome.MIDSTREAM and older[flow.initiator.address] > 1
        ends.add(storage, end_of(flow))
        if matches[i].connection != "5a":
            continue
        if (same or others or with_older) and tap.may_lie_outside(flow):
            found[i] = replace(matches[i], confidence=Confidence.GUESS, reason=_OUTSIDE)
        elif (same or others) and tap.may_hide_8(flow, elsewhere=others):
            found[i] = replace(matches[i], confidence=Confidence.GUESS, reason=_HIDDEN)
    return found


def _older(controls: Iterable[Flow]) -> Counter[str]:
    """Return, by Director, how many control connections are older than the capture: any of them
    may have been open when any other began."""
    midstream = (flow for flow in controls if flow.outcome is Outcome.MIDSTREAM)
    return Counter(flow.initiator.address for flow in midstream)


class _Tap:
    """What a capture shows of the copies between Storage Daemons."""

    def __init__(self, flows: Sequence[Flow], matches: Sequence[Match], site: Site | None) -> None:
        self._seen = _seen_from(flows)
        self._selves = (
            _copied_to_itself(site) if site is not None and site.directors_known else None
        )
        self._undecided: dict[str, list[int]] = defaultdict(list)
        for flow, match in zip(flows, matches, strict=True):
            if match.connection is None and "8" in match.possible:
                self._undecided[flow.acceptor.address].append(flow.started)
        for starts in self._undecided.values():
            starts.sort()
        self._end = max((flow.last for flow in flows), default=0)
        data: dict[str, list[Flow]] = defaultdict(list)
        for flow, match in zip(flows, matches, strict=True):
            if match.connection in {"6", "7"}:
                data[flow.acceptor.address].append(flow)
                data[flow.initiator.address].append(flow)
        self._last_data = {at: max(map(end_of, among)) for at, among in data.items()}

    def may_lie_outside(self, flow: Flow) -> bool:
        """Tell whether the 8 that would make this 5a a 5b may be older or younger than the
        capture: it follows its 5b at once."""
        young = flow.ended is None and self._end - flow.started < _AT_ONCE
        if flow.outcome is not Outcome.MIDSTREAM and not young:
            return False
        return self._last_data.get(flow.acceptor.address, 0) < flow.started

    def may_hide_8(self, flow: Flow, *, elsewhere: bool) -> bool:
        """Tell whether an 8 for this 5a, if it is a 5b, would have been missed. ``elsewhere``: its
        Director had a connection to another Storage Daemon open when it began.

        An 8 comes from a third host, or from the acceptor itself where two Storages name that
        daemon: a tap that saw no flow of the kind sees no such 8. And a flow between 6 and 8 may
        be it.
        """
        director, storage = flow.initiator.address, flow.acceptor.address
        starts = self._undecided.get(storage, [])
        after = bisect_left(starts, flow.started)
        if after < len(starts) and starts[after] <= end_of(flow):
            return True
        if elsewhere:
            return not self._seen[storage] - {director, storage}
        copies_to_itself = self._selves is None or storage in self._selves
        return copies_to_itself and storage not in self._seen[storage]


#: Why a 5a is only a guess.
_HIDDEN = "5a or 5b: an 8 to this Storage Daemon would not have been seen here"
_OUTSIDE = "5a or 5b: the 8 that would tell may lie before or after the capture"
_OLDER = "5a or 5b: which of several began first lies before the capture"
#: An 8 follows its 5b within this (ns); 2 s were measured.
_AT_ONCE = 10_000_000_000


def _may_copy(site: Site) -> bool:
    """Tell whether any job may copy from one daemon to another: a Copy or Migrate job must be
    configured (bareos.md §4.1)."""
    return not site.directors_known or any(
        row.connection == "8" and row.jobs for row in site.expectations
    )


def _copied_to_itself(site: Site) -> frozenset[str]:
    """Return the addresses of the daemons that a copy may read from and write to."""
    return frozenset(
        address
        for row in site.expectations
        if row.connection == "8" and row.initiator.is_same(row.acceptor)
        for address in row.acceptor.addresses
    )


def _seen_from(flows: Iterable[Flow]) -> dict[str, set[str]]:
    """Return, by address, the addresses that were seen to speak with it."""
    found: dict[str, set[str]] = defaultdict(set)
    for flow in flows:
        found[flow.acceptor.address].add(flow.initiator.address)
        found[flow.initiator.address].add(flow.acceptor.address)
    return found
