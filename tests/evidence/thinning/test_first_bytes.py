"""The first bytes of each side wait until it is known what of them may be kept (R6)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hello_wire import client_hello, message, record, request, startup
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.packet import HELLO_BYTES, Packet
from auditor.evidence.thinning import first_bytes
from auditor.evidence.thinning.first_bytes import FirstBytes
from auditor.evidence.thinning.stream_start import Piece, Sender

HEADER = b"HEADER"
HELLO = message(b"Hello Director x calling\n")
OFFER = record(client_hello())
SECRET = b"SECRET-file-data"
INITIATOR, ACCEPTOR = 6, 7


def piece(number: int, payload: bytes, offset: int = 0, time: int = 0) -> Piece:
    packet = Packet(time or number, 0, HEADER + payload, 500)
    return Piece(number, packet, len(HEADER), offset)


class Connection:
    """One connection whose SYN side 0 sent; gathers what is kept."""

    def __init__(self, *, begun: bool = True, piece: bool = False) -> None:
        self.first = FirstBytes(piece=piece)
        self.kept: dict[int, bytes] = {}
        self.begun = begun

    def sender(self, row: int, epoch: int = 1) -> Sender:
        assert row >= 0
        return Sender(epoch, self.begun)

    def add(self, row: int, one: Piece, epoch: int = 1) -> None:
        self._take(self.first.add(row, self.sender(row, epoch), one))

    def drop(self, before: int, *, end: bool = False) -> None:
        self._take(self.first.drop(before, self.sender, end=end))

    def _take(self, found: Iterable[tuple[int, Packet]]) -> None:
        for number, packet in found:
            assert packet.data.startswith(HEADER)
            self.kept[number] = packet.data.removeprefix(HEADER)


@pytest.mark.parametrize(
    ("offset", "kept", "left"),
    [
        (0, b"abcdefgh", b"abcd"),
        (0, b"abcd", b"abcd"),
        (0, b"ab\0", b"ab\0"),
        (1, b"xabcd", b"abcd"),
        (7, b"0123456abc", b"abc"),
        (10, b"0123456789", None),
    ],
)
def test_a_packet_is_cut_where_what_is_kept_ends(
    offset: int, kept: bytes, left: bytes | None
) -> None:
    seen = b"0123456789"[:offset] + b"abcd"
    packet = piece(1, b"abcd", offset).cut(seen, kept)
    assert (packet and packet.data) == (None if left is None else HEADER + left)
    assert packet is None or packet.length == 500


def test_what_contradicts_the_first_copy_is_kept_as_its_complement() -> None:
    """P3: that the second says something else is seen, and not what."""
    packet = piece(1, b"aXcY").cut(b"abcd", b"abc\0")
    assert packet is not None
    assert packet.data == HEADER + bytes([ord("a"), ord("b") ^ 255, ord("c"), 255])


def test_pieces_wait_until_it_is_known_that_they_are_a_hello() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, HELLO[:4]))
    made.add(INITIATOR, piece(2, HELLO[4:8], 4))
    assert (made.kept, made.first.limit(INITIATOR)) == ({}, HELLO_BYTES)
    made.add(INITIATOR, piece(3, HELLO[8:] + b"SECRET", 8))
    assert made.kept == {1: HELLO[:4], 2: HELLO[4:8], 3: HELLO[8:]}
    assert made.first.limit(INITIATOR) == len(HELLO)


def test_an_answer_waits_for_what_it_answers() -> None:
    answer = message(b"1000 OK\n")
    made = Connection()
    made.add(ACCEPTOR, piece(1, answer))
    assert made.kept == {}
    made.add(INITIATOR, piece(2, HELLO))
    assert made.kept == {1: answer, 2: HELLO}


def test_what_is_allowed_already_goes_out_while_more_may_become_so() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, request(80877103)))
    assert made.kept == {1: request(80877103)}
    made.add(INITIATOR, piece(2, startup(user="bareos") + b"SECRET", 8))
    assert made.kept[2] == startup(user="bareos")


def test_of_what_is_no_hello_nothing_is_kept() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, b"secret" * 8))
    made.add(INITIATOR, piece(2, HELLO, 48))
    assert (made.kept, made.first.limit(INITIATOR)) == ({}, 0)


@given(st.permutations(range(6)), st.data())
def test_the_order_of_pieces_does_not_matter(order: list[int], data: st.DataObject) -> None:
    inner = st.integers(1, len(HELLO) - 1)
    cuts = sorted(data.draw(st.lists(inner, min_size=5, max_size=5, unique=True)))
    edges = [0, *cuts, len(HELLO)]
    made = Connection()
    for number in order:
        made.add(INITIATOR, piece(number, HELLO[edges[number] : edges[number + 1]], edges[number]))
    assert b"".join(made.kept[number] for number in range(6)) == HELLO


def test_the_first_copy_of_a_byte_wins() -> None:
    """So it does for whoever follows the flow (``flows.hello_bytes``)."""
    made = Connection()
    made.add(INITIATOR, piece(1, HELLO[:8]))
    made.add(INITIATOR, piece(2, b"another!"))
    made.add(INITIATOR, piece(3, HELLO[8:], 8))
    assert made.first.limit(INITIATOR) == len(HELLO)


def test_a_new_connection_on_the_same_row_begins_anew() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, HELLO[:8]), epoch=1)
    made.add(INITIATOR, piece(2, HELLO[8:], 8), epoch=2)
    assert made.kept == {}
    assert made.first.limit(INITIATOR) == HELLO_BYTES
    made.add(INITIATOR, piece(3, HELLO[:8]), epoch=2)
    assert made.kept == {2: HELLO[8:], 3: HELLO[:8]}


def test_what_waited_too_long_is_no_hello() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, HELLO[:4], time=100))
    made.add(INITIATOR, piece(2, HELLO[4:8], 4, time=200))
    made.drop(200)
    made.add(INITIATOR, piece(3, HELLO[8:], 8, time=300))
    assert made.kept == {2: HELLO[4:8], 3: HELLO[8:]}


def test_of_what_waited_too_long_the_part_that_is_known_is_kept() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, OFFER + b"\x17\3", time=100))
    assert made.kept == {}
    made.drop(200)
    assert made.kept == {1: OFFER}


@pytest.mark.parametrize(
    ("payload", "mark"),
    [
        (record(SECRET, kind=23, version=0x0303), b"\x17\3\3\0\1"),
        (record(SECRET), b"\x16\3\1\0\1"),
        (OFFER, b"\x16\3\1\0\1"),
        (b"\x16\x03" + SECRET, None),
        (HELLO, None),
        (b"\x17\3\3\0", None),
    ],
)
def test_of_a_stream_whose_beginning_was_not_seen_it_is_kept_that_it_is_tls(
    payload: bytes, mark: bytes | None
) -> None:
    """P1."""
    made = Connection(begun=False)
    made.add(INITIATOR, piece(1, payload, time=100))
    made.drop(200)
    assert made.kept.get(1) == mark


def test_a_syn_that_comes_late_makes_it_a_hello() -> None:
    made = Connection(begun=False)
    made.add(INITIATOR, piece(1, HELLO, time=100))
    made.begun = True
    made.drop(200)
    assert made.kept == {1: HELLO}


def test_the_bytes_of_all_flows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_bytes, "MAX_HELD", 300)
    made = Connection()
    for flow in range(9):
        made.add(2 * flow, piece(flow + 1, OFFER))
    assert [made.first.limit(2 * flow) for flow in range(9)] == [HELLO_BYTES] * 9
    made.add(0, piece(20, SECRET, len(OFFER)))
    assert 20 not in made.kept  # the beginning of the oldest was let go


@pytest.mark.parametrize("way", ["settled", "dropped", "forgotten", "replaced"])
def test_so_many_may_wait_over_all_flows_and_each_makes_room_again(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(first_bytes, "MAX_PENDING", 2)
    made = Connection()
    made.add(INITIATOR, piece(1, HELLO[:4]))
    made.add(INITIATOR, piece(2, HELLO[4:8], 4))
    made.add(2, piece(3, b"\0"))
    assert made.first.lost == 1
    if way == "settled":
        made.add(INITIATOR, piece(4, HELLO[8:], 8))
    elif way == "dropped":
        made.drop(5)
    elif way == "forgotten":
        made.first.forget(INITIATOR >> 1)
    else:
        made.add(INITIATOR, piece(4, b"secret" * 8), epoch=2)
    lost = made.first.lost
    for number in (5, 6, 7):
        made.add(4, piece(number, b"\0", number))
    assert made.first.lost == lost + 1


def test_of_a_piece_what_began_before_is_kept_as_it_is() -> None:
    """It may go on with a hello."""
    made = Connection(begun=False, piece=True)
    made.add(INITIATOR, piece(1, SECRET))
    made.add(INITIATOR, piece(2, SECRET, len(SECRET)))
    assert made.kept == {1: SECRET, 2: SECRET}
    assert made.first.oldest() is None  # nothing waits
    assert made.first.limit(INITIATOR) == HELLO_BYTES


@pytest.mark.parametrize(("part", "kept"), [(True, {1: HELLO[:6]}), (False, {})])
def test_of_a_piece_what_waits_for_the_rest_of_its_hello_is_kept_at_the_end(
    part: bool, kept: dict[int, bytes]
) -> None:
    made = Connection(piece=part)
    made.add(INITIATOR, piece(1, HELLO[:6], time=100))
    assert made.kept == {}
    made.drop(200, end=True)
    assert made.kept == kept


def test_of_a_piece_what_is_known_to_be_no_hello_is_cut_all_the_same() -> None:
    made = Connection(piece=True)
    made.add(INITIATOR, piece(1, SECRET * 40, time=100))
    made.drop(200, end=True)
    assert made.kept == {}
