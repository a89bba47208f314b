"""Waiting connections of File Daemons that were opened anew although nothing ended the old one.

A File Daemon keeps one connection 4 waiting, and opens the next as soon as the Director uses it
(bareos.md §1.3, §4.4). Where it opens one while the waiting one was silent, it has lost that: a
device on the way forgot it, or the host went down without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from auditor.flows.flow import Flow, Outcome
from auditor.flows.hosts import Hosts
from auditor.flows.how_ended import Ending, HowEnded
from auditor.flows.loss import SHORTEST_LIMIT, seconds

_CLIENT = "R_CLIENT"


def with_superseded(
    flows: Sequence[Flow], found: Sequence[HowEnded], hosts: Hosts
) -> list[HowEnded]:
    """Return how each flow ended, with the waiting ones that were opened anew.

    ``found`` is how each ended by itself. A capture that lost segments may have lost the end, or
    what the Director said.
    """
    told = list(found)
    if hosts.lossy:
        return told
    waiting: dict[tuple[str, str, int, str], list[int]] = defaultdict(list)
    for index in sorted(range(len(flows)), key=lambda i: flows[i].started):
        flow = flows[index]
        identity = flow.hello.identity
        let_in = flow.outcome is Outcome.ESTABLISHED and flow.hello.proven
        if identity is None or identity.type != _CLIENT or not let_in or flow.refusal is not None:
            continue
        end = (
            flow.initiator.address,
            flow.acceptor.address,
            flow.acceptor.port,
            identity.name,
        )
        last = _lost_before(
            flow, [i for i in waiting[end] if told[i] == HowEnded(Ending.OPEN)], flows
        )
        if last is not None and hosts.sees_both(flows[last]):
            told[last] = _superseded(flows[last], flow)
        waiting[end].append(index)
    return told


def _lost_before(new: Flow, older: Sequence[int], flows: Sequence[Flow]) -> int | None:
    """Return the youngest of the open ones, which waits, if all had been silent for long."""
    quiet = all(new.started - flows[i].last >= SHORTEST_LIMIT for i in older)
    return older[-1] if older and quiet else None


def _superseded(old: Flow, new: Flow) -> HowEnded:
    silence = new.started - old.last
    client = old.initiator.address
    return HowEnded(
        Ending.LOST,
        None,
        f"{client} opened another one from port {new.initiator.port} after {seconds(silence)} of "
        f"silence, although nothing had used or ended this one; {client} may have gone down "
        "without a word instead",
        certain=False,
        silence=silence,
        unheard=client,
    )
