"""Attempts that failed because another address of the same acceptor worked instead.

Bareos tries every address of a name in turn, IPv6 first (bareos.md §1.0, §9.8): a failed SYN to an
AAAA record followed by a good one to an A record is a healthy network.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.flows.flow import Flow, Outcome
from auditor.judge.tables.judged import Judged

#: Linux gives a SYN up after about 127 s; so long (ns) after it, the next address was tried.
_NEXT_ADDRESS_NS = 180_000_000_000

_FAILED = frozenset({Outcome.REFUSED, Outcome.UNANSWERED})


def connected_via_other_address(judged: Sequence[Judged]) -> frozenset[str]:
    """Return the ids of failed attempts whose initiator then reached the same acceptor, on the
    same connection number, at another address."""
    reached: dict[tuple[object, ...], list[Flow]] = defaultdict(list)
    for one in judged:
        if one.flow.outcome is Outcome.ESTABLISHED:
            reached[_ends(one)].append(one.flow)
    return frozenset(
        one.id
        for one in judged
        if one.flow.outcome in _FAILED
        and one.match.acceptor is not None
        and any(_is_fallback(one.flow, other) for other in reached[_ends(one)])
    )


def _ends(one: Judged) -> tuple[object, ...]:
    return one.capture.name, one.match.connection, one.match.initiator, one.match.acceptor


def _is_fallback(failed: Flow, other: Flow) -> bool:
    return (
        other.acceptor.address != failed.acceptor.address
        and failed.started <= other.started <= failed.started + _NEXT_ADDRESS_NS
    )
