"""The beginning of one side: pieces are put in place, and given out when they are settled."""

from __future__ import annotations

import pytest
from hello_wire import client_hello, message, record, server_hello
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.packet import HELLO_BYTES, Packet
from auditor.evidence.thinning import stream_start
from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.payload_policy import excerpt
from auditor.evidence.thinning.renaming import Renaming
from auditor.evidence.thinning.stream_start import Piece, Sender, StreamStart

HELLO = message(b"Hello Director x calling\n")
OPENER = Sender(1, begun=True)


def piece(number: int, payload: bytes, offset: int = 0, time: int = 0) -> Piece:
    return Piece(number, Packet(time, 0, b"HEAD" + payload, 500), 4, offset)


def side(*pieces: Piece, sender: Sender = OPENER) -> StreamStart:
    made = StreamStart()
    made.sender = sender
    for one in pieces:
        made.fill(one)
        made.waiting.append(one)
    made.settle(b"")
    return made


def test_bytes_are_known_up_to_the_first_hole() -> None:
    assert side(piece(1, b"abc"), piece(2, b"fg", 5)).sent() == b"abc"
    made = side(piece(1, b"abc"), piece(2, b"fg", 5), piece(3, b"XdeX", 2))
    assert made.sent() == b"abcdefg"


@given(st.lists(st.tuples(st.integers(0, 30), st.binary(min_size=1, max_size=9)), max_size=8))
def test_the_first_copy_of_each_byte_stays(pieces: list[tuple[int, bytes]]) -> None:
    made = side(*(piece(1, data, offset) for offset, data in pieces))
    expected: dict[int, int] = {}
    for offset, data in pieces:
        for at, byte in enumerate(data, offset):
            expected.setdefault(at, byte)
    known = made.sent()
    assert list(known) == [expected[at] for at in range(len(known))]
    assert len(known) not in expected


def test_nothing_is_put_beyond_the_bound() -> None:
    made = side(piece(1, b"x" * 9000), piece(2, b"y", HELLO_BYTES))
    assert made.sent() == b"x" * HELLO_BYTES


def test_pieces_are_given_out_once_and_in_order() -> None:
    made = side(piece(1, HELLO[:12]), piece(2, HELLO[20:], 20))
    assert made.take() == []
    made.fill(piece(3, HELLO[12:20], 12))
    made.settle(b"")
    assert [(number, packet.data[4:]) for number, packet in made.take()] == [
        (1, HELLO[:12]),
        (2, HELLO[20:]),
    ]
    assert made.take() == made.expire(99, b"") == []


def test_what_expires_is_cut_to_what_is_known() -> None:
    made = side(piece(1, HELLO[:-1], time=5), piece(2, b"x", 90, time=50))
    assert [packet.data[4:] for _, packet in made.expire(6, b"")] == [HELLO[:10]]
    assert [one.number for one in made.waiting] == [2]
    assert made.expire(51, b"") == []


def test_nothing_is_settled_of_a_side_that_was_not_seen_to_begin() -> None:
    older = Sender(1, begun=False)
    made = side(piece(1, HELLO, time=5), sender=older)
    assert made.take() == made.expire(6, b"") == []


@pytest.mark.parametrize(
    ("begin", "answer", "looks"),
    [
        (record(client_hello()), record(server_hello()), 2),
        (HELLO, message(b"auth cram-md5 <1.2@name> ssl=0\n"), 4),
    ],
    ids=["TLS", "cleartext"],
)
def test_a_stream_is_looked_at_again_where_more_is_known(
    monkeypatch: pytest.MonkeyPatch, begin: bytes, answer: bytes, looks: int
) -> None:
    """Of a flood of logins that is most of the work."""
    made: list[bytes] = []

    def counted(
        sent: bytes, received: bytes, before: Excerpt, names: Renaming, *, piece: bool
    ) -> Excerpt:
        made.append(sent)
        found = excerpt(sent, received, before, names, piece=piece)
        found.ended = False
        return found

    monkeypatch.setattr(stream_start, "excerpt", counted)
    sides = side(piece(1, begin)), side(piece(2, answer))
    del made[:]
    for _ in range(9):
        for one, peer in (sides, sides[::-1]):
            one.settle(peer.sent())
    assert len(made) <= looks
    sides[0].fill(piece(3, b"more", len(begin)))
    for one, peer in (sides, sides[::-1]):
        one.settle(peer.sent())
    assert begin + b"more" in made


@pytest.mark.parametrize("size", range(1, 9))
def test_a_checksum_stays_as_right_as_it_was(size: int) -> None:
    """By words of 16 bits, the last one filled up with a zero (RFC 1071)."""
    data = bytes(range(250, 250 - size, -1))
    filled = data + bytes(size % 2)
    words = [filled[at] << 8 | filled[at + 1] for at in range(0, len(filled), 2)]
    assert stream_start._sum(data) == sum(words) % 0xFFFF
