"""Handshake messages are taken one by one, each to its own end (P4)."""

from __future__ import annotations

import pytest
from hello_wire import client_hello, handshake, server_hello

from auditor.evidence.thinning.handshake_octets import Stand, mask_hello, mask_messages

SECRET = b"SECRET-file-data"
OFFER, CHOICE, CERTIFICATE = client_hello(), server_hello(), handshake(11, SECRET * 4)


@pytest.mark.parametrize(
    ("content", "kept", "stand"),
    [
        (b"", b"", Stand.BETWEEN),
        (OFFER[:3], b"", Stand.WITHIN),
        (OFFER[:9], OFFER[:4], Stand.WITHIN),
        (OFFER, OFFER, Stand.BETWEEN),
        (OFFER + SECRET, OFFER, Stand.NONE),
        (CHOICE + CERTIFICATE, CHOICE + CERTIFICATE[:4] + bytes(64), Stand.BETWEEN),
        (CHOICE + CERTIFICATE[:9], CHOICE + CERTIFICATE[:4] + bytes(5), Stand.WITHIN),
        (CHOICE + OFFER[:9], CHOICE, Stand.WITHIN),
        (CHOICE + b"\x0b\x01\0\0" + SECRET, CHOICE, Stand.NONE),  # 64 KiB and more
        (CERTIFICATE, b"", Stand.NONE),
        (SECRET, b"", Stand.NONE),
        (handshake(1, SECRET), b"\x01\0\0\x10", Stand.NONE),
    ],
)
def test_messages_of_a_side(content: bytes, kept: bytes, stand: Stand) -> None:
    assert mask_messages(content, first=True) == (kept, stand)


def test_later_messages_may_begin_with_any() -> None:
    assert mask_messages(CERTIFICATE, first=False) == (CERTIFICATE[:4] + bytes(64), Stand.BETWEEN)
    assert mask_messages(handshake(1, SECRET), first=False) == (b"", Stand.NONE)


@pytest.mark.parametrize("hello", [OFFER, CHOICE])
def test_one_hello_is_told_from_ciphertext(hello: bytes) -> None:
    assert mask_hello(hello) == hello
    for other in (hello + b"x", hello[:-1], SECRET, b"", CERTIFICATE):
        assert mask_hello(other) is None
