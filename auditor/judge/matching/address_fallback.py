"""Attempts that failed because another address of the same acceptor worked instead.

Bareos tries every address of a name in turn, IPv6 first (bareos.md §1.0, §9.8): a failed SYN to an
AAAA record followed by a good one to an A record is a healthy network.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from auditor.flows.flow import Flow, Outcome
from auditor.judge.tables.judged import Judged

#: Linux gives a SYN up after about 127 s; so long (ns) after it, the next address was tried.
_NEXT_ADDRESS_NS = 180_000_000_000

#: Both ends have spoken by then (ns): who dials says hello at once (bareos.md §3.1).
_SPEAKS_WITHIN = 3_000_000_000

_FAILED = frozenset({Outcome.REFUSED, Outcome.UNANSWERED})


def connected_via_other_address(judged: Sequence[Judged]) -> frozenset[str]:
    """Return the ids of failed attempts whose initiator then reached the same acceptor, on the
    same connection number, at another address."""
    reached: dict[tuple[object, ...], list[tuple[int, str]]] = defaultdict(list)
    for one in judged:
        if one.match.acceptor is not None and _works(one):
            reached[_ends(one)].append((one.flow.started, one.flow.acceptor.address))
    ways = {ends: _Reached(some) for ends, some in reached.items()}
    return frozenset(
        one.id
        for one in judged
        if one.flow.outcome in _FAILED
        and one.match.acceptor is not None
        and (way := ways.get(_ends(one))) is not None
        and way.soon_elsewhere(one.flow)
    )


def _works(one: Judged) -> bool:
    """Tell whether a connection was made and used: three packets in both names make one that is
    silent. Both ends speak at once, unless the capture ended before."""
    flow = one.flow
    if flow.outcome is not Outcome.ESTABLISHED:
        return False
    cut = one.capture.ended is not None and one.capture.ended - flow.started < _SPEAKS_WITHIN
    return flow.both_spoke or flow.one_sided or cut


def _ends(one: Judged) -> tuple[object, ...]:
    # Two strangers are not one initiator.
    initiator = one.match.initiator or one.flow.initiator.address
    return one.network, one.match.connection, initiator, one.match.acceptor


class _Reached:
    """When an acceptor was reached (ns), and at which address, asked in logarithmic time."""

    def __init__(self, reached: Iterable[tuple[int, str]]) -> None:
        self._reached = sorted(reached)
        self._elsewhere = [len(self._reached)] * len(self._reached)
        """Index of the next one at another address."""
        for index in range(len(self._reached) - 2, -1, -1):
            same = self._reached[index][1] == self._reached[index + 1][1]
            self._elsewhere[index] = self._elsewhere[index + 1] if same else index + 1

    def soon_elsewhere(self, failed: Flow) -> bool:
        """Tell whether another address was reached soon after this one was not."""
        index = bisect_left(self._reached, (failed.started, ""))
        if index < len(self._reached) and self._reached[index][1] == failed.acceptor.address:
            index = self._elsewhere[index]
        latest = failed.started + _NEXT_ADDRESS_NS
        return index < len(self._reached) and self._reached[index][0] <= latest
