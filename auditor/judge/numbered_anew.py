"""Flows of one recording that are one connection, since a firewall on the way numbers it anew.

A tap that sees both sides of such a firewall (a mirror port, `any` on the firewall itself) has each
segment twice, with the same ends and other sequence numbers. No host has two connections with the
same ends at the same time (RFC 9293 §3.3.1), and those of two networks are not alike in all that is
compared here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.flows.flow import Flow, Side
from auditor.judge.tables.judged import Judged
from auditor.judge.taps_apart import SAME_NS, Pair, sides_of

#: A firewall takes less (ns) to let a segment pass.
_PASSING_NS = 1_000_000
#: So many bytes of what goes on when the capture ends may have passed one side only.
_ON_THE_WAY = 1 << 20


def numbered_anew(judged: Iterable[Judged]) -> Iterator[Pair]:
    """Yield pairs of flows of one recording: the first of a connection with each other of it."""
    latest: dict[tuple[str, str, int, str, int], Judged] = {}
    for one in judged:
        if one.flow.attempts > 1:
            continue
        here, there = sides_of(one.flow)
        key = (one.capture.name, here.address, here.port, there.address, there.port)
        before = latest.setdefault(key, one)
        if before is not one and _are_one(before.flow, one.flow):
            yield Pair(before, one, known=True)
        else:
            latest[key] = one


def _are_one(one: Flow, other: Flow) -> bool:
    """Tell whether both began together, with other numbers, and as much was said on each."""
    here, there = sides_of(one), sides_of(other)
    until = min(one.last + _PASSING_NS, one.started + SAME_NS)
    if one.outcome is not other.outcome or other.started > until:
        return False
    alike = list(zip(here, there, strict=True))
    if any(a.isn is not None and a.isn == b.isn for a, b in alike):
        return False
    if 0 not in {*one.drawn, *other.drawn} and one.drawn != other.drawn:
        return False
    said = [_octets(a) - _octets(b) for a, b in alike]
    under_way = one.ended is None is other.ended
    # Of silence nothing tells whose it is.
    told = here[0].isn is not None or one.both_spoke or bool(here[0].probes and there[0].probes)
    return told and all(
        octets == 0 or (under_way and abs(octets) <= _ON_THE_WAY) for octets in said
    )


def _octets(side: Side) -> int:
    """Return how much it said: of its stream where that begins, as far as it was seen if not."""
    return side.stream if side.stream is not None else side.payload_bytes
