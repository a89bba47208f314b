"""Data channels that outlive their job: the Director gives it up, and the channel never ends.

A storage daemon that waits on a forgotten data channel sends nothing, so that a tap there sees no
repetition at all: only silence, and a Director that closes its control connection without having
heard of the job's end (bareos.md §4.1: 5a lasts for the whole job, and ends after 6, 7 or 8).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from auditor.flows.flow import Flow, Outcome
from auditor.flows.how_ended import Ender, Ending, HowEnded
from auditor.flows.loss import SHORTEST_LIMIT, seconds

_JOB, _DIRECTOR = "R_JOB", "R_DIRECTOR"


def with_abandoned(flows: Sequence[Flow], found: Sequence[HowEnded], end: int) -> list[HowEnded]:
    """Return how each flow ended, with the data channels of jobs that were given up.

    ``found`` is how each ended by itself, ``end`` the time (ns) at which the capture ended.
    """
    given_up: dict[str, list[Flow]] = defaultdict(list)
    for flow, how in zip(flows, found, strict=True):
        if _is_given_up(flow, how):
            given_up[flow.acceptor.address].append(flow)
    if not given_up:
        return list(found)
    by_daemon = {daemon: _Controls(some) for daemon, some in given_up.items()}
    return [_abandoned(flow, how, by_daemon, end) for flow, how in zip(flows, found, strict=True)]


class _Controls:
    """Control connections to one daemon that were given up, in the order of their beginnings."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._flows = sorted(flows, key=lambda flow: flow.started)
        self._starts = [flow.started for flow in self._flows]
        said = (flow.acceptor.said or 0 for flow in self._flows)
        self._said = [-earliest for earliest in accumulate(said, min)]

    def first(self, before: int, said: int) -> Flow | None:
        """Return the first that began before a time (ns), and on which the daemon said nothing
        later than ``said`` (ns)."""
        index = bisect_left(self._said, -said)
        return self._flows[index] if index < bisect_left(self._starts, before) else None


def _type(flow: Flow) -> str:
    return flow.hello.identity.type if flow.hello.identity is not None else ""


def _is_given_up(flow: Flow, how: HowEnded) -> bool:
    """A Director closed its side and the daemon did not; it had said nothing for a while."""
    initiator, acceptor = flow.initiator, flow.acceptor
    if _type(flow) != _DIRECTOR or how.ending is not Ending.OPEN or how.by is not Ender.INITIATOR:
        return False
    if initiator.fin is None or acceptor.said is None:
        return False
    return initiator.fin - acceptor.said >= SHORTEST_LIMIT


def _abandoned(flow: Flow, how: HowEnded, given_up: Mapping[str, _Controls], end: int) -> HowEnded:
    silence = end - flow.last
    if how != HowEnded(Ending.OPEN) or flow.outcome is not Outcome.ESTABLISHED:
        return how
    if _type(flow) != _JOB or silence < SHORTEST_LIMIT:
        return how
    for side, peer in ((flow.acceptor, flow.initiator), (flow.initiator, flow.acceptor)):
        controls = given_up.get(side.address)
        # What the daemon said after the channel fell silent may have been the end of the job.
        last = flow.last + SHORTEST_LIMIT
        control = controls.first(flow.started, last) if controls is not None else None
        if control is not None:
            return _lost(how, control, peer.address, silence)
    return how


def _lost(how: HowEnded, control: Flow, unheard: str, silence: int) -> HowEnded:
    fin, said = control.initiator.fin, control.acceptor.said
    assert fin is not None
    assert said is not None
    evidence = (
        f"neither side sent anything in the last {seconds(silence)}, and "
        f"{control.initiator.address} gave the job up: it closed port {control.initiator.port} to "
        f"{control.acceptor.address}, which had said nothing there for {seconds(fin - said)} and "
        f"still waits; {unheard} may have died instead"
    )
    return replace(
        how,
        ending=Ending.LOST,
        evidence=evidence,
        certain=False,
        silence=silence,
        unheard=unheard,
    )
