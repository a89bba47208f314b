from __future__ import annotations

import time

import pytest
from hello_wire import (
    HANDSHAKES,
    challenge,
    cleartext,
    client_hello,
    extension,
    handshake,
    handshake_of,
    message,
    record,
    request,
    server_hello,
    startup,
    vector,
    versions,
)
from hypothesis import given
from hypothesis import strategies as st

from auditor.flows.flow import Hello, Transport
from auditor.flows.hello import LIMIT, begins_tls, is_from_initiator, read_hello

LINE = b'Hello Client fd3 FdProtocolVersion=54 calling Version="26.0.0"\n'

#: One valid opening of each shape (bareos.md §3.2), and PostgreSQL over TLS.
OPENINGS = [
    *(handshake_of(name) for name in HANDSHAKES),
    cleartext(LINE),
    tuple(a + b for a, b in zip(cleartext(LINE), handshake_of("tls12-certificate"), strict=True)),
    (startup(user="bareos", database="catalog"), b"R\0\0\0\x08\0\0\0\0"),
    (request(80877103) + startup(user="bareos"), b"N"),
    (request(80877103) + handshake_of("tls13-certificate")[0], b"S"),
]


@pytest.mark.parametrize(("initiator", "acceptor"), OPENINGS)
def test_every_shape_is_an_opening_of_the_initiator(initiator: bytes, acceptor: bytes) -> None:
    assert is_from_initiator(initiator)
    assert not is_from_initiator(acceptor)
    assert read_hello(initiator, acceptor).transport is not Transport.UNKNOWN


@pytest.mark.parametrize("data", [b"", b"\0" * 20, b"SSH-2.0-OpenSSH_9.2\r\n", b"GET / HTTP/1.1"])
def test_other_bytes_say_nothing(data: bytes) -> None:
    assert read_hello(data, data) == Hello()
    assert not is_from_initiator(data)


def test_records_of_a_flow_that_began_before_the_capture_are_tls() -> None:
    sealed = record(bytes(40), kind=23, version=0x0303)
    assert read_hello(sealed, b"") == Hello(transport=Transport.TLS)
    assert read_hello(b"", sealed) == Hello(transport=Transport.TLS)
    assert not is_from_initiator(sealed)


def test_the_acceptor_alone_shows_what_is_spoken() -> None:
    assert read_hello(b"", challenge(b"R_STORAGE::sd1")).transport is Transport.CLEARTEXT
    assert read_hello(b"", record(server_hello())).transport is Transport.TLS


def test_a_bareos_hello_is_not_taken_for_a_postgresql_startup() -> None:
    assert read_hello(message(LINE), b"").transport is Transport.CLEARTEXT


@given(st.sampled_from(OPENINGS), st.binary(max_size=5000))
def test_nothing_beyond_the_limit_is_looked_at(opening: tuple[bytes, bytes], more: bytes) -> None:
    initiator, acceptor = (side.ljust(LIMIT, b"\0")[:LIMIT] for side in opening)
    assert read_hello(initiator + more, acceptor + more) == read_hello(initiator, acceptor)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_random_bytes_never_raise(initiator: bytes, acceptor: bytes) -> None:
    assert isinstance(read_hello(initiator, acceptor), Hello)
    assert isinstance(is_from_initiator(initiator), bool)


@given(
    st.sampled_from(OPENINGS),
    st.lists(st.tuples(st.booleans(), st.integers(0, 4095), st.integers(0, 255)), max_size=8),
)
def test_changed_bytes_never_raise(
    opening: tuple[bytes, bytes], changes: list[tuple[bool, int, int]]
) -> None:
    sides = [bytearray(side) for side in opening]
    for side, place, value in changes:
        if sides[side]:
            sides[side][place % len(sides[side])] = value
    hello = read_hello(bytes(sides[0]), bytes(sides[1]))
    assert len(hello.line) <= 512


@pytest.mark.bulk
@pytest.mark.parametrize(("initiator", "acceptor"), OPENINGS)
def test_a_truncated_opening_claims_the_same_or_nothing(initiator: bytes, acceptor: bytes) -> None:
    whole = read_hello(initiator, acceptor)
    for end in range(len(initiator) + 1):
        hello = read_hello(initiator[:end], acceptor)
        assert hello.identity in (whole.identity, None)
        assert hello.user in (whole.user, "")
        assert hello.database in (whole.database, "")
    for end in range(len(acceptor) + 1):
        hello = read_hello(initiator, acceptor[:end])
        assert hello.identity in (whole.identity, None)  # up to 1.2 the suite must be known
        assert whole.proven or not hello.proven


def full(unit: bytes) -> bytes:
    return (unit * (LIMIT // len(unit) + 1))[:LIMIT]


HOSTILE = {
    "records of one byte": full(record(b"\x01")),
    "messages of no bytes": record(full(handshake(1, b""))),
    "alerts that are warnings": full(record(b"\x01\x00", kind=21)),
    "changes of cipher": full(record(b"\x01", kind=20)),
    "empty extensions": record(client_hello(full(extension(41, b""))[: LIMIT // 2])),
    "identities of no bytes": record(client_hello(extension(41, vector(2, bytes(3000))))),
    "requests for tls": full(request(80877103)),
    "empty parameters": (4096).to_bytes(4, "big") + b"\0\x03\0\0" + bytes(4088),
    "lines that begin again": message(full(b"Hello Director a calling version b ")),
    "a line of versions": message(full(b'Hello Client x calling Version="')[:511] + b"\n"),
    "a line of callers": message(full(b"Hello calling version calling ")[:511] + b"\n"),
    "challenges": message(LINE) + full(message(b"auth cram-md5 <1.2@" + b"<@" * 90)),
    "empty messages": message(LINE) + full(message(b"")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_cost_no_more_than_their_number(name: str) -> None:
    data = HOSTILE[name]
    best = 1.0
    for _ in range(5):
        started = time.perf_counter()
        read_hello(data, data)
        best = min(best, time.perf_counter() - started)
    # An honest hello takes some 50 microseconds, a quadratic loop over 4 KiB a second.
    assert best < 0.01


RECORD = record(bytes(32), kind=23)
MOST = record(client_hello(versions(0x0304)))[:5]


@pytest.mark.parametrize(
    ("initiator", "acceptor", "begins"),
    [
        (MOST, b"", True),
        (MOST + b"\1", RECORD, True),
        (MOST + b"\2", b"", False),
        (RECORD, b"", False),
        (RECORD, MOST, False),
        (record(b"\2\x28", kind=21), b"", False),
        (b"", record(b"\2\x28", kind=21), True),
        (b"", MOST, True),
        (b"", RECORD, False),
    ],
)
def test_tls_begins_with_a_handshake(initiator: bytes, acceptor: bytes, begins: bool) -> None:
    assert begins_tls(initiator, acceptor) == begins


def test_records_that_something_else_follows_are_none() -> None:
    assert read_hello(RECORD + RECORD[:7], b"").transport is Transport.TLS
    assert read_hello(RECORD + b"in clear", b"") == Hello()
