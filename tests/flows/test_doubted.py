"""What was not kept of a connection proves nothing of it, and accuses of nothing either."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tape import Endpoint, Tape

from auditor.flows import Hello
from auditor.flows.doubted import with_doubts
from auditor.flows.flow import Identity, Transport
from auditor.flows.tampering import COPIES_DIFFER
from auditor.packets.unseen_note import Lack, UnseenNote

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
HELLO = Hello(Transport.TLS, identity=Identity("R_CLIENT", "fd3"), proven=True)
FLOW = replace(
    Tape().syn(FD, SD).synack().ack().send(FD, b"?" * 9).ack(SD).silence(2).other().flow(),
    hello=HELLO,
)


def note(*marks: Lack, time: int = FLOW.started, port: int = FD.port) -> UnseenNote:
    ends = (((FD.address, port), 0), ((SD.address, SD.port), 0))
    return UnseenNote(ends, time, frozenset(marks))


def test_nothing_is_proven_that_may_be_contradicted() -> None:
    (flow,) = with_doubts([FLOW], [note(Lack.DOUBTED)])
    assert flow.doubts == {Lack.DOUBTED, Lack.PROOF}
    assert flow.hello == replace(HELLO, proven=False)
    assert not flow.name_left_out and not flow.tampering
    (flow,) = with_doubts([replace(FLOW, hello=flow.hello)], [note(Lack.DOUBTED)])
    assert Lack.PROOF not in flow.doubts, "who proved nothing has nothing to be doubted"


def test_of_what_says_nothing_nothing_is_taken() -> None:
    (flow,) = with_doubts([FLOW], [note(Lack.DOUBTED, Lack.UNREAD)])
    assert flow.hello == Hello()
    assert flow.hello_unseen and not flow.name_left_out
    (flow,) = with_doubts([FLOW], [note(Lack.NAMED)])
    assert flow.name_left_out


@pytest.mark.parametrize(("word", "by"), [(Lack.REFUSED, "acceptor"), (Lack.DECLINED, "initiator")])
def test_a_login_that_was_refused_ended_so(word: Lack, by: str) -> None:
    (flow,) = with_doubts([FLOW], [note(Lack.UNREAD, word)])
    assert flow.refusal is not None and (flow.refusal.by, flow.refusal.certain) == (by, True)
    (flow,) = with_doubts([FLOW], [note(word)])
    assert flow.refusal is None, "what is kept tells that"


def test_two_copies_are_a_fact_of_their_time() -> None:
    later = FLOW.started + 5
    (flow,) = with_doubts([FLOW], [note(Lack.TWICE), note(Lack.DOUBTED, Lack.TWICE, time=later)])
    assert [(fact.kind, fact.time) for fact in flow.tampering] == [
        (COPIES_DIFFER, FLOW.started),
        (COPIES_DIFFER, later),
    ]
    assert flow.tampering_count == 2


def test_a_connection_beyond_the_bound_has_no_heartbeat_to_judge() -> None:
    (flow,) = with_doubts([FLOW], [note(Lack.BOUND)])
    assert flow.beats_left_out and flow.doubts


@pytest.mark.parametrize("other", [note(), note(Lack.DOUBTED, port=40002)])
def test_who_is_not_meant_stays_as_it_is(other: UnseenNote) -> None:
    assert with_doubts([FLOW], [other]) == (FLOW,)
