"""What the recorder of a thinned capture says that it did not see (``packets.unseen_note``)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Side
from auditor.packets.unseen_note import UnseenNote

_End = tuple[str, int]


def with_unseen(flows: Iterable[Flow], notes: Sequence[UnseenNote]) -> tuple[Flow, ...]:
    """Return flows with the bytes missing that notes say were never captured.

    A note is about the flow of its ends that began last before its time: when that was heard of
    last hangs on what of its segments is believed.
    """
    flows = tuple(flows)
    return tuple(_with(flow, some) for flow, some in zip(flows, about(flows, notes), strict=True))


def about(flows: Sequence[Flow], notes: Sequence[UnseenNote]) -> list[Sequence[UnseenNote]]:
    """Return which notes are about each of the flows."""
    if not notes:
        return [()] * len(flows)
    starts: dict[frozenset[_End], list[int]] = {}
    for flow in flows:
        starts.setdefault(_ends(flow), []).append(flow.started)
    found: dict[tuple[frozenset[_End], int], list[UnseenNote]] = {}
    for note in notes:
        ends = frozenset(end for end, _ in note.octets)
        started = max((one for one in starts.get(ends, ()) if one <= note.time), default=None)
        if started is not None:
            found.setdefault((ends, started), []).append(note)
    return [found.get((_ends(flow), flow.started), ()) for flow in flows]


def _end(side: Side) -> _End:
    return (side.address, side.port)


def _ends(flow: Flow) -> frozenset[_End]:
    return frozenset((_end(flow.initiator), _end(flow.acceptor)))


def _with(flow: Flow, notes: Iterable[UnseenNote]) -> Flow:
    for note in notes:
        octets = dict(note.octets)
        flow = replace(
            flow,
            initiator=_lacking(flow.initiator, octets),
            acceptor=_lacking(flow.acceptor, octets),
        )
    return flow


def _lacking(side: Side, octets: dict[_End, int]) -> Side:
    return replace(side, missing=max(side.missing, octets[_end(side)]))
