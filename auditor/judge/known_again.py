"""Flows under different addresses that are one connection, as taps on both sides of a NAT see it.

Addresses, ports and TTL may all be others there. What is the same, and no chance, is what both ends
drew at random in their hellos (``flows.hello_drawn``), and, unless segments are numbered anew,
their sequence numbers, 64 bits that hosts draw at random too (RFC 6528): those with which they
began, or those which they have reached. Whoever sees them can copy them, so this can accuse and
never acquit: of several that have the same each is told of, and more than a few are of somebody who
plays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from auditor.flows.flow import Flow
from auditor.judge.tables.judged import Judged
from auditor.judge.taps_apart import Pair, ends, sides_of

#: A connection is seen by some taps, under some addresses; what is seen more often was copied.
_MOST = 8

#: Of this kind are the numbers that hellos hold.
DRAWN = "drawn"
#: What a connection is known by: of what kind the numbers are, the initiator's, the acceptor's.
Key = tuple[str, int, int]


class KnownAgain(NamedTuple):
    """The flows that are known again."""

    pairs: tuple[Pair, ...]
    """Each pair once, in the order of the flows."""
    copied: Mapping[str, int]
    """By the name of a recording, how many of its flows were left out, since more than a few have
    the same numbers."""


def known_again(judged: Iterable[Judged], *, several: bool = True) -> KnownAgain:
    """Return which flows are one connection by their numbers, whatever their ends are; ``several``:
    they are of more than one recording."""
    groups: dict[Key, list[Judged]] = defaultdict(list)
    for one in judged:
        for key in _keys(one.flow, several=several):
            groups[key].append(one)
    pairs: dict[tuple[str, str], Pair] = {}
    copied: dict[str, str] = {}
    related: set[str] = set()
    for key, some in groups.items():
        if len(some) > _MOST:
            copied |= {one.id: one.capture.name for one in some}
            continue
        for pair in _pairs(some, drawn=key[0] == DRAWN):
            pairs.setdefault(pair.ids, pair)
            related.update(pair.ids)
    unsaid = Counter(name for one, name in copied.items() if one not in related)
    return KnownAgain(tuple(pairs.values()), unsaid)


def _pairs(some: Sequence[Judged], *, drawn: bool) -> Iterator[Pair]:
    """Yield pairs of flows with the same numbers; those with the same ends go with the first."""
    first: dict[frozenset[tuple[str, int]], str] = {}
    for one in some:
        first.setdefault(ends(one.flow), one.id)
    for one, other in combinations(some, 2):
        translated = ends(one.flow) != ends(other.flow)
        here = one.capture.name == other.capture.name
        if here:  # what has the same ends is told by ``numbered_anew``
            wanted = translated and drawn and other.flow.started <= one.flow.last
        else:
            wanted = translated or first[ends(one.flow)] == one.id
        if wanted and _may_be_one(one.flow, other.flow):
            yield Pair(one, other, known=True, translated=translated)


def _keys(flow: Flow, *, several: bool) -> Iterator[Key]:
    if flow.attempts > 1:
        return
    (initiator, acceptor), (offered, answered) = sides_of(flow), flow.drawn
    if answered and (offered or flow.hello.line):  # in clear the acceptor alone draws something
        yield DRAWN, offered, answered
    if not several:
        return
    if initiator.isn is not None and acceptor.isn is not None:
        yield "began", initiator.isn, acceptor.isn
    if initiator.reached is not None and acceptor.reached is not None:
        yield "reached", initiator.reached, acceptor.reached


def _may_be_one(one: Flow, other: Flow) -> bool:
    """Tell whether what was said on one may be what was said on the other: the same Hello in clear,
    and as many bytes, where both taps saw the end."""
    lines = {one.hello.line, other.hello.line} - {""}
    return len(lines) < 2 and all(
        not (here.fin_heard and there.fin_heard)
        or None in {here.stream, there.stream}
        or here.stream == there.stream
        for here, there in zip(sides_of(one), sides_of(other), strict=True)
    )
