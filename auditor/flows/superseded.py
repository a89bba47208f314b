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
    waiting: dict[tuple[str, str, int, str], _Waiting] = defaultdict(_Waiting)
    for index, flow in enumerate(flows):  # by first sight, whatever the clock showed
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
        last = waiting[end].lost_before(flow)
        if last is not None and hosts.may_have_lost(flows[last]):
            continue
        if last is not None and hosts.sees_both(flows[last]):
            told[last] = _superseded(flows[last], flow)
            waiting[end].forget_youngest()
        if told[index] == HowEnded(Ending.OPEN):
            waiting[end].add(index, flow)
    return told


class _Waiting:
    """The open connections of one File Daemon, in the order of their beginnings."""

    def __init__(self) -> None:
        self._open: list[tuple[int, int]] = []
        """The index of each, and the latest segment (ns) of it and of all before it."""

    def add(self, index: int, flow: Flow) -> None:
        """Take in one that began after all that are there."""
        before = self._open[-1][1] if self._open else flow.last
        self._open.append((index, max(before, flow.last)))

    def lost_before(self, new: Flow) -> int | None:
        """Return the youngest, which waits, if all had been silent for long."""
        if not self._open:
            return None
        youngest, latest = self._open[-1]
        return youngest if new.started - latest >= SHORTEST_LIMIT else None

    def forget_youngest(self) -> None:
        """Leave out the youngest: it is lost."""
        self._open.pop()


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
