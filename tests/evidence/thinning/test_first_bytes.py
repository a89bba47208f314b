"""The first bytes of each side wait until it is known what of them may be kept (R6)."""

from __future__ import annotations

import pytest
from hello_wire import message, request, startup
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.packet import Packet
from auditor.evidence.thinning import first_bytes
from auditor.evidence.thinning.first_bytes import FirstBytes, Piece

HEADER = b"HEADER"
HELLO = message(b"Hello Director x calling\n")
INITIATOR, ACCEPTOR = 6, 7


def piece(number: int, payload: bytes, offset: int = 0, time: int = 0) -> Piece:
    packet = Packet(time or number, 0, HEADER + payload, 500)
    return Piece(number, packet, len(HEADER), offset)


class Connection:
    """One connection whose SYN side 0 sent; gathers what is kept."""

    def __init__(self, opener: int = 0) -> None:
        self.first = FirstBytes()
        self.kept: dict[int, bytes] = {}
        self._opener = opener

    def add(self, row: int, one: Piece, epoch: int = 1) -> None:
        for number, packet in self.first.add(row, epoch, self._opener, one):
            assert packet.data.startswith(HEADER)
            self.kept[number] = packet.data.removeprefix(HEADER)


@pytest.mark.parametrize(
    ("offset", "size", "left"),
    [(0, 10, b"abcd"), (0, 4, b"abcd"), (0, 3, b"abc"), (7, 10, b"abc"), (10, 10, None)],
)
def test_a_packet_is_cut_where_the_allowance_ends(
    offset: int, size: int, left: bytes | None
) -> None:
    packet = piece(1, b"abcd", offset).cut(size)
    assert (packet and packet.data) == (None if left is None else HEADER + left)
    assert packet is None or packet.length == 500


def test_pieces_wait_until_it_is_known_that_they_are_a_hello() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, HELLO[:4]))
    made.add(INITIATOR, piece(2, HELLO[4:8], 4))
    assert (made.kept, made.first.limit(INITIATOR)) == ({}, None)
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
    made.add(INITIATOR, piece(1, b"SECRET" * 8))
    made.add(INITIATOR, piece(2, HELLO, 48))
    assert (made.kept, made.first.limit(INITIATOR)) == ({}, 0)


def test_whose_syn_was_not_seen_may_be_either_end() -> None:
    known, unknown = Connection(opener=0), Connection(opener=-1)
    for made in (known, unknown):
        made.add(ACCEPTOR, piece(1, HELLO))
    assert (known.kept, unknown.kept) == ({}, {1: HELLO})


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
    assert made.first.limit(INITIATOR) is None
    made.add(INITIATOR, piece(3, HELLO[:8]), epoch=2)
    assert made.kept == {2: HELLO[8:], 3: HELLO[:8]}


def test_what_waited_too_long_is_no_hello() -> None:
    made = Connection()
    made.add(INITIATOR, piece(1, HELLO[:4], time=100))
    made.add(INITIATOR, piece(2, HELLO[4:8], 4, time=200))
    made.first.drop(200)
    made.add(INITIATOR, piece(3, HELLO[8:], 8, time=300))
    assert made.kept == {2: HELLO[4:8], 3: HELLO[8:]}


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
        made.first.drop(5)
    elif way == "forgotten":
        made.first.forget(INITIATOR >> 1)
    else:
        made.add(INITIATOR, piece(4, b"SECRET" * 8), epoch=2)
    lost = made.first.lost
    for number in (5, 6, 7):
        made.add(4, piece(number, b"\0", number))
    assert made.first.lost == lost + 1
