"""6 or 8: told apart by other flows of the capture (bareos.md §3.5).

On a host that is File Daemon and Storage Daemon at once, and where the configuration does not tell
what a host is, 6 and 8 are told apart by what the Director holds open at that moment: a 3 or 4 of
the client for 6, a 5a to the reading daemon for 8.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from auditor.flows.flow import Flow
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence
from auditor.site.model import Expectation, Peer

#: The end (ns) of a flow that was open when the capture ended.
STILL_OPEN = 1 << 63

#: The data connection of its far end's daemon that each control connection allows.
_CONTROLS = {"3": "6", "4": "6", "5a": "8"}


#: Why a flow is a 6 or an 8.
_TOLD = "told by the control connections that were open beside it"


def by_time(flow: Flow) -> tuple[int, int]:
    """Return from when to when (ns UTC) a flow was open."""
    return flow.started, end_of(flow)


def by_frame(flow: Flow) -> tuple[int, int]:
    """Return from which to which frame of its capture a flow was open."""
    sides = flow.initiator.frames, flow.acceptor.frames
    last = STILL_OPEN if flow.ended is None else max(one.last for one in sides)
    return min((one.first for one in sides if one.first), default=STILL_OPEN), last


class Spans:
    """When any of many flows was open, asked in logarithmic time."""

    def __init__(
        self, flows: Iterable[Flow], span: Callable[[Flow], tuple[int, int]] = by_time
    ) -> None:
        """``span`` is what it is asked by."""
        listed = sorted(map(span, flows))
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


class _ControlConnections:
    """The control connections of a capture, by the daemon at their other end."""

    def __init__(self, flows: Sequence[Flow], matches: Sequence[Match]) -> None:
        groups: dict[tuple[str, Peer], list[Flow]] = defaultdict(list)
        hosts: dict[tuple[str, str], list[Flow]] = defaultdict(list)
        for flow, match in zip(flows, matches, strict=True):
            number = match.connection or ""
            peer = match.initiator if number == "4" else match.acceptor
            if number in _CONTROLS and peer is not None:
                groups[_CONTROLS[number], peer].append(flow)
            if number in _CONTROLS:
                end = flow.initiator if number == "4" else flow.acceptor
                hosts[_CONTROLS[number], end.address].append(flow)
        self._spans = {key: Spans(group) for key, group in groups.items()}
        self._hosts = {key: Spans(group) for key, group in hosts.items()}
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
            return self._by_host(flow, match)
        return match.told(rows, _TOLD)

    def _by_host(self, flow: Flow, match: Match) -> Match:
        """Return the number that the control connections of the initiator's host leave, whichever
        daemon of its kind that host runs."""
        numbers = [
            number
            for number in ("6", "8")
            if (number, flow.initiator.address) in self._hosts
            and self._hosts[number, flow.initiator.address].open_at(flow.started)
        ]
        if len(numbers) != 1:
            return match
        return replace(
            match,
            connection=numbers[0],
            confidence=Confidence.LIKELY,
            candidates=(),
            reason=_TOLD,
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
    return match.connection is None and match.possible == {"6", "8"}


def end_of(flow: Flow) -> int:
    """Return when a flow ended (ns), STILL_OPEN where it did not."""
    return STILL_OPEN if flow.ended is None else flow.ended
