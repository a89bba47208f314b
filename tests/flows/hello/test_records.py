from __future__ import annotations

import pytest
from hello_wire import CHANGE_CIPHER_SPEC, client_hello, handshake, record
from hypothesis import given
from hypothesis import strategies as st

from auditor.flows.hello.records import (
    SentRecords,
    is_client_hello,
    is_record,
    read_records,
    record_sizes,
)


def test_messages_of_one_record_and_of_several_are_the_same() -> None:
    first, second = handshake(2, b"abc"), handshake(11, b"certificate")
    together = read_records(record(first + second))
    assert together == read_records(record(first) + record(second))
    assert together.clear == ((2, b"abc"), (11, b"certificate"))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_a_message_may_be_cut_into_records_anywhere(sizes: list[int]) -> None:
    said = handshake(1, bytes(range(200))) + handshake(16, b"x" * 50)
    pieces, rest = [], said
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    stream = b"".join(record(piece) for piece in [*pieces, rest] if piece)
    assert read_records(stream) == read_records(record(said))


@given(st.integers(0, 300))
def test_a_stream_that_ends_anywhere_holds_only_whole_messages(end: int) -> None:
    bodies = [b"a" * 30, b"b" * 60, b"c" * 90]
    stream = b"".join(record(handshake(1, body)) for body in bodies)
    assert tuple(body for _, body in read_records(stream[:end]).clear) == tuple(
        body for i, body in enumerate(bodies) if end >= sum(9 + len(b) for b in bodies[: i + 1])
    )


def test_messages_after_a_change_of_cipher_are_kept_apart() -> None:
    said = read_records(
        record(handshake(1, b"a")) + CHANGE_CIPHER_SPEC + record(handshake(1, b"b"))
    )
    assert said == SentRecords(clear=((1, b"a"),), later=((1, b"b"),), changed=True, finished=True)


def test_nothing_is_read_after_application_data() -> None:
    data = record(b"sealed", kind=23)
    assert read_records(data + record(handshake(1, b"a"))) == SentRecords(sealed=(6,))
    assert read_records(data + record(b"\x02\x28", kind=21)).alert is None


@pytest.mark.parametrize(
    "after", [b"Hello", b"\0\0\0\x10Hello", b"\x17\x03\x09\0\1a", b"\x18" + bytes(9)]
)
def test_what_goes_on_without_records_is_told(after: bytes) -> None:
    first = record(handshake(1, b"a")) + record(b"sealed", kind=23)
    assert read_records(first + after).broken
    assert not read_records(first + after[:4]).broken
    assert not read_records(after).broken
    assert not read_records(record(b"\x02\x2f", kind=21) + b"\xff\xff\xff\xfc" + after).broken


def test_a_fatal_alert_is_kept_and_a_warning_is_not() -> None:
    assert read_records(record(b"\x02\x28", kind=21)).alert == 40
    assert read_records(record(b"\x01\x70", kind=21)).alert is None


def test_an_encrypted_alert_says_nothing() -> None:
    assert read_records(CHANGE_CIPHER_SPEC + record(b"\x02\x28" + bytes(22), kind=21)).alert is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "16030100",
        "1303010005",
        "1803010005",
        "1602010005",
        "1603050005",
        "1603010000",
        "1603014801",
    ],
)
def test_other_bytes_are_no_record(header: str) -> None:
    assert not is_record(bytes.fromhex(header) + b"hello" * bool(header[8:]))


def test_a_client_hello_is_told_by_six_bytes() -> None:
    stream = record(client_hello())
    assert is_client_hello(stream[:6])
    assert not is_client_hello(stream[:5])
    assert not is_client_hello(record(handshake(2, b"")))


def test_records_and_messages_are_read_no_further_than_an_honest_handshake_goes() -> None:
    assert read_records(record(b"\x01", kind=20) * 128 + record(b"\x02\x28", kind=21)).alert is None
    assert read_records(record(b"\x01", kind=20) * 127 + record(handshake(1, b""))).later
    assert len(read_records(record(handshake(1, b"") * 40)).clear) == 32


def test_sizes_of_records_are_told_whatever_is_sealed_in_them() -> None:
    stream = record(client_hello()) + record(bytes(53), kind=23) + record(bytes(19), kind=23)
    assert record_sizes(stream) == ((22, len(client_hello())), (23, 53), (23, 19))
    assert record_sizes(stream[:-1]) == ((22, len(client_hello())), (23, 53))
    assert record_sizes(b"Hello") == record_sizes(b"") == ()
