"""Names that were left out when a capture was thinned: what a number of theirs may decide.

The name in a hello may make a connection another than its addresses do. So its number is none, and
its neighbours keep theirs only where that of the nameless one makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow
from auditor.judge.matching.match import Match
from auditor.judge.verdicts import Confidence

_OWN = "it may be {}: the name in its hello was left out when the capture was thinned"
_BESIDE = "it may be {}: a name beside it was left out when the capture was thinned"


def without_number(flow: Flow, match: Match) -> Match:
    """Return the match of a flow without the number that a name, which was left out, may change."""
    if not flow.name_left_out or match.connection is None:
        return match
    number = match.connection
    return replace(match, connection=None, possible=frozenset({number}), reason=_OWN.format(number))


def with_neighbours(
    flows: Sequence[Flow],
    matches: Sequence[Match],
    resolve: Callable[[Sequence[Match]], Sequence[Match]],
) -> list[Match]:
    """Return the matches as ``resolve`` tells them from each other, whatever was left out."""
    told = resolve(matches)
    if not any(flow.name_left_out for flow in flows):
        return list(told)
    nameless = list(map(without_number, flows, matches))
    return list(_agreed(flows, matches, told, resolve(nameless)))


def _agreed(
    flows: Sequence[Flow], before: Sequence[Match], one: Sequence[Match], other: Sequence[Match]
) -> Iterator[Match]:
    for flow, match, told, without in zip(flows, before, one, other, strict=True):
        if flow.name_left_out:
            yield without_number(flow, told)
        elif told.connection == without.connection:
            yield without if without.confidence is Confidence.GUESS else told
        elif told.connection is None:
            yield told
        else:
            numbers = {told.connection, without.connection} | match.possible
            known = sorted(number for number in numbers if number)
            yield replace(
                told,
                connection=None,
                candidates=match.candidates,
                initiator=match.initiator,
                acceptor=match.acceptor,
                possible=frozenset(known),
                reason=_BESIDE.format(" or ".join(known)),
            )
