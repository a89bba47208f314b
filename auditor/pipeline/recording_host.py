"""What a recording's host knew of itself: its sockets, their processes, its addresses.

A recording holds it as comments (``packets.pcapng_comments``), so that it is judged later as it was
while it was made. A socket that stayed silent has no packet, and is a connection all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, InitiatorEvidence, Outcome, Side
from auditor.flows.refusal import End
from auditor.judge.heartbeat.from_sockets import SocketFacts
from auditor.judge.matching.own_host import OwnHost
from auditor.judge.matching.processes import role_of
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CaptureInfo
from auditor.site.model import Role
from auditor.site.resolver import is_loopback

LISTEN = "LISTEN"
#: States (RFC 9293, Linux's spelling of the last) of a socket that is no connection, or not yet,
#: or not any more.
_NOT_CONNECTED = frozenset({LISTEN, "SYN-SENT", "SYN-RECEIVED", "CLOSED", "CLOSE", "TIME-WAIT"})
_WILDCARD = frozenset({"0.0.0.0", "::"})

Ends = frozenset[tuple[str, int]]


def ends_of(fact: SocketFact) -> Ends:
    """Return both ends of a socket's connection, whichever of them it is."""
    return frozenset({fact.local, fact.remote})


def ends_of_flow(flow: Flow) -> Ends:
    """Return both ends of a flow."""
    sides = (flow.initiator, flow.acceptor)
    return frozenset((side.address, side.port) for side in sides)


class RecordingHost:
    """The host on which a capture was recorded, as far as the recording says."""

    def __init__(self, info: CaptureInfo) -> None:
        self._facts = info.facts
        self._first = info.first
        self._addresses = info.addresses
        self._listening = frozenset(fact.local[1] for fact in info.facts if fact.state == LISTEN)
        self.sockets = SocketFacts(fact for fact in info.facts if fact.state != LISTEN)
        """The sockets, by the flows that they are ends of."""

    def complete(self, flows: Sequence[Flow], ports: Collection[int]) -> tuple[Flow, ...]:
        """Return the flows with the processes at this host's ends, and, after them, the
        connections of which no packet was seen. ``ports``: those that listen."""
        if not self._facts:
            return tuple(flows)
        known = [self._with_processes(flow) for flow in flows]
        seen = {ends_of_flow(flow) for flow in flows}
        silent = self._connected(fact for fact in self._facts if ends_of(fact) not in seen)
        for fact in silent:
            known.append(self._with_processes(self.flow(fact, len(known), ports)))
        return tuple(known)

    def _connected(self, facts: Iterator[SocketFact]) -> list[SocketFact]:
        """Return one fact for each connection that was there before the recording began. Those
        made later had their packets, if they passed an interface that was recorded."""
        found: dict[Ends, SocketFact] = {}
        for fact in facts:
            before = self._first is None or fact.time <= self._first
            if before and fact.state not in _NOT_CONNECTED:
                found.setdefault(ends_of(fact), fact)
        return list(found.values())

    def flow(self, fact: SocketFact, index: int, ports: Collection[int]) -> Flow:
        """Return a flow of which nothing is known but a socket at one of its ends.

        Whoever listens on a port did not dial from it; where it is not known who listens, the
        port among ``ports`` tells, and both ends having one it is a guess (bareos.md §9.3).
        """
        accepted = fact.local[1] in self._listening
        known = accepted or fact.local[1] not in ports
        here, there = Side(*fact.local), Side(*fact.remote)
        dialled = not accepted and (fact.local[1] not in ports or fact.remote[1] in ports)
        return Flow(
            index=index,
            initiator=here if dialled else there,
            acceptor=there if dialled else here,
            initiator_evidence=InitiatorEvidence.SOCKET if known else InitiatorEvidence.PORT,
            outcome=Outcome.MIDSTREAM,
            started=fact.time,
            last=fact.time,
        )

    def _with_processes(self, flow: Flow) -> Flow:
        """Return the flow with what is known of its two sockets, and of who dialled."""
        facts = {end: self.sockets.of(flow, end) for end in End}
        evidence = flow.initiator_evidence
        if evidence == InitiatorEvidence.PORT and self._agrees(facts):
            evidence = InitiatorEvidence.SOCKET
        if not any(facts.values()):
            return flow
        dialler, listener = facts[End.INITIATOR], facts[End.ACCEPTOR]
        return replace(
            flow,
            initiator=replace(flow.initiator, process=dialler.process if dialler else ""),
            acceptor=replace(flow.acceptor, process=listener.process if listener else ""),
            initiator_evidence=evidence,
        )

    def _agrees(self, facts: dict[End, SocketFact | None]) -> bool:
        """Tell whether who listens here confirms what the port numbers say of who dialled."""
        dialler, listener = facts[End.INITIATOR], facts[End.ACCEPTOR]
        if listener is not None and listener.local[1] in self._listening:
            return True
        elsewhere = dialler is not None and dialler.local[1] not in self._listening
        return bool(self._listening) and elsewhere

    def daemons(self, *, here: bool) -> OwnHost | None:
        """Return which of Bareos' programs run here, at which addresses; None: not known.

        ``here``: it is the host on which the configuration was read.
        """
        places = {fact.local[0] for fact in self._facts} - _WILDCARD
        own = frozenset(a for a in {*places, *self._addresses} if not is_loopback(a))
        ports: dict[Role, set[int]] = defaultdict(set)
        for fact in self._facts:
            role = role_of(fact.process)
            if role is not None:
                ports[role] |= {fact.local[1]} if fact.state == LISTEN else set()
        if not own:
            return None
        programs = frozenset((role, frozenset(listens)) for role, listens in ports.items())
        return OwnHost(own, programs, here)
