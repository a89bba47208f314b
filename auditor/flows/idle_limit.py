"""After how long the way between two hosts forgets a silent connection, as far as flows show.

A lost connection also tells of others: what was silent for as long, to the host that was not heard
any more, and never said anything again, is lost too, if it goes the same way. A tap that does not
see the sender's side knows of such a loss in no other way.

What survived a silence tells against such a limit. Of the lost connection itself that needs an
answer with the right numbers; another one anybody can invent, so that the limit is only disputed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Outcome
from auditor.flows.hops import hops
from auditor.flows.how_ended import Ending, HowEnded
from auditor.flows.loss import SHORTEST_LIMIT, seconds

_Pair = frozenset[str]
_Path = frozenset[tuple[str, int]]
_Loss = tuple[Flow, HowEnded]
_Way = _Pair | str
"""Between two hosts, or to one that lies behind routers."""


def with_limits(flows: Sequence[Flow], found: Sequence[HowEnded], end: int) -> list[HowEnded]:
    """Return how each flow ended, with what the flows between the same hosts say of the way.

    ``found`` is how each ended by itself, ``end`` the time (ns) at which the capture ended.
    """
    survived: dict[_Path, int] = {}
    for flow in flows:
        if flow.survived:
            path = _path(flow)
            survived[path] = max(survived.get(path, 0), flow.survived)
    by_itself = [_explained(flow, how, survived) for flow, how in zip(flows, found, strict=True)]
    lost = _soonest((flow, how) for flow, how in zip(flows, by_itself, strict=True) if how.idle)
    all_ways = [
        _dragged_along(flow, how, lost, survived.get(_path(flow), 0), end) if lost else how
        for flow, how in zip(flows, by_itself, strict=True)
    ]
    limits: dict[_Pair, int] = {}
    for flow, how in zip(flows, all_ways, strict=True):
        if how.idle:
            pair = _pair(flow)
            limits[pair] = min(limits.get(pair, how.silence), how.silence)
    return [
        replace(how, survived=survived.get(_path(flow), 0), limit=limits[_pair(flow)])
        if how.idle
        else how
        for flow, how in zip(flows, all_ways, strict=True)
    ]


def _pair(flow: Flow) -> _Pair:
    return frozenset((flow.initiator.address, flow.acceptor.address))


def _path(flow: Flow) -> _Path:
    """Return what two connections have in common that go the same way, as far as a tap sees."""
    return frozenset((side.address, hops(side.ttl)) for side in (flow.initiator, flow.acceptor))


def _explained(flow: Flow, how: HowEnded, survived: Mapping[_Path, int]) -> HowEnded:
    """Tell whether an idle limit explains a loss: none there survived as long a silence. Whether
    only others did, or somebody else wrote into this one, tells whether that is disputed."""
    if how.ending is not Ending.LOST or how.silence < SHORTEST_LIMIT:
        return how
    if survived.get(_path(flow), 0) < how.silence:
        return replace(how, idle=True)
    return replace(how, disputed=flow.survived < how.silence or flow.tampering_count > 0)


def _dragged_along(
    flow: Flow,
    how: HowEnded,
    lost: Mapping[_Way, _Loss],
    survived: int,
    end: int,
) -> HowEnded:
    """Return the loss of an open flow that others show: silent to the end, for as long as they."""
    silence = end - flow.last
    if how != HowEnded(Ending.OPEN) or flow.outcome is not Outcome.ESTABLISHED:
        return how
    other, loss = min(_witnesses(flow, lost), key=_silence, default=(flow, how))
    if loss is how or not survived < loss.silence <= silence:
        return how
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


def _soonest(lost: Iterable[_Loss]) -> Mapping[_Way, _Loss]:
    """Return, by what they are lost on, the losses after the shortest silence."""
    found: dict[_Way, _Loss] = {}
    for flow, how in sorted(lost, key=_silence):
        found.setdefault(_pair(flow), (flow, how))
        if _is_behind_routers(flow, how.unheard):
            found.setdefault(how.unheard, (flow, how))
    return found


def _witnesses(flow: Flow, lost: Mapping[_Way, _Loss]) -> Iterator[_Loss]:
    """Yield what was lost on a way that is surely this flow's too.

    It is between the same two hosts, or, from this tap, where routers stand before the host that
    was heard no more and none before its peers: what forgot the one connection is on the only way
    that the other has.
    """
    ends = (flow.initiator.address, flow.acceptor.address)
    behind = [one for one in ends if _is_behind_routers(flow, one)]
    ways: list[_Way] = [_pair(flow), *behind]
    for way in ways:
        if way in lost:
            yield lost[way]


def _is_behind_routers(flow: Flow, address: str) -> bool:
    """Tell whether routers stand between the tap and an end, and none before its peer."""
    sides = (flow.initiator, flow.acceptor)
    far, near = sides if flow.initiator.address == address else sides[::-1]
    return bool(far.ttl and hops(far.ttl)) and hops(near.ttl) == 0


def _silence(loss: _Loss) -> int:
    return loss[1].silence
