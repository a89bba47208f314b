"""Attempts that failed because another address of the same acceptor worked instead.

Bareos tries every address of a name in turn, IPv6 first (bareos.md §1.0, §9.8): a failed SYN to an
AAAA record followed by a good one to an A record is a healthy network.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence

from auditor.flows.flow import Flow, Outcome
from auditor.judge.tables.judged import Judged

#: Linux gives a SYN up after about 127 s; so long (ns) after it, the next address was tried.
_NEXT_ADDRESS_NS = 180_000_000_000

_FAILED = frozenset({Outcome.REFUSED, Outcome.UNANSWERED})


def connected_via_other_address(judged: Sequence[Judged]) -> frozenset[str]:
    """Return the ids of failed attempts whose initiator then reached the same acceptor, on the
    same connection number, at another address."""
    reached: dict[tuple[object, ...], dict[str, list[int]]] = defaultdict(dict)
    for one in judged:
        if one.flow.outcome is Outcome.ESTABLISHED:
            starts = reached[_ends(one)].setdefault(one.flow.acceptor.address, [])
            starts.append(one.flow.started)
    for addresses in reached.values():
        for starts in addresses.values():
            starts.sort()
    return frozenset(
        one.id
        for one in judged
        if one.flow.outcome in _FAILED
        and one.match.acceptor is not None
        and _fell_back(one.flow, reached.get(_ends(one), {}))
    )


def _ends(one: Judged) -> tuple[object, ...]:
    return one.capture.name, one.match.connection, one.match.initiator, one.match.acceptor


def _fell_back(failed: Flow, reached: Mapping[str, Sequence[int]]) -> bool:
    """Tell whether another address was reached soon after; ``reached``: when each was (ns)."""
    latest = failed.started + _NEXT_ADDRESS_NS
    for address, starts in reached.items():
        index = bisect_left(starts, failed.started)
        soon = index < len(starts) and starts[index] <= latest
        if soon and address != failed.acceptor.address:
            return True
    return False
