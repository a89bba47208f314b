"""After how long the way between two hosts forgets a silent connection, as far as flows show.

A lost connection also tells of others: what was silent for as long, to the host that was not heard
any more, and never said anything again, is lost too, if it goes the same way. A tap that does not
see the sender's side knows of such a loss in no other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Outcome, Side
from auditor.flows.how_ended import Ending, HowEnded
from auditor.flows.loss import SHORTEST_LIMIT, hops, seconds

_Pair = frozenset[str]


def with_limits(flows: Sequence[Flow], found: Sequence[HowEnded], end: int) -> list[HowEnded]:
    """Return how each flow ended, with what the flows between the same hosts say of the way.

    ``found`` is how each ended by itself, ``end`` the time (ns) at which the capture ended.
    """
    survived: dict[_Pair, int] = {}
    for flow in flows:
        pair = _pair(flow)
        survived[pair] = max(survived.get(pair, 0), flow.survived)
    by_itself = [_explained(how, survived[_pair(f)]) for f, how in zip(flows, found, strict=True)]
    lost = [(flow, how) for flow, how in zip(flows, by_itself, strict=True) if how.idle]
    all_ways = [
        _dragged_along(flow, how, lost, survived[_pair(flow)], end) if lost else how
        for flow, how in zip(flows, by_itself, strict=True)
    ]
    limits: dict[_Pair, int] = {}
    for flow, how in zip(flows, all_ways, strict=True):
        if how.idle:
            pair = _pair(flow)
            limits[pair] = min(limits.get(pair, how.silence), how.silence)
    return [
        replace(how, survived=survived[_pair(flow)], limit=limits[_pair(flow)]) if how.idle else how
        for flow, how in zip(flows, all_ways, strict=True)
    ]


def _pair(flow: Flow) -> _Pair:
    return frozenset((flow.initiator.address, flow.acceptor.address))


def _explained(how: HowEnded, survived: int) -> HowEnded:
    """Tell whether an idle limit explains a loss: none there survived as long a silence."""
    long = how.ending is Ending.LOST and how.silence >= SHORTEST_LIMIT
    return replace(how, idle=True) if long and survived < how.silence else how


def _dragged_along(
    flow: Flow,
    how: HowEnded,
    lost: Sequence[tuple[Flow, HowEnded]],
    survived: int,
    end: int,
) -> HowEnded:
    """Return the loss of an open flow that others show: silent to the end, for as long as they."""
    silence = end - flow.last
    if how != HowEnded(Ending.OPEN) or flow.outcome is not Outcome.ESTABLISHED:
        return how
    witnesses = sorted(_witnesses(flow, lost, silence), key=lambda one: one[1].silence)
    if not witnesses or survived >= witnesses[0][1].silence:
        return how
    other, loss = witnesses[0]
    said = (
        f"neither side sent anything in the last {seconds(silence)}, and port "
        f"{other.initiator.port} of {other.initiator.address} to {other.acceptor.address} port "
        f"{other.acceptor.port} was lost after {seconds(loss.silence)} of silence"
    )
    if not loss.certain:
        said += f"; {loss.unheard} may have died instead"
    return HowEnded(
        Ending.LOST, None, said, certain=False, silence=silence, unheard=loss.unheard, idle=True
    )


def _witnesses(
    flow: Flow, lost: Sequence[tuple[Flow, HowEnded]], silence: int
) -> Iterator[tuple[Flow, HowEnded]]:
    for other, how in lost:
        if how.silence <= silence and _goes_the_same_way(flow, other, how.unheard):
            yield other, how


def _goes_the_same_way(flow: Flow, other: Flow, unheard: str) -> bool:
    """Tell whether what was lost between ``unheard`` and its peer is surely on this flow's way too.

    It is between the same two hosts, or, from this tap, where routers stand before ``unheard`` and
    none before the peers: what forgot the one connection is on the only way that the other has.
    """
    if _pair(flow) == _pair(other):
        return True
    if unheard not in _pair(flow):
        return False
    ends = [_ends(one, unheard) for one in (flow, other)]
    return all(far.ttl and hops(far.ttl) and hops(near.ttl) == 0 for far, near in ends)


def _ends(flow: Flow, address: str) -> tuple[Side, Side]:
    """Return the side at an address, and its peer."""
    sides = (flow.initiator, flow.acceptor)
    return sides if flow.initiator.address == address else sides[::-1]
