"""Flows of one recording that are one connection, since a firewall on the way numbers it anew.

A tap that sees both sides of such a firewall (a mirror port, `any` on the firewall itself) has each
segment twice, with the same ends and other sequence numbers. No host has two connections with the
same ends at the same time (RFC 9293 §3.3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.flows.flow import Flow
from auditor.judge.tables.judged import Judged
from auditor.judge.taps_apart import SAME_NS, Pair, ends, sides_of

#: A firewall takes less (ns) to let a segment pass.
_PASSING_NS = 1_000_000
#: So many bytes of what goes on when the capture ends may have passed one side only.
_ON_THE_WAY = 1 << 20


def numbered_anew(judged: Iterable[Judged]) -> Iterator[Pair]:
    """Yield pairs of flows of one recording: the first of a connection with each other of it."""
    latest: dict[tuple[str, frozenset[tuple[str, int]]], Judged] = {}
    for one in judged:
        if one.flow.attempts > 1 or one.flow.initiator.isn is None:
            continue
        key = one.capture.name, ends(one.flow)
        before = latest.setdefault(key, one)
        if before is not one and _are_one(before.flow, one.flow):
            yield Pair(before, one, known=True)
        else:
            latest[key] = one


def _are_one(one: Flow, other: Flow) -> bool:
    """Tell whether both began together, with other numbers, and as much was said on each."""
    here, there = sides_of(one), sides_of(other)
    if here[0].address != there[0].address or here[0].port != there[0].port:
        return False
    numbers = [(a.isn, b.isn) for a, b in zip(here, there, strict=True) if a.isn is not None]
    until = min(one.last + _PASSING_NS, one.started + SAME_NS)
    if any(a == b for a, b in numbers) or other.started > until:
        return False
    under_way = one.ended is None is other.ended
    said = [(a.stream or 0) - (b.stream or 0) for a, b in zip(here, there, strict=True)]
    return one.outcome is other.outcome and all(
        octets == 0 or (under_way and abs(octets) <= _ON_THE_WAY) for octets in said
    )
