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

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.excerpt import Excerpt
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
