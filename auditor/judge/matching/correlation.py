"""Numbers that depend on other flows of the capture (bareos.md §1.4, §3.5).

5b is the connection of a Director to the Storage Daemon that soon after accepts an 8. On a host
that is File Daemon and Storage Daemon at once, 6 and 8 are told apart by what the Director holds
open at that moment: a 3 or 4 of the client for 6, a 5a to the reading daemon for 8.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from auditor.flows.flow import Flow
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Peer

_End = tuple[str, int]
"""Address and port of an acceptor."""

_FOREVER = 1 << 63

#: The data connection of its far end's daemon that each control connection allows.
_CONTROLS = {"3": "6", "4": "6", "5a": "8"}


class Spans:
    """When any of many flows was open, asked in logarithmic time."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        listed = sorted((flow.started, _end_of(flow)) for flow in flows)
        self._starts = [start for start, _ in listed]
        self._latest_ends = list(accumulate((end for _, end in listed), max))

    def open_at(self, time: int) -> bool:
        """Tell whether one of them had begun and not yet ended."""
        index = bisect_right(self._starts, time) - 1
        return index >= 0 and self._latest_ends[index] >= time

    def last_start(self, time: int) -> int | None:
        """Return the latest beginning that is not after ``time`` (ns)."""
        index = bisect_right(self._starts, time) - 1
        return self._starts[index] if index >= 0 else None


def resolve_6_or_8(flows: Sequence[Flow], matches: Sequence[Match]) -> list[Match]:
    """Return the matches, with a number for each flow between 6 and 8 that can be resolved."""
    if not any(map(_undecided, matches)):
        return list(matches)
    controls = _ControlConnections(flows, matches)
    return [
        controls.resolve(flow, match) if _undecided(match) else match
        for flow, match in zip(flows, matches, strict=True)
    ]


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
    waiting: dict[_End, list[int]] = defaultdict(list)
    found = list(matches)
    copies = {row.id: row for row in rows if row.connection == "5b"}
    # Sockets that were there before the recording all have its beginning for theirs.
    for index in sorted(
        range(len(flows)), key=lambda i: (flows[i].started, matches[i].connection == "8")
    ):
        flow, number = flows[index], matches[index].connection
        end = (flow.acceptor.address, flow.acceptor.port)
        if number == "5a":
            waiting[end].append(index)
        elif number == "8":
            open_now = [i for i in waiting[end] if _end_of(flows[i]) >= flow.started]
            taken = _closest(flows, open_now, reading.get(flow.initiator.address))
            waiting[end] = [i for i in open_now if i != taken]
            if taken is not None:
                found[taken] = _as_5b(found[taken], copies)
    return found


def _by_acceptor(flows: Iterable[Flow]) -> dict[str, Spans]:
    grouped: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        grouped[flow.acceptor.address].append(flow)
    return {address: Spans(group) for address, group in grouped.items()}


def _closest(flows: Sequence[Flow], controls: Sequence[int], reading: Spans | None) -> int | None:
    def gap(index: int) -> tuple[int, int]:
        started = flows[index].started
        before = reading.last_start(started) if reading is not None else None
        return (_FOREVER if before is None else started - before), -started

    return min(controls, key=gap, default=None)


class _ControlConnections:
    """The control connections of a capture, by the daemon at their other end."""

    def __init__(self, flows: Sequence[Flow], matches: Sequence[Match]) -> None:
        groups: dict[tuple[str, Peer], list[Flow]] = defaultdict(list)
        for flow, match in zip(flows, matches, strict=True):
            number = match.connection or ""
            peer = match.initiator if number == "4" else match.acceptor
            if number in _CONTROLS and peer is not None:
                groups[_CONTROLS[number], peer].append(flow)
        self._spans = {key: Spans(group) for key, group in groups.items()}
        self._known: dict[tuple[str, Peer], list[Spans]] = {}

    def resolve(self, flow: Flow, match: Match) -> Match:
        """Return the match with one number, if only one has its control connection beside it."""
        address = flow.initiator.address
        rows = [
            row
            for row in match.candidates
            if (address in row.initiator.addresses or not row.initiator.located)
            and self._controlled(row, flow.started)
        ]
        numbers = {row.connection for row in rows}
        if len(numbers) != 1:
            return match
        return replace(
            match,
            connection=rows[0].connection,
            confidence=Confidence.LIKELY,
            candidates=tuple(rows),
            initiator=rows[0].initiator,
            acceptor=rows[0].acceptor,
            initiator_known=True,
            reason="told by the control connections that were open beside it",
        )

    def _controlled(self, row: Expectation, time: int) -> bool:
        key = (row.connection, row.initiator)
        if key not in self._known:
            self._known[key] = [
                spans
                for (number, peer), spans in self._spans.items()
                if number == row.connection and peer.is_same(row.initiator)
            ]
        return any(spans.open_at(time) for spans in self._known[key])


def _undecided(match: Match) -> bool:
    return match.connection is None and {row.connection for row in match.candidates} == {"6", "8"}


def _end_of(flow: Flow) -> int:
    return _FOREVER if flow.ended is None else flow.ended


def _as_5b(match: Match, copies: dict[str, Expectation]) -> Match:
    """Return the match with its 5a rows replaced by the 5b rows of the same ends."""
    rows = [copies[row_id] for row in match.candidates if (row_id := f"5b{row.id[2:]}") in copies]
    return replace(match, connection="5b", candidates=tuple(rows))
