"""Data channels that outlive their job: the Director gives it up, and the channel never ends.

A storage daemon that waits on a forgotten data channel sends nothing, so that a tap there sees no
repetition at all: only silence, and a Director that closes its control connection without having
heard of the job's end (bareos.md §4.1: 5a lasts for the whole job, and ends after 6, 7 or 8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Outcome
from auditor.flows.how_ended import Ender, Ending, HowEnded
from auditor.flows.loss import SHORTEST_LIMIT, seconds

_JOB, _DIRECTOR = "R_JOB", "R_DIRECTOR"


def with_abandoned(flows: Sequence[Flow], found: Sequence[HowEnded], end: int) -> list[HowEnded]:
    """Return how each flow ended, with the data channels of jobs that were given up.

    ``found`` is how each ended by itself, ``end`` the time (ns) at which the capture ended.
    """
    given_up = [f for f, how in zip(flows, found, strict=True) if _is_given_up(f, how)]
    if not given_up:
        return list(found)
    return [_abandoned(flow, how, given_up, end) for flow, how in zip(flows, found, strict=True)]


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


def _abandoned(flow: Flow, how: HowEnded, given_up: Sequence[Flow], end: int) -> HowEnded:
    silence = end - flow.last
    if how != HowEnded(Ending.OPEN) or flow.outcome is not Outcome.ESTABLISHED:
        return how
    if _type(flow) != _JOB or silence < SHORTEST_LIMIT:
        return how
    for control in given_up:
        daemon, fin, said = control.acceptor.address, control.initiator.fin, control.acceptor.said
        assert fin is not None
        assert said is not None
        of_daemon = daemon in (flow.initiator.address, flow.acceptor.address)
        # What the daemon said after the channel fell silent may have been the end of the job.
        if of_daemon and control.started < flow.started and said <= flow.last + SHORTEST_LIMIT:
            peer = flow.initiator if flow.acceptor.address == daemon else flow.acceptor
            return replace(
                how,
                ending=Ending.LOST,
                evidence=(
                    f"neither side sent anything in the last {seconds(silence)}, and "
                    f"{control.initiator.address} gave the job up: it closed port "
                    f"{control.initiator.port} to {daemon}, which had said nothing there for "
                    f"{seconds(fin - said)} and still waits; {peer.address} may have died instead"
                ),
                certain=False,
                silence=silence,
                unheard=peer.address,
            )
    return how
