"""Two copies of a place that differ: which is believed, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest
from hello_wire import WENT_ON, client_hello, handshake_of, keys, message, record, versions
from hypothesis import given
from hypothesis import strategies as st
from tape import Endpoint, Frame, Tape

from auditor.flows import Flow, Identity, Transport
from auditor.flows.tampering import COPIES_DIFFER, FRAGMENTS_DIFFER, NO_ACK

PAIRS = [
    (Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)),
    (Endpoint("2001:db8::9", 50123), Endpoint("2001:db8::1", 9101)),
]
TRUTH = record(client_hello(versions(0x0304), keys(b"R_CLIENT\x1eevil"))) + WENT_ON[0]
LIE = record(client_hello(versions(0x0304), keys(b"R_CLIENT\x1egood"))) + WENT_ON[0]
ANSWER = handshake_of("tls13-psk")[1]
EVIL, GOOD = Identity("R_CLIENT", "evil"), Identity("R_CLIENT", "good")


class Sent(NamedTuple):
    """A copy of the hello: what it carries and how its segment looks."""

    data: bytes
    flags: str = "PA"
    ttl: int = 64
    wrong: bool = False


def put(tape: Tape, sender: Endpoint, sent: Sent) -> None:
    """Send a copy at the place of the hello; neither end takes note."""
    tape.ttl(sent.ttl).segment(sender, sent.flags, sent.data).ttl(64)
    if sent.wrong:
        spoil(tape)


def spoil(tape: Tape) -> None:
    """Let the last frame have a wrong checksum."""
    frame = tape.frames[-1]
    at = (54 if frame.data[12:14] == b"\x86\xdd" else 34) + 16
    data = bytearray(frame.data)
    data[at] ^= 0x5A
    tape.frames[-1] = Frame(frame.time, bytes(data), frame.wire)


def said(*copies: Sent, ends: tuple[Endpoint, Endpoint] = PAIRS[0], acked: int = 9) -> Flow:
    """Return the flow whose initiator sent these copies; the peer acknowledges after ``acked``."""
    fd, sd = ends
    tape = Tape().syn(fd, sd).synack().ack()
    for number, copy in enumerate(copies):
        put(tape, fd, copy)
        if number + 1 == acked:
            tape.connection.halves[fd].next += len(copy.data)
            tape.ack(sd)
            tape.connection.halves[fd].next -= len(copy.data)
    tape.connection.halves[fd].next += max(len(copy.data) for copy in copies)
    return tape.ack(sd).send(sd, ANSWER).ack().flow()


ENDS = pytest.mark.parametrize("ends", PAIRS, ids=["IPv4", "IPv6"])
T, L = Sent(TRUTH), Sent(LIE)


@ENDS
@pytest.mark.parametrize("copies", [(T,), (T, T), (T, T, T)])
def test_copies_that_agree_are_no_matter(
    copies: tuple[Sent, ...], ends: tuple[Endpoint, Endpoint]
) -> None:
    flow = said(*copies, ends=ends)
    assert (flow.hello.identity, flow.hello.proven) == (EVIL, True)
    assert (flow.tampering_count, flow.hello_contradicts) == (0, False)


@ENDS
@pytest.mark.parametrize("lie", [L._replace(wrong=True), L._replace(flags="P")])
@pytest.mark.parametrize("first", [True, False])
def test_a_copy_that_the_receiver_drops_gives_way(
    lie: Sent, ends: tuple[Endpoint, Endpoint], *, first: bool
) -> None:
    flow = said(*((lie, T) if first else (T, lie)), ends=ends)
    assert (flow.hello.identity, flow.hello.proven) == (EVIL, True)
    assert not flow.hello_contradicts
    told = [fact for fact in flow.tampering if fact.kind != NO_ACK]
    assert (len(told) < len(flow.tampering)) == (lie.flags == "P")
    assert all((fact.kind, fact.numbers) == (COPIES_DIFFER, [4, 5]) for fact in told)


@ENDS
@pytest.mark.parametrize("copies", [(L, T), (T, L), (L._replace(ttl=1), T), (T, L._replace(ttl=9))])
def test_where_nothing_decides_nobody_is_proven(
    copies: tuple[Sent, ...], ends: tuple[Endpoint, Endpoint]
) -> None:
    flow = said(*copies, ends=ends)
    assert (flow.hello_contradicts, flow.hello.proven) == (True, False)
    assert [fact.numbers for fact in flow.tampering] == [[4, 5]]
    odd = any(copy.ttl != 64 for copy in copies)
    assert flow.hello.identity == (EVIL if odd or copies[0] is T else GOOD)


def test_what_comes_after_the_acknowledgement_is_not_taken() -> None:
    """It may have been acknowledged by who sent it, too: so it shows a name, and proves none."""
    flow = said(T, L, acked=1)
    assert (flow.hello.identity, flow.hello.proven) == (EVIL, False)
    assert (flow.hello_contradicts, flow.tampering_count) == (True, 1)
    assert said(T, T, acked=1).tampering_count == 0


@pytest.mark.parametrize("cleartext_first", [True, False])
@pytest.mark.parametrize("ttl", [1, 64])
def test_cleartext_is_not_shown_as_tls(ttl: int, *, cleartext_first: bool) -> None:
    hello = Sent(message(b"Hello Client evil calling 10002\n".ljust(len(LIE) - 4)))
    lie = Sent(LIE, ttl=ttl)
    flow = said(*((hello, lie) if cleartext_first else (lie, hello)))
    assert (flow.hello.transport, flow.hello.proven) == (Transport.CLEARTEXT, False)
    assert flow.tampering_count == 1


def test_a_lone_copy_that_the_receiver_drops_proves_nothing() -> None:
    flow = said(L._replace(wrong=True))
    assert (flow.hello.identity, flow.hello.proven) == (GOOD, False)


def test_a_packet_that_was_damaged_on_the_way_accuses_nobody() -> None:
    damaged = bytearray(TRUTH)
    damaged[60:64] = b"\xff\0\xff\0"
    for copies in ((Sent(bytes(damaged)), T), (T, Sent(bytes(damaged)))):
        tape = [copy._replace(wrong=copy is not T) for copy in copies]
        flow = said(*tape)
        assert (flow.hello.identity, flow.hello.proven) == (EVIL, True)
        assert flow.tampering_count == 0


@pytest.mark.parametrize("ident", [1, 0x7000, 0xFFF0])
def test_nor_where_the_answer_to_its_syn_had_no_identification(ident: int) -> None:
    fd, director = PAIRS[0]
    tape = Tape().syn(fd, director).synack()
    tape.connection.halves[director].ident = ident
    tape.ack().send(director, TRUTH)
    frame = tape.frames[-1]
    tape.frames[-1] = replace(frame, data=frame.data[:-9] + b"?" + frame.data[-8:])
    flow = tape.silence(0.2).resend(director).ack().flow()
    assert (flow.tampering_count, flow.hello_contradicts) == (0, False), str(flow.tampering)


def test_a_frame_like_the_one_before_is_looked_at_too() -> None:
    """A tap's second copy of a frame has the same data; what looks like it need not."""
    fd, sd = PAIRS[0]
    tape = Tape().syn(fd, sd).synack().ack()
    put(tape, fd, L)
    tape.connection.halves[fd].ident -= 1
    tape.silence(0.00001)
    put(tape, fd, T)
    tape.connection.halves[fd].next += len(TRUTH)
    flow = tape.ack(sd).send(sd, ANSWER).ack().flow()
    assert (flow.duplicates, flow.hello_contradicts, flow.tampering_count) == (1, True, 1)


@pytest.mark.parametrize("cut", [(9, 7), (50, 51), (30, 100)])
@pytest.mark.parametrize("lie_first", [True, False])
def test_a_lie_cut_in_pieces_is_found(cut: tuple[int, int], *, lie_first: bool) -> None:
    fd, sd = PAIRS[0]
    tape = Tape().syn(fd, sd).synack().ack()
    lies, truths = (
        [(k, data[k : k + step]) for k in range(0, len(data), step)]
        for data, step in zip((LIE, TRUTH), cut, strict=True)
    )
    for at, piece in (*lies, *truths) if lie_first else (*truths, *lies):
        tape.segment(fd, "PA", piece, shift=at)
    tape.connection.halves[fd].next += len(TRUTH)
    flow = tape.ack(sd).send(sd, ANSWER).ack().flow()
    assert (flow.hello_contradicts, flow.hello.proven) == (True, False)
    assert flow.tampering


@pytest.mark.parametrize(("at", "facts"), [(0, 1), (4, 1), (5, 0), (30, 0)])
def test_of_ciphertext_only_the_header_is_compared(at: int, facts: int) -> None:
    sealed = record(bytes(range(64)), kind=23)
    other = bytearray(sealed)
    other[at : at + 1] = bytes([other[at] ^ 1])
    fd, sd = PAIRS[0]
    tape = Tape().syn(fd, sd).synack().ack().send(fd, TRUTH).ack().send(fd, sealed)
    tape.segment(fd, "PA", bytes(other), shift=-len(sealed))
    assert tape.flow().tampering_count == facts


@pytest.mark.parametrize(("kind", "facts"), [(23, 0), (22, 1)])
def test_behind_a_hole_after_ciphertext_nothing_is_compared(kind: int, facts: int) -> None:
    fd, sd = PAIRS[0]
    tape = Tape().syn(fd, sd).synack().ack().send(fd, record(bytes(40), kind=kind))
    tape.send(fd, bytes(30)).drop().send(fd, bytes(20))
    assert tape.segment(fd, "PA", b"*" * 20, shift=-20).flow().tampering_count == facts


def test_cleartext_is_not_hidden_by_what_looks_like_ciphertext() -> None:
    hello = message(b"Hello Client evil calling 10002\n")
    flow = said(Sent(record(bytes(len(hello) - 5), kind=23)), Sent(hello))
    assert (flow.hello.transport, flow.hello_contradicts) == (Transport.CLEARTEXT, True)


@given(
    cuts=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=1, max_size=12),
    wrap=st.booleans(),
)
def test_any_retransmission_of_the_same_stream_accuses_nobody(
    cuts: list[tuple[int, int]], *, wrap: bool
) -> None:
    fd, sd = PAIRS[0]
    tape = Tape().syn(fd, sd, 0xFFFFFFC0 if wrap else None).synack().ack()
    for at, size in [*cuts, (0, len(TRUTH))]:
        if piece := TRUTH[at : at + size]:
            tape.segment(fd, "PA", piece, shift=at)
    tape.connection.halves[fd].next += len(TRUTH)
    flow = tape.ack(sd).send(sd, ANSWER).ack().flow()
    assert (flow.tampering_count, flow.hello_contradicts) == (0, False)
    assert (flow.hello.identity, flow.hello.proven) == (EVIL, True)


@ENDS
@pytest.mark.parametrize("kept", [5, 6, 20, 40, 134, 139, 140, 200])
def test_what_a_snap_length_cut_off_contradicts_nothing(
    kept: int, ends: tuple[Endpoint, Endpoint]
) -> None:
    """Ciphertext that was sealed anew is no contradiction, and how far the records go is not known
    where their headers were cut off."""
    fd, sd = ends
    answer = record(bytes(128)) + WENT_ON[1][:6] + record(bytes(41), kind=23)

    tape = Tape().syn(fd, sd).synack().ack().send(fd, TRUTH).snap(kept).ack()
    tape.send(sd, answer).snap(min(kept, len(answer))).ack()
    for number in range(2):
        sealed = bytes([23, 3, 3, 0, 80]) + bytes([number]) * 80
        tape.segment(sd, "PA", sealed).snap(min(kept, len(sealed)))
    assert tape.flow().tampering_count == 0
    copies = Tape().syn(fd, sd).synack().ack()
    for data in (LIE, TRUTH):
        copies.segment(fd, "PA", data).snap(200)
    assert copies.flow().tampering_count == 1


def fragments(tape: Tape, *, lie: bytes, ttl: int, first: bool) -> None:
    """Cut the last frame, of IPv4, in two behind the TCP header, with a lie for the second."""
    frame = tape.frames.pop()
    link, head, payload = frame.data[:14], frame.data[14:34], frame.data[34:]
    pieces = [(0, payload[:24], 64), (24, payload[24:], 64)]
    pieces.insert(1 if first else 2, (24, lie, ttl))
    for offset, data, hops in pieces:
        changed = bytearray(head)
        changed[2:4] = (20 + len(data)).to_bytes(2, "big")
        changed[6:8] = (offset // 8 | (0 if offset else 0x2000)).to_bytes(2, "big")
        changed[8] = hops
        changed[10:12] = b"\0\0"
        total = sum(int.from_bytes(changed[k : k + 2], "big") for k in range(0, 20, 2))
        changed[10:12] = (0xFFFF - total % 0xFFFF).to_bytes(2, "big")
        sent = link + bytes(changed) + data
        tape.frames.append(Frame(frame.time, sent, len(sent)))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("ttl", [1, 64])
def test_a_lie_among_fragments_hides_no_cleartext(ttl: int, first: bool) -> None:
    fd, sd = PAIRS[0]
    hello = message(b"Hello Client evil calling version 24\n")
    tape = Tape().syn(fd, sd).synack().ack().send(fd, hello)
    fragments(tape, lie=TRUTH[: len(hello) - 4], ttl=ttl, first=first)
    flow = tape.ack(sd).flow()
    assert flow.hello.transport is Transport.CLEARTEXT
    assert "evil" in str(flow.hello.identity)
    if first:
        assert [fact.kind for fact in flow.tampering] == [FRAGMENTS_DIFFER]
