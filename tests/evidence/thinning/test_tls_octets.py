"""Of a side that speaks TLS the clear part is kept, and of the rest the sizes (P4)."""

from __future__ import annotations

import pytest
from hello_wire import (
    CHANGE_CIPHER_SPEC,
    CLIENT,
    RETRY,
    client_hello,
    handshake,
    keys,
    record,
    server_hello,
    vector,
)
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning import tls_octets
from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.handshake_octets import Stand
from auditor.evidence.thinning.renaming import Renaming
from auditor.evidence.thinning.tls_octets import add_tls, retries

SECRET = b"SECRET-file-data"
OFFER, CHOICE = record(client_hello()), record(server_hello())
SEALED, BLANK = record(SECRET, kind=23), record(bytes(16), kind=23)


def kept(sent: bytes, *, retried: bool = False) -> bytes:
    out = Excerpt(sent)
    add_tls(out, retried=retried)
    assert out.size <= len(sent)
    return bytes(out.kept)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (OFFER + SECRET, OFFER + bytes(5)),
        (OFFER + SEALED, OFFER + BLANK),
        (OFFER + CHANGE_CIPHER_SPEC + SEALED * 2, OFFER + CHANGE_CIPHER_SPEC + BLANK * 2),
        (OFFER + SEALED[:9], OFFER + BLANK[:9]),
        (OFFER + SEALED + SECRET, OFFER + BLANK + bytes(5)),
        (OFFER + SEALED + OFFER, OFFER + BLANK + OFFER[:5] + bytes(len(OFFER) - 5)),
        (CHOICE + CHANGE_CIPHER_SPEC + record(SECRET), CHOICE + CHANGE_CIPHER_SPEC
         + record(bytes(16))),
        (OFFER + record(SECRET, kind=20), OFFER),
        (OFFER + record(b"\2", kind=20), OFFER),
        (OFFER + record(SECRET, kind=21), OFFER + record(bytes(16), kind=21)),
        (OFFER + record(b"\x02\x28", kind=21) + SECRET, OFFER + record(b"\x02\x28", kind=21)),
        (OFFER + record(b"\x01\0", kind=21) + SEALED, OFFER + record(b"\x01\0", kind=21) + BLANK),
        (OFFER + record(b"SE", kind=21), OFFER),
        (record(SECRET), b""),
        (record(handshake(1, SECRET)), OFFER[:3] + b"\0\x14\x01\0\0\x10"),
        (
            record(client_hello() + SECRET),
            OFFER[:3] + len(client_hello() + SECRET).to_bytes(2, "big") + client_hello(),
        ),
        (b"\x16\x03" + SECRET, b""),
        (b"\x16\x03\x01\x48\x01" + bytes(40), b""),  # longer than any record
    ],
)  # fmt: skip
def test_records_of_a_side(sent: bytes, found: bytes) -> None:
    assert kept(sent) == found


def test_a_hello_may_be_spread_over_records() -> None:
    hello = client_hello(keys(CLIENT))
    sent = record(hello[:2]) + record(hello[2:50]) + record(hello[50:])
    assert kept(sent) == sent
    assert kept(sent[:-1]) == sent[:14]  # type and length, which lie in two records
    assert kept(record(hello[:50]) + SEALED) == record(hello[:50])[:9]


def test_messages_that_audits_do_not_read_are_blanked() -> None:
    sent = record(server_hello() + handshake(11, SECRET * 9) + handshake(14, b""))
    found = kept(sent)
    assert found == sent.replace(SECRET * 9, bytes(144))
    exchange = handshake(16, vector(2, CLIENT) + SECRET)
    assert kept(OFFER + record(exchange)) == OFFER + record(exchange).replace(SECRET, bytes(16))


def test_after_a_retry_the_second_hello_is_in_the_clear() -> None:
    second = record(client_hello(keys(CLIENT)))
    sent = OFFER + CHANGE_CIPHER_SPEC + second + SEALED
    assert kept(sent, retried=True) == OFFER + CHANGE_CIPHER_SPEC + second + BLANK
    assert CLIENT not in kept(sent)
    for size in range(len(second)):  # sealed, or not whole yet
        cut = OFFER + CHANGE_CIPHER_SPEC + second[:size]
        assert kept(cut, retried=True) == OFFER + CHANGE_CIPHER_SPEC
    finished = record(handshake(1, SECRET) + SECRET)
    sent = OFFER + CHANGE_CIPHER_SPEC + finished
    assert SECRET not in kept(sent, retried=True)


def test_a_retry_is_known_by_its_random() -> None:
    assert retries(record(server_hello(random=RETRY)))
    assert not retries(CHOICE)
    assert not retries(record(server_hello(random=RETRY))[:42])


@pytest.mark.parametrize("sent", [OFFER, OFFER + SEALED, OFFER[:20], OFFER + b"\x17"])
def test_more_may_follow(sent: bytes) -> None:
    out = Excerpt(sent)
    add_tls(out, retried=False)
    assert not out.ended


def test_nothing_lies_beyond_the_bound() -> None:
    out = Excerpt(OFFER + record(SECRET * 900, kind=23))
    add_tls(out, retried=False)
    assert out.size == HELLO_BYTES
    assert not any(out.kept[len(OFFER) + 5 :])


#: What may follow one another in a stream, in order or not.
PARTS = [
    *(OFFER, CHOICE, SEALED, CHANGE_CIPHER_SPEC, SECRET, OFFER[:30], record(RETRY)),
    *(record(client_hello()[:50]), record(client_hello()[50:]), record(client_hello() * 2)),
    *(record(handshake(11, SECRET)), record(handshake(16, vector(2, b"R_CLIENT\x1efd1")))),
    *(record(b"\x01\x5a", kind=21), record(b"\x02\x2f", kind=21), b"\xff\xff\xff\xfc"),
    *(record(SECRET * 60, kind=23), record(SECRET, kind=22), record(b"", kind=22), b"\x16\x03"),
]


@given(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=8),
    st.lists(st.integers(0, 2500), max_size=6),
    st.booleans(),
)
def test_a_stream_that_becomes_longer_is_kept_as_one_that_was_read_at_once(
    parts: list[bytes], cuts: list[int], retried: bool
) -> None:
    whole = b"".join([parts[0], *parts])
    out = Excerpt(b"")
    reading = add_tls(out, retried=retried)
    for size in [*sorted(cuts), len(whole)]:
        if not out.ended:
            assert reading.go_on(whole[:size], retried=retried)
        fresh = Excerpt(whole[:size])
        add_tls(fresh, retried=retried)
        assert (out.kept, out.ended) == (fresh.kept, fresh.ended)


def test_what_follows_a_retry_that_is_seen_later_is_read_anew() -> None:
    assert not add_tls(Excerpt(OFFER), retried=False).go_on(OFFER + SEALED, retried=True)


def test_what_was_certain_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    true = tls_octets.mask_messages

    def counted(content: bytes, names: Renaming, *, first: bool) -> tuple[bytes, Stand]:
        read.append(len(content))
        return true(content, names, first=first)

    monkeypatch.setattr(tls_octets, "mask_messages", counted)
    out = Excerpt(OFFER)
    reading = add_tls(out, retried=False)
    for count in range(40):
        assert reading.go_on(OFFER + CHANGE_CIPHER_SPEC + SEALED * count, retried=False)
    assert read == [len(OFFER) - 5]
    assert out.kept == OFFER + CHANGE_CIPHER_SPEC + BLANK * 39
