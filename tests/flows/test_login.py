"""A login that was refused, by every sign that bareos.md §3.3, §4.3 and §11 know of it."""

from __future__ import annotations

import pytest
from hello_wire import (
    CHANGE_CIPHER_SPEC,
    chosen,
    client_hello,
    keys,
    message,
    record,
    selected,
    server_hello,
    startup,
    versions,
)
from paths import CAPTURES
from tape import Endpoint, Tape

from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.pipeline.track_capture import track_capture

ENDS = [
    (Endpoint("10.0.0.10", 40001), Endpoint("10.0.0.31", 9102)),
    (Endpoint("2001:db8::10", 50123), Endpoint("2001:db8::20", 19103)),
]
TERMINATE = b"\xff\xff\xff\xfc"
OFFER = record(client_hello(versions(0x0304, 0x0303), keys(b"R_DIRECTOR\x1edir")))
TLS13 = record(server_hello(chosen(0x0304), selected(0)))
TLS12 = record(server_hello(suite=0x00A9))
LINE = message(b'Hello Director dir calling Version="26.0.0"\n')


def sealed(*sizes: int) -> bytes:
    return b"".join(record(bytes(size), kind=23) for size in sizes)


def alert(number: int, level: int = 2) -> bytes:
    return record(bytes([level, number]), kind=21)


FINISHED = CHANGE_CIPHER_SPEC + sealed(53)
TICKETS = sealed(58, 234)
CLOSE_NOTIFY = sealed(19)


def refusal(
    initiator: bytes, acceptor: bytes, *, first: int = 1, end: str = "fin", between: float = 8
) -> Refusal | None:
    """Let both sides say something; then side ``first`` ends the connection, and the other."""
    found = []
    for ends in ENDS:
        tape = Tape().syn(*ends).synack().ack()
        for side, said in zip(ends, (initiator, acceptor), strict=True):
            if said:
                tape.send(side, said).ack()
        tape.silence(2)
        if end == "fin":
            tape.fin(ends[first]).ack().silence(between).fin(ends[1 - first]).ack()
        elif end == "rst":
            tape.rst(ends[first])
        elif end == "way":
            tape.ttl(61).rst(ends[first])
        (flow,) = tape.follow({9102, 19103}).flows
        assert (flow.initiator.port, flow.acceptor.port) == (ends[0].port, ends[1].port)
        found.append(flow.refusal)
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize("number", [20, 40, 47, 51, 115])
@pytest.mark.parametrize("rest", [b"", TERMINATE])
def test_a_fatal_alert_in_clear_refuses(number: int, rest: bytes) -> None:
    found = refusal(OFFER, alert(number) + rest)
    assert found is not None
    assert (found.kind, found.by, found.certain) == (RefusalKind.ALERT, End.ACCEPTOR, True)
    assert found.said.startswith(f"TLS alert {number} (")


def test_up_to_tls_1_2_the_alert_follows_the_key_exchange() -> None:
    found = refusal(OFFER + CHANGE_CIPHER_SPEC + record(bytes(40)), TLS12 + alert(20))
    assert str(found) == "acceptor: TLS alert 20 (bad_record_mac)"


def test_the_initiator_may_refuse_a_certificate() -> None:
    found = refusal(OFFER + alert(48), TLS12, first=0)
    assert str(found) == "initiator: TLS alert 48 (unknown_ca)"
    found = refusal(OFFER + CHANGE_CIPHER_SPEC + sealed(19), TLS13, first=0)
    assert str(found) == "initiator: an encrypted TLS alert"


def test_a_warning_refuses_nothing() -> None:
    assert refusal(OFFER + FINISHED, TLS13 + alert(112, level=1), first=0) is None


def test_terminate_refuses_a_cleartext_hello() -> None:
    found = refusal(LINE, TERMINATE)
    assert found == Refusal(RefusalKind.TERMINATE, End.ACCEPTOR, "TERMINATE")


@pytest.mark.parametrize("hello", [OFFER, LINE])
def test_an_end_without_an_answer_refuses_likely(hello: bytes) -> None:
    for end, word in (("fin", "FIN"), ("rst", "RST")):
        found = refusal(hello, b"", end=end)
        assert found is not None
        assert (found.kind, found.certain) == (RefusalKind.CLOSED, False)
        assert found.said == f"{word} after 2.0 s, without an answer"


def test_what_the_initiator_gives_up_is_not_refused() -> None:
    assert refusal(OFFER, b"", first=0) is None
    assert refusal(OFFER, b"", end="") is None
    assert refusal(b"", b"") is None  # a port that somebody looked at
    assert refusal(OFFER[:40], b"") is None  # no hello was seen


@pytest.mark.parametrize("messages", [0, 1, 2, 3])
def test_an_end_inside_tls_before_four_messages_refuses_likely(messages: int) -> None:
    """bareos.md §3.3: Hello, response, challenge and consent; §4.3: a forbidden direction."""
    found = refusal(
        OFFER + FINISHED + sealed(*[72] * messages) + CLOSE_NOTIFY,
        TLS13 + TICKETS + CLOSE_NOTIFY,
    )
    assert found is not None
    assert (found.kind, found.by, found.certain) == (RefusalKind.SEALED, End.ACCEPTOR, False)


def test_a_device_on_the_way_that_resets_refuses_no_login() -> None:
    said = OFFER + FINISHED + sealed(72), TLS13 + TICKETS
    assert refusal(*said, end="rst") is not None
    assert refusal(*said, end="way") is None


def test_a_login_of_four_messages_was_complete() -> None:
    accepted = sealed(80, 34, 44, 40)
    said = OFFER + FINISHED + sealed(72, 44, 88, 34)
    assert refusal(said, TLS13 + TICKETS + accepted) is None
    assert refusal(said[:-39], TLS13 + TICKETS + accepted) is not None
    said = OFFER + record(bytes(40)) + CHANGE_CIPHER_SPEC + sealed(72, 44, 88, 34)
    assert refusal(said, TLS12 + CHANGE_CIPHER_SPEC + accepted) is None
    assert refusal(said[:-39], TLS12 + CHANGE_CIPHER_SPEC + accepted) is not None


def test_an_initiator_that_closes_first_was_not_refused() -> None:
    assert refusal(OFFER + FINISHED + sealed(72), TLS13 + TICKETS, first=0) is None


def test_where_both_closed_at_one_time_their_order_tells() -> None:
    """A coarse clock shows the same time of both."""
    said = OFFER + FINISHED + sealed(72), TLS13 + TICKETS
    assert refusal(*said, first=0, between=-0.001) is None
    assert refusal(*said, first=1, between=-0.001) is not None


def test_postgresql_is_no_login_of_bareos() -> None:
    assert refusal(startup(user="bareos", database="bareos"), b"E\0\0\0\x08FATAL") is None


def test_a_login_that_was_not_seen_whole_may_have_been_complete() -> None:
    a, b = ENDS[0]
    tape = Tape().syn(a, b).synack().ack().send(a, OFFER + FINISHED).ack()
    tape.send(a, sealed(72, 44, 88, 34)).drop(1).send(b, TLS13 + TICKETS).ack().fin(b).ack()
    assert tape.flow().refusal is None


def test_only_the_sizes_of_an_answer_need_be_known() -> None:
    """Recordings may have left out the alert itself: 7 bytes, or 11 with TERMINATE (§11)."""
    a, b = ENDS[0]
    for said, refused in ((alert(47), True), (alert(47) + TERMINATE, True), (bytes(90), False)):
        tape = Tape().syn(a, b).synack().ack().send(a, OFFER).ack().send(b, said)
        tape.drop(1).fin(b).ack()
        assert bool(tape.flow().refusal) is refused


HEALTHY = ["modes", "heartbeat", "cleartext", "beat-other", "self-copy", "forgets-no-beat"]


@pytest.mark.bulk
@pytest.mark.parametrize("folder", HEALTHY)
def test_nobody_was_refused_in_a_recording_of_a_healthy_network(folder: str) -> None:
    for path in (CAPTURES / folder).glob("*.pcap*"):
        flows = track_capture(str(path), {5432, 9101, 9102, 9103}).flows
        assert len(flows) > 3
        assert [flow.refusal for flow in flows if flow.refusal] == []


@pytest.mark.parametrize("name", ["capture.pcap", "live-dir-all.pcapng", "live-dir-dir_etc.pcapng"])
def test_the_refusals_of_a_real_network_are_found(name: str) -> None:
    """README of the recordings: two wrong passwords, and a direction that is forbidden twice."""
    flows = track_capture(str(CAPTURES / "refusals" / name), {5432, 9101, 9102, 9103}).flows
    found = [
        (flow.initiator.address, flow.acceptor.address, flow.refusal.kind)
        for flow in flows
        if flow.refusal
    ]
    director, fd1, fd3, console = (f"10.77.0.{host}" for host in (10, 31, 33, 40))
    assert found == [
        (fd3, director, RefusalKind.SEALED),
        (director, fd1, RefusalKind.ALERT),
        (director, fd3, RefusalKind.SEALED),
        (console, director, RefusalKind.ALERT),
        (director, fd1, RefusalKind.ALERT),
        (director, fd3, RefusalKind.SEALED),
        (fd3, director, RefusalKind.SEALED),
    ]
    assert {flow.refusal.by for flow in flows if flow.refusal} == {End.ACCEPTOR}
