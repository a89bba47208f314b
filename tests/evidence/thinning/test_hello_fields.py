"""ClientHello, ServerHello and ClientKeyExchange keep what an audit reads, in their length (P5)."""

from __future__ import annotations

import pytest
from hello_wire import (
    CLIENT,
    chosen,
    client_hello,
    extension,
    keys,
    selected,
    server_hello,
    vector,
    versions,
)

from auditor.evidence.thinning.hello_fields import (
    mask_client_hello,
    mask_key_exchange,
    mask_server_hello,
)
from auditor.flows.hello.messages import read_client_hello, read_server_hello

SECRET = b"SECRET-file-data"
NAME = extension(0, vector(2, b"\0" + vector(2, b"sd1.example")))


def offer(*extensions: bytes) -> bytes:
    return client_hello(*extensions)[4:]


def choice(*extensions: bytes) -> bytes:
    return server_hello(*extensions)[4:]


@pytest.mark.parametrize(
    "body", [offer(), offer(versions(0x0304, 0x0303), NAME, keys(CLIENT)), offer(versions(0x0304))]
)
def test_what_an_audit_reads_of_an_offer_is_kept(body: bytes) -> None:
    assert mask_client_hello(body) == body


@pytest.mark.parametrize("body", [choice(), choice(chosen(0x0304), selected(0))])
def test_what_an_audit_reads_of_a_choice_is_kept(body: bytes) -> None:
    assert mask_server_hello(body) == body


@pytest.mark.parametrize(
    "hidden",
    [
        extension(21, SECRET),
        extension(0xFEED, SECRET * 20),
        extension(51, SECRET),
        extension(43, SECRET),
        extension(41, SECRET),
        extension(0, SECRET),
        extension(0, vector(2, b"\0" + vector(2, b"\x02" + SECRET))),
        keys(b"\x80" + SECRET),
        extension(41, vector(2, vector(2, b"x") + SECRET[:4]) + vector(2, vector(1, SECRET))),
    ],
)
def test_all_else_is_blanked_in_its_place(hidden: bytes) -> None:
    body = offer(versions(0x0304), hidden, NAME)
    masked = mask_client_hello(body)
    assert masked is not None
    assert len(masked) == len(body)
    assert b"SECR" not in masked
    before, after = read_client_hello(body), read_client_hello(masked)
    assert before is not None
    assert after is not None
    assert after.version == before.version == 0x0304
    masked = mask_server_hello(choice(hidden, chosen(0x0304)))
    assert masked is not None
    assert b"SECR" not in masked
    assert read_server_hello(masked) == read_server_hello(choice(hidden, chosen(0x0304)))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        SECRET * 9,
        offer() + SECRET,
        offer(NAME) + SECRET,
        offer(NAME)[:-1],
        offer(NAME[:-1]),
        choice()[:-1],
        b"\3\3" + bytes(32) + vector(1, SECRET * 3) + vector(2, b"\x13\3") + vector(1, b"\0"),
        b"\3\3" + bytes(32) + vector(1, b"") + vector(2, SECRET * 33) + vector(1, b"\0"),
        b"\3\3" + bytes(32) + vector(1, b"") + vector(2, SECRET[:3]) + vector(1, b"\0"),
        b"\3\3" + bytes(32) + vector(1, b"") + vector(2, b"\x13\3") + vector(1, SECRET * 2),
    ],
)
def test_what_does_not_fit_is_no_hello(body: bytes) -> None:
    assert mask_client_hello(body) is None
    assert mask_server_hello(body + SECRET) is None


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (vector(2, CLIENT), vector(2, CLIENT)),
        (vector(2, CLIENT) + SECRET, vector(2, CLIENT) + bytes(16)),
        (vector(2, b"\x80" + SECRET), bytes(19)),
        (vector(1, SECRET), bytes(17)),
        (b"", b""),
    ],
)
def test_of_a_key_exchange_the_identity_is_kept(body: bytes, kept: bytes) -> None:
    assert mask_key_exchange(body) == kept
