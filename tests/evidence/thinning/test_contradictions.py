"""What first bytes tell that is not kept of them is said, and of what is alike nothing (P11)."""

from __future__ import annotations

import pytest
from hello_wire import client_hello, keys, message, record, server_hello, versions
from tape import Endpoint, Tape
from thinning_stage import follow, thinned

from auditor.evidence.thinning.contradictions import (
    NAME_LOST,
    NOTHING,
    goes_on_as_tls,
    of_late,
    of_nothing,
    of_older,
    of_places,
    of_refusal,
)
from auditor.flows import Flow, Transport
from auditor.flows.refusal import End
from auditor.flows.tampering import COPIES_DIFFER
from auditor.packets.unseen_note import Lack

pytestmark = pytest.mark.usefixtures("each_thinner")

ENDS = [
    (Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)),
    (Endpoint("fd77::31", 50123), Endpoint("fd77::20", 9102)),
]
HELLO = message(b"Hello Director dir calling")
CHALLENGE = message(b"auth cram-md5 <1.2@sd> ssl=0\n")
REPLY = message(b"0123456789abcdefghijkl")
OFFER = record(client_hello(versions(0x0304), keys(b"R_DIRECTOR\x1edir")))
ANSWER = record(server_hello())
SEALED = record(bytes(40), 23)
DOUBTED = frozenset({Lack.DOUBTED})


@pytest.fixture(params=ENDS, ids=["4", "6"])
def ends(request: pytest.FixtureRequest) -> tuple[Endpoint, Endpoint]:
    return request.param


def recorded(tape: Tape) -> Flow:
    """Return the one flow of a tape as its live recording tells of it."""
    (flow,), _ = follow(thinned(tape.pcap()))
    return flow


def cleartext(one: Endpoint, other: Endpoint) -> Tape:
    tape = Tape().syn(one, other).synack().ack().send(one, HELLO)
    return tape.send(other, CHALLENGE).send(one, REPLY).ack(other)


def again(tape: Tape, sender: Endpoint, lie: bytes, back: int) -> Tape:
    """Let a side seem to send ``lie`` once more, ``back`` bytes before where it stands."""
    tape.silence(0.2)  # or it would be one frame that the tap delivered twice
    return tape.segment(sender, "PA", shift=-back, data=lie).silence(1).ack(sender)


@pytest.mark.parametrize("changed", [1, 8, 9, 20])
def test_another_copy_of_what_is_not_kept_is_told(
    ends: tuple[Endpoint, Endpoint], changed: int
) -> None:
    lie = bytes(octet ^ 0x55 for octet in REPLY[:changed]) + REPLY[changed:]
    flow = recorded(again(cleartext(*ends), ends[0], lie, len(REPLY)))
    assert flow.doubts
    assert not flow.hello.proven
    facts = [fact.kind for fact in flow.tampering]
    assert facts == ([COPIES_DIFFER] if changed > 8 else [])
    assert flow.hello.transport is Transport.CLEARTEXT, "of the hello there is one copy"


def test_of_another_copy_of_the_hello_no_name_is_taken(ends: tuple[Endpoint, Endpoint]) -> None:
    lie = HELLO.replace(b"dir", b"sly")
    flow = recorded(again(cleartext(*ends), ends[0], lie + REPLY, len(HELLO + REPLY)))
    assert {Lack.DOUBTED, Lack.UNREAD, Lack.NAMED} <= flow.doubts
    assert flow.hello.transport is Transport.UNKNOWN
    assert flow.hello.identity is None
    assert flow.name_left_out
    assert flow.hello_contradicts


def test_the_same_once_more_is_no_contradiction(ends: tuple[Endpoint, Endpoint]) -> None:
    assert not recorded(again(cleartext(*ends), ends[0], REPLY, len(REPLY))).doubts


def test_what_every_receiver_drops_is_told_if_it_lies_in_the_first_bytes(
    ends: tuple[Endpoint, Endpoint],
) -> None:
    tape = cleartext(*ends).segment(ends[0], "P", data=b"junk").silence(1).ack(ends[0])
    assert recorded(tape).doubts


@pytest.mark.parametrize("then", [SEALED, b"no record at all"], ids=["tls", "none"])
def test_of_an_older_connection_tls_is_told_only_as_long_as_it_goes_on(
    ends: tuple[Endpoint, Endpoint], then: bytes
) -> None:
    tape = Tape().join(*ends).send(ends[0], SEALED).ack(ends[1]).silence(2)
    tape.send(ends[0], then).ack(ends[1]).silence(1).ack(ends[0])
    flow = recorded(tape)
    tls = then == SEALED
    assert (flow.hello.transport is Transport.TLS) is tls
    assert not (tls and flow.doubts)


def test_who_dialled_with_what_is_no_hello_speaks_nothing_known(
    ends: tuple[Endpoint, Endpoint],
) -> None:
    tape = Tape().syn(*ends).synack().ack().send(ends[0], b"GET / HTTP/1.0")
    flow = recorded(tape.send(ends[1], CHALLENGE).ack(ends[0]).silence(1).ack(ends[1]))
    assert flow.hello.transport is Transport.UNKNOWN
    assert flow.doubts


def test_places_tell_what_is_lost_of_them() -> None:
    assert of_places([], HELLO, 99) == NOTHING
    assert of_places([5], HELLO, 6) == NAME_LOST
    assert of_places([6], HELLO, 6) == DOUBTED
    assert of_places([*range(6, 14)], HELLO, 6) == DOUBTED
    assert of_places([*range(6, 15)], HELLO, 6) == DOUBTED | {Lack.TWICE}


def test_ciphertext_is_not_compared() -> None:
    sent = OFFER + SEALED + SEALED
    begin = len(OFFER)
    assert of_places([begin + 5], sent, len(sent)) == NOTHING
    assert of_places([begin + 5 + 40 + 5 + 1], sent, len(sent)) == NOTHING
    assert of_places([begin], sent, len(sent)) == NAME_LOST, "the header of a record is read"


def test_what_was_given_up_may_have_been_the_hello() -> None:
    assert of_late(4096, 300) == of_late(300, 300) == NOTHING
    assert of_late(9, 300) == NAME_LOST
    assert of_late(250, 300) == DOUBTED


def test_garbage_says_something_of_who_dialled_only() -> None:
    unread = frozenset({Lack.DOUBTED, Lack.UNREAD})
    assert of_nothing(b"GET /", CHALLENGE, CHALLENGE) == unread
    assert of_nothing(b"", CHALLENGE, CHALLENGE) == NOTHING
    assert of_nothing(b"GET /", HELLO, HELLO) == NOTHING, "the acceptor said it"
    assert of_nothing(b"GET /", b"\0\0\0\0", b"\0\0\0\0") == NOTHING


def test_an_older_side_tells_what_it_shows() -> None:
    assert of_older(OFFER, b"", marked=False) == of_older(HELLO, b"", marked=True) == NAME_LOST
    assert of_older(SEALED, SEALED, marked=True) == NOTHING
    assert of_older(SEALED + b"plain", b"", marked=False) == NOTHING
    assert of_older(SEALED + b"plain", b"", marked=True) == DOUBTED | {Lack.UNREAD}


@pytest.mark.parametrize(
    ("sent", "received"),
    [(record(b"\2\x73", 21), OFFER), (b"\xff\xff\xff\xfc", HELLO), (message(b"1999 no\n"), HELLO)],
    ids=["alert", "TERMINATE", "words"],
)
def test_who_refused_and_was_not_seen_to_begin_leaves_the_login_open(
    sent: bytes, received: bytes
) -> None:
    assert of_older(sent, received, marked=True) == NAME_LOST


@pytest.mark.parametrize("by", [Lack.REFUSED, Lack.DECLINED])
def test_who_refused_is_told_whichever_side_spoke_first(by: Lack) -> None:
    alert, end = record(b"\2\x73", 21), b"\xff\xff\xff\xfc"
    pairs = [(OFFER, alert), (HELLO, end), (HELLO, message(b"1999 no\n"))]
    if by is Lack.DECLINED:
        pairs = [(OFFER + alert, ANSWER)]
    for pair in pairs:
        assert of_refusal(*pair) == of_refusal(*pair[::-1]) == {by}
    assert of_refusal(HELLO, CHALLENGE) == of_refusal(b"", b"") == NOTHING


def test_a_refused_login_stays_one_though_nothing_is_taken_of_its_hello(
    ends: tuple[Endpoint, Endpoint],
) -> None:
    tape = Tape().join(*ends).send(ends[0], HELLO).ack(ends[1])
    tape.send(ends[1], message(b"1999 no\n")).ack(ends[0]).fin(ends[1]).fin(ends[0]).ack(ends[1])
    flow = recorded(tape)
    assert flow.hello.identity is None
    assert flow.refusal is not None and flow.refusal.by is End.ACCEPTOR


def test_a_syn_in_an_open_connection_ends_none(ends: tuple[Endpoint, Endpoint]) -> None:
    """RFC 5961 §4: who gets it answers with an ACK of that one. Its data are never captured."""
    tape = Tape().syn(*ends).synack().ack().send(ends[0], HELLO).ack(ends[1])
    tape.segment(ends[0], "SP", data=CHALLENGE).silence(0.2)
    tape.send(ends[1], CHALLENGE).ack(ends[0]).silence(2).send(ends[0], REPLY).ack(ends[1])
    flows, _ = follow(thinned(tape.pcap()))
    assert flows[0].hello.transport is Transport.CLEARTEXT
    assert flows[0].hello.identity is not None
    assert [one.hello.identity for one in flows[1:]] == [None] * (len(flows) - 1)


def test_a_connection_on_the_ports_of_an_open_one_begins_with_its_syn_ack(
    ends: tuple[Endpoint, Endpoint],
) -> None:
    tape = cleartext(*ends).silence(2).syn(*ends, isn=3_000_000_000).synack().ack()
    tape.send(ends[0], HELLO).ack(ends[1]).send(ends[1], CHALLENGE).ack(ends[0])
    flows, _ = follow(thinned(tape.pcap()))
    assert [one.hello.identity is not None for one in flows] == [True, True]
    assert not flows[1].doubts


def test_both_sides_have_to_go_on_as_tls() -> None:
    assert goes_on_as_tls(SEALED, b"")
    assert goes_on_as_tls(OFFER, ANSWER)
    assert not goes_on_as_tls(SEALED, HELLO)
    assert not goes_on_as_tls(SEALED, b"what")
