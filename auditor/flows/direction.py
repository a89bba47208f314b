"""Which side is the initiator, how that is known, and how the attempt went."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np

from auditor.flows.flow import Flow, InitiatorEvidence, Outcome
from auditor.flows.handshake import ACCEPTS_WITHIN
from auditor.flows.hosts import Hosts
from auditor.flows.icmp import REJECTION
from auditor.flows.tcp_state import (
    ACK_ADVANCED,
    ACKED,
    DIAL_ACKED,
    DIAL_ANSWERED,
    DIALS,
    NEVER,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
)

#: More than any initial window (bytes): a side that sent so much was acknowledged.
_MUST_BE_ANSWERED = 1 << 16
#: So many segments after its SYNs show that who dialled got an answer that the capture lost.
_GOES_ON = 5


def find_initiator(
    flow: np.void,
    sides: tuple[np.void, np.void],
    hellos: tuple[bytes, bytes],
    ports: Collection[int],
    is_from_initiator: Callable[[bytes], bool],
) -> tuple[int, InitiatorEvidence]:
    """Return the side (0 or 1) that is the initiator, and the evidence for it.

    Evidence is ``syn``, else ``synack`` (its receiver is), else ``hello`` (only one side
    began with what an initiator sends first), else ``port``: the listening port among ``ports``
    accepts, failing that the lower one. Of two SYNs that nobody is seen to answer, one may be
    forged: then the hello comes first.
    """
    opened = [is_from_initiator(hello) for hello in hellos]
    if flow["opener"] >= 0:
        if _is_undecided(sides) and opened[0] != opened[1]:
            return opened.index(True), InitiatorEvidence.HELLO
        return int(flow["opener"]), InitiatorEvidence.SYN
    for side in (0, 1):
        if sides[side]["bits"] & SENT_SYN_ACK:
            return 1 - side, InitiatorEvidence.SYNACK
    if opened[0] != opened[1]:
        return opened.index(True), InitiatorEvidence.HELLO
    numbers = (int(flow["a_port"]), int(flow["b_port"]))
    listening = [number in ports for number in numbers]
    if listening[0] != listening[1]:
        return listening.index(False), InitiatorEvidence.PORT
    return int(numbers[0] <= numbers[1]), InitiatorEvidence.PORT


def _is_undecided(sides: tuple[np.void, np.void]) -> bool:
    """Tell whether both sides sent a SYN, and no SYN-ACK tells which of both was answered."""
    both = sides[0]["bits"] & sides[1]["bits"] & SENT_SYN
    return bool(both and not (sides[0]["bits"] | sides[1]["bits"]) & SENT_SYN_ACK)


def find_outcome(flow: np.void, initiator: np.void, acceptor: np.void, end: int) -> Outcome:
    """Tell how the attempt went: established if the initiator is seen to have accepted the answer,
    or what followed shows it. ``end`` is the time (ns) at which the capture ended."""
    if not (initiator["bits"] & SENT_SYN or acceptor["bits"] & SENT_SYN_ACK):
        return Outcome.MIDSTREAM
    if _goes_unseen(initiator, acceptor):
        accepted = _is_told(flow, initiator, acceptor)
    elif acceptor["bits"] & SENT_SYN_ACK:
        accepted = _is_taken(initiator, acceptor, end)
    else:
        accepted = _is_answered(flow, initiator, acceptor)
    if accepted:
        return Outcome.ESTABLISHED
    return Outcome.UNANSWERED if acceptor["rst"] == NEVER else Outcome.REFUSED


def _is_taken(initiator: np.void, acceptor: np.void, end: int) -> bool:
    """Tell whether a SYN-ACK was accepted: anybody can send one. Who dials on did not get it."""
    bits = initiator["bits"]
    if not bits & DIALS or not bits & SENT_SYN:
        return True
    answered = acceptor["syn_ack_time"]
    late = answered - initiator["syn_time"] >= ACCEPTS_WITHIN
    if bits & DIAL_ANSWERED and not late and end - answered < ACCEPTS_WITHIN:
        return True
    read = bits & ACKED and initiator["acked"] > initiator["isn"] + 1
    return bool(read and initiator["payload_bytes"] and acceptor["bits"] & SENT_ACK)


def _is_answered(flow: np.void, initiator: np.void, acceptor: np.void) -> bool:
    """Tell whether a SYN was answered by a SYN-ACK that the capture does not have.

    Then no RST or ICMP error answers it, nor does its sender repeat it; but what was lost once may
    have been lost twice, if many segments follow.
    """
    acked = initiator["bits"] & ACKED and initiator["acked"] > initiator["isn"]
    if not initiator["bits"] & DIAL_ACKED and not (acked and acceptor["bits"] & SENT_ACK):
        return False
    denied = acceptor["rst"] != NEVER or flow["icmp_count"][REJECTION] > 0
    repeats = flow["syns"] > (1 if acceptor["segments"] else 2)
    return bool(initiator["segments"] - flow["syns"] >= _GOES_ON or not (denied or repeats))


def _goes_unseen(initiator: np.void, acceptor: np.void) -> bool:
    """Tell whether the acceptor is seen to go on, and of who dialled nothing but SYNs."""
    dialled = initiator["bits"] & SENT_SYN and not initiator["bits"] & SENT_ACK
    answers = acceptor["bits"] & (SENT_SYN_ACK | SENT_ACK)
    goes_on = acceptor["payload_bytes"] > 0 or answers == SENT_ACK
    reset = initiator["rst"] != NEVER or acceptor["rst"] != NEVER
    return bool(dialled and goes_on and not reset)


def _is_told(flow: np.void, initiator: np.void, acceptor: np.void) -> bool:
    """Tell whether what the acceptor says shows that the capture lost the answers to it, not that
    somebody speaks in its name: who dialled would go on to dial then."""
    enough = 1 if flow["syns"] == 1 and not flow["icmp_count"][REJECTION] else _GOES_ON
    if initiator["bits"] & ACKED and initiator["acked"] <= initiator["isn"]:
        return False
    return bool(acceptor["last"] > initiator["syn_time"] and acceptor["segments"] >= enough)


def is_one_sided(initiator: np.void, acceptor: np.void, outcome: Outcome) -> bool:
    """Tell whether one side was never seen although it must have sent something.

    An established connection needed both. One that began before the capture shows it by an
    acknowledgement number that moves, or by more bytes than go unacknowledged.
    """
    if initiator["segments"] > 0 and acceptor["segments"] > 0:
        return outcome is Outcome.ESTABLISHED and _goes_unseen(initiator, acceptor)
    if outcome is not Outcome.MIDSTREAM:
        return outcome is Outcome.ESTABLISHED
    seen = initiator if initiator["segments"] > 0 else acceptor
    return bool(seen["bits"] & ACK_ADVANCED or seen["payload_bytes"] > _MUST_BE_ANSWERED)


def with_unanswered(flows: Sequence[Flow], hosts: Hosts) -> tuple[Flow, ...]:
    """Return the flows, unanswered those in which only who dialled is seen to say that somebody
    answered, though this tap sees what the other host sends."""
    return tuple(
        replace(flow, outcome=Outcome.UNANSWERED, one_sided=False, refusal=None)
        if _is_answered_by_nobody(flow) and hosts.sees_both(flow)
        else flow
        for flow in flows
    )


def _is_answered_by_nobody(flow: Flow) -> bool:
    if not flow.one_sided or flow.outcome is not Outcome.ESTABLISHED or flow.acceptor.segments:
        return False
    return flow.syns > 1 and flow.initiator.segments - flow.syns < _GOES_ON
