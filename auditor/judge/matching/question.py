"""What the classification may ask of one flow: flows of which all of it is equal are asked once.

``Classifier`` sees the flow that is made of a question, never the flow itself. So no fact can
decide that is not part of it.
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.flows.flow import Flow, Hello, InitiatorEvidence, Outcome, Side
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.judge.matching.hello_number import LET_IN_OCTETS

#: Stands for every refusal of a login: which it was decides no number.
_REFUSED = Refusal(RefusalKind.CLOSED, End.ACCEPTOR, "")


class Question(NamedTuple):
    """The facts of a flow that its connection number may rest on."""

    initiator: str
    """Address; the port of who dials tells nothing."""
    acceptor: str
    port: int
    """Of the acceptor."""
    processes: tuple[str, str]
    """Names of the initiator's and the acceptor's, as far as the recording host has them."""
    hello: Hello
    hello_unseen: bool
    refused: bool
    outcome: Outcome
    evidence: InitiatorEvidence
    """Of who dialled."""
    octets: tuple[bool, bool]
    """Either side sent payload."""
    streams: tuple[int | None, int | None]
    """Octets of either stream: 0, 1 for some, and one more than LET_IN_OCTETS; None: not known."""
    missing: bool
    """Octets of the acceptor were lost by the capture."""
    closed: bool
    """The acceptor sent FIN or RST."""


def question(flow: Flow) -> Question:
    """Return what may be asked of a flow."""
    initiator, acceptor = flow.initiator, flow.acceptor
    return Question(
        initiator.address,
        acceptor.address,
        acceptor.port,
        (initiator.process, acceptor.process),
        flow.hello,
        flow.hello_unseen,
        flow.refusal is not None,
        flow.outcome,
        flow.initiator_evidence,
        (initiator.payload_bytes > 0, acceptor.payload_bytes > 0),
        (_bounded(initiator.stream), _bounded(acceptor.stream)),
        acceptor.missing > 0,
        acceptor.closed is not None,
    )


def asked(facts: Question) -> Flow:
    """Return the flow that has these facts, and nothing else."""
    return Flow(
        index=0,
        initiator=Side(
            facts.initiator,
            0,
            payload_bytes=int(facts.octets[0]),
            process=facts.processes[0],
            stream=facts.streams[0],
        ),
        acceptor=Side(
            facts.acceptor,
            facts.port,
            payload_bytes=int(facts.octets[1]),
            missing=int(facts.missing),
            fin=0 if facts.closed else None,
            process=facts.processes[1],
            stream=facts.streams[1],
        ),
        initiator_evidence=facts.evidence,
        outcome=facts.outcome,
        started=0,
        last=0,
        hello=facts.hello,
        hello_unseen=facts.hello_unseen,
        refusal=_REFUSED if facts.refused else None,
    )


def _bounded(stream: int | None) -> int | None:
    if stream is None or stream > LET_IN_OCTETS:
        return stream and LET_IN_OCTETS + 1
    return min(stream, 1)
