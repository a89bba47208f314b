from __future__ import annotations

from dataclasses import replace

import pytest
from hello_wire import CLIENT, WENT_ON, handshake_of
from tape import SECOND, Endpoint, Tape

from auditor.flows.completed import completed
from auditor.flows.flow import Flow, Hello, InitiatorEvidence, Outcome, Side
from auditor.flows.tampering import (
    COPIES_DIFFER,
    GOES_BACK,
    RST_GOES_ON,
    SYN_ACKS_DIFFER,
    Tampering,
)

A, D = Endpoint("10.0.0.66", 40001), Endpoint("10.0.0.10", 9101)
END = 100 * SECOND
FLOW = Flow(
    index=0,
    initiator=Side(A.address, A.port, segments=3, stream=9),
    acceptor=Side(D.address, D.port, segments=3),
    initiator_evidence=InitiatorEvidence.SYN,
    outcome=Outcome.ESTABLISHED,
    started=0,
    last=SECOND,
    hello=Hello(proven=True),
)


def facts(*kinds: int) -> tuple[Tampering, ...]:
    return tuple(Tampering(kind, 4, 8, SECOND) for kind in kinds)


def test_a_flow_without_facts_stays_as_it_is() -> None:
    assert completed(FLOW, (), END, False) is FLOW


@pytest.mark.parametrize(
    ("kind", "proven"), [(COPIES_DIFFER, False), (SYN_ACKS_DIFFER, False), (RST_GOES_ON, True)]
)
def test_where_somebody_else_spoke_in_its_name_nobody_is_proven(kind: int, proven: bool) -> None:
    told = completed(FLOW, facts(kind), END, False)
    assert (told.hello.proven, told.hello_contradicts) == (proven, not proven)
    assert told.tampering == facts(kind)


def test_what_depends_on_a_silence_is_no_fact_of_a_thinned_capture() -> None:
    flow = replace(FLOW, tampering_count=2)
    told = completed(flow, facts(GOES_BACK, RST_GOES_ON), END, True)
    assert (told.tampering, told.tampering_count) == (facts(RST_GOES_ON), 1)
    assert completed(flow, facts(GOES_BACK), END, True).tampering_count == 1
    assert completed(flow, facts(GOES_BACK), END, False).tampering == facts(GOES_BACK)


def test_what_the_capture_lacks_of_a_beginning_is_a_hello_that_was_not_seen() -> None:
    lost = replace(FLOW, initiator=replace(FLOW.initiator, missing=1))
    silent = replace(FLOW, initiator=replace(FLOW.initiator, stream=0))
    assert completed(lost, (), END, False).hello_unseen
    assert completed(silent, (), SECOND, False).hello_unseen
    assert not completed(silent, (), END, False).hello_unseen
    kept = replace(FLOW, hello_unseen=True)
    assert completed(kept, (), END, True).hello_unseen
    assert not completed(kept, (), END, False).hello_unseen


@pytest.mark.parametrize("heard", [False, True])
def test_an_answer_that_the_acceptor_does_not_know_of_proves_nothing(heard: bool) -> None:
    """Who dials can write the acceptor's answer himself; the acceptor acknowledges no Finished."""
    initiator, acceptor = handshake_of("tls13-psk")
    offer = initiator[: initiator.index(WENT_ON[0][:6])]
    tape = Tape().syn(A, D).synack().ack().send(A, offer).ack()
    tape.send(D, acceptor + WENT_ON[1][6:]).send(A, initiator[len(offer) :])
    if heard:
        tape.ack(D)
    else:
        tape.connection.halves[A].next -= len(initiator) - len(offer)
        tape.ack(D)
    flow = tape.flow()
    assert flow.hello.identity is not None
    assert str(flow.hello.identity.name) in CLIENT.decode()
    assert flow.hello.proven is heard


@pytest.mark.parametrize("name", ["R_CONSOLE\x1eab", "R_CLIENT\x1exy!"])
def test_a_second_offer_that_nobody_asked_for_counts_for_nothing(name: str) -> None:
    initiator, acceptor = handshake_of("tls13-psk")
    other = initiator.replace(CLIENT, name.encode()[:12].ljust(12, b"x"))
    tape = Tape().syn(A, D).synack().ack().send(A, initiator).ack().send(D, acceptor).ack()
    flow = tape.send(A, other).ack().send(D, acceptor).ack().flow()
    assert flow.hello.identity is not None
    assert flow.hello.identity.name == "fd3"
