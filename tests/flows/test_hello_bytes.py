"""The first bytes of each side, however the network cut and mixed them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hello_wire import CLIENT, client_hello, keys, record
from tape import Endpoint, Tape

from auditor.flows import Hello, Identity, Transport, hello_readings

FD = Endpoint("10.77.0.31", 40001)
SD = Endpoint("10.77.0.20", 9103)
DATA = bytes(range(256)) * 20

Said = Callable[[Tape], tuple[bytes, bytes]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    """Return what is handed to the hello parser for the only flow of a tape."""
    handed: list[tuple[bytes, bytes]] = []

    def note(initiator: bytes, acceptor: bytes) -> Hello:
        handed.append((initiator, acceptor))
        return Hello()

    monkeypatch.setattr(hello_readings, "read_hello", note)

    def follow(tape: Tape) -> tuple[bytes, bytes]:
        handed.clear()
        tape.flow()
        return handed[0]

    return follow


def connected(isn: int | None = None) -> Tape:
    return Tape().syn(FD, SD, isn).synack().ack()


def test_both_sides_first_bytes_are_handed_on_initiator_first(said: Said) -> None:
    tape = connected().send(SD, b"greeting").ack().send(FD, b"hello").ack()
    assert said(tape) == (b"hello", b"greeting")


def test_a_split_client_hello_is_read_whole() -> None:
    hello = record(client_hello(keys(CLIENT)))
    tape = connected()
    for k in range(0, len(hello), 7):
        tape.send(FD, hello[k : k + 7]).ack()
    assert tape.flow().hello.transport is Transport.TLS
    assert tape.flow().hello.identity == Identity("R_CLIENT", "fd3")


@pytest.mark.parametrize("isn", [1000, 0xFFFFFFFF, 0xFFFFFFFA])
def test_split_and_reordered_segments_give_the_same_bytes(said: Said, isn: int) -> None:
    tape = connected(isn).send(FD, DATA[:10]).send(FD, DATA[10:30]).swap()
    assert said(tape.send(FD, DATA[30:50]).ack())[0] == DATA[:50]


def test_the_first_copy_of_a_byte_wins(said: Said) -> None:
    tape = connected().send(FD, b"first").segment(FD, "PA", b"OTHER and more", shift=-5)
    assert said(tape)[0] == b"first and more"


def test_bytes_behind_a_hole_are_held_back(said: Said) -> None:
    tape = connected().send(FD, b"abc").send(FD, b"unseen").drop().send(FD, b"xyz").ack()
    assert said(tape)[0] == b"abc"


def test_a_hole_that_fills_later_lets_them_through(said: Said) -> None:
    tape = connected().send(FD, b"abc").send(FD, b"seen").drop().send(FD, b"xyz")
    assert said(tape.segment(FD, "PA", b"seen", shift=-7).ack())[0] == b"abcseenxyz"


def test_a_missing_first_segment_gives_nothing(said: Said) -> None:
    assert said(connected().send(FD, b"abc").drop().send(FD, b"xyz").ack())[0] == b""


def test_bytes_cut_off_by_the_snap_length_are_holes(said: Said) -> None:
    tape = connected().send(FD, b"abcdef").snap(4).send(FD, b"xyz").ack()
    assert said(tape)[0] == b"abcd"


def test_no_more_than_four_kibibytes_are_kept(said: Said) -> None:
    tape = connected()
    for k in range(0, len(DATA), 1000):
        tape.send(FD, DATA[k : k + 1000]).ack()
    assert said(tape)[0] == DATA[:4096]


def test_a_segment_across_the_limit_is_cut(said: Said) -> None:
    tape = connected().send(FD, DATA[:4090]).send(FD, DATA[4090:4110]).ack()
    assert said(tape)[0] == DATA[:4096]


def test_data_on_the_syn_comes_first(said: Said) -> None:
    tape = Tape().syn(FD, SD).drop().segment(FD, "S", b"early", shift=-1)
    tape.connection.halves[FD].next += 5
    assert said(tape.synack(SD).ack().send(FD, b" bird").ack())[0] == b"early bird"


def test_a_garbage_byte_of_a_probe_is_no_data(said: Said) -> None:
    tape = connected().silence(60).probe(FD, b"\0").answer().send(FD, b"hello").ack()
    assert said(tape)[0] == b"hello"


def test_midstream_the_first_payload_seen_comes_first(said: Said) -> None:
    assert said(Tape().join(FD, SD).ack(FD).send(FD, b"abc").send(FD, b"def").ack())[0] == b"abcdef"


def test_midstream_a_reordered_first_segment_moves_the_start(said: Said) -> None:
    tape = Tape().join(FD, SD).send(FD, b"abc").send(FD, b"def").swap().ack()
    assert said(tape)[0] == b"abcdef"


def test_midstream_what_moves_past_the_limit_is_dropped(said: Said) -> None:
    tape = Tape().join(FD, SD).send(FD, DATA[:100]).send(FD, DATA[100:4190]).swap().ack()
    assert said(tape)[0] == DATA[:4096]


def test_a_syn_captured_after_reordered_data_sets_the_start(said: Said) -> None:
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"abc").send(FD, b"def").ack()
    syn, synack, ack, abc, *rest = tape.frames
    tape.frames[:] = [rest[0], syn, synack, ack, abc, *rest[1:]]
    assert said(tape)[0] == b"abcdef"


def test_a_stream_does_not_begin_anew_after_four_gibibytes(said: Said) -> None:
    tape = connected().send(FD, b"first").ack()
    for _ in range(32):
        tape.connection.halves[FD].next += 1 << 27
        tape.send(FD, b"#" * 20).ack()
    assert said(tape)[0] == b"first"


@pytest.mark.parametrize("ahead", [5000, 1 << 21, 1 << 26])
def test_junk_far_ahead_hides_no_hello(said: Said, ahead: int) -> None:
    tape = connected().segment(FD, "PA", b"x", shift=ahead).send(FD, b"hello").ack()
    assert said(tape.send(SD, b"answer").ack())[0] == b"hello"
