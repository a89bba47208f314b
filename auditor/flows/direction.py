"""Which side is the initiator, how that is known, and how the attempt went."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from auditor.flows.flow import InitiatorEvidence, Outcome
from auditor.flows.tcp_state import (
    ACK_ADVANCED,
    ACKED,
    NEVER,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
)

#: More than any initial window (bytes): a side that sent so much was acknowledged.
_MUST_BE_ANSWERED = 1 << 16


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


def find_outcome(initiator: np.void, acceptor: np.void) -> Outcome:
    """Tell how the attempt went; a handshake of which only the initiator's ACK was seen worked."""
    if not (initiator["bits"] & SENT_SYN or acceptor["bits"] & SENT_SYN_ACK):
        return Outcome.MIDSTREAM
    if initiator["bits"] & SENT_ACK or acceptor["bits"] & SENT_SYN_ACK:
        return Outcome.ESTABLISHED
    if (
        initiator["bits"] & ACKED
        and initiator["acked"] > initiator["isn"]
        and (acceptor["bits"] & SENT_ACK)
    ):
        return Outcome.ESTABLISHED
    return Outcome.UNANSWERED if acceptor["rst"] == NEVER else Outcome.REFUSED


def is_one_sided(initiator: np.void, acceptor: np.void, outcome: Outcome) -> bool:
    """Tell whether one side was never seen although it must have sent something.

    An established connection needed both. One that began before the capture shows it by an
    acknowledgement number that moves, or by more bytes than go unacknowledged.
    """
    if initiator["segments"] > 0 and acceptor["segments"] > 0:
        return False
    if outcome is not Outcome.MIDSTREAM:
        return outcome is Outcome.ESTABLISHED
    seen = initiator if initiator["segments"] > 0 else acceptor
    return bool(seen["bits"] & ACK_ADVANCED or seen["payload_bytes"] > _MUST_BE_ANSWERED)
