from __future__ import annotations

import pytest
from hello_wire import handshake_of, record, request, startup

from auditor.flows.flow import Hello, Transport
from auditor.flows.hello.postgresql import is_postgresql, read_postgresql

SSL_REQUEST, GSSENC_REQUEST = request(80877103), request(80877104)
CANCEL = (16).to_bytes(4, "big") + (80877102).to_bytes(4, "big") + b"\x00\x00\x10\x00keyk"
POSTGRESQL = Hello(transport=Transport.POSTGRESQL)


def test_a_startup_packet_names_user_and_database() -> None:
    hello = read_postgresql(startup(user="bareos", database="catalog"), b"R\0\0\0\x08\0\0\0\0")
    assert hello == Hello(transport=Transport.POSTGRESQL, user="bareos", database="catalog")


def test_the_database_is_named_like_the_user_unless_another_is_named() -> None:
    hello = read_postgresql(startup(user="bareos"), b"")
    assert (hello.user, hello.database) == ("bareos", "bareos")


def test_the_order_of_the_parameters_does_not_matter() -> None:
    hello = read_postgresql(startup(options="user", database="a", user="b"), b"")
    assert (hello.user, hello.database) == ("b", "a")


def test_a_packet_that_is_cut_short_names_no_database_by_default() -> None:
    packet = startup(user="bareos", database="catalog")
    hello = read_postgresql(packet[:-4], b"")
    assert (hello.user, hello.database) == ("bareos", "")
    assert read_postgresql(packet[:16], b"") == POSTGRESQL


@pytest.mark.parametrize("answer", [b"N", b"", b"NR\0\0\0\x08"])
def test_a_refused_request_for_tls_is_followed_by_the_startup(answer: bytes) -> None:
    hello = read_postgresql(SSL_REQUEST + startup(user="bareos"), answer)
    assert (hello.tls_requested, hello.user, hello.tls_offered) == (True, "bareos", "")


def test_a_granted_request_is_followed_by_tls() -> None:
    initiator, acceptor = handshake_of("tls13-certificate")
    hello = read_postgresql(SSL_REQUEST + initiator, b"S" + acceptor)
    assert (hello.transport, hello.tls_requested) == (Transport.POSTGRESQL, True)
    assert (hello.tls_version, hello.certificate, hello.user) == ("1.3", True, "")


def test_a_request_for_gss_before_the_one_for_tls_is_stepped_over() -> None:
    initiator, acceptor = handshake_of("tls12-certificate")
    hello = read_postgresql(GSSENC_REQUEST + SSL_REQUEST + initiator, b"NS" + acceptor)
    assert (hello.tls_requested, hello.tls_version) == (True, "1.2")


def test_a_request_for_gss_asks_for_no_tls() -> None:
    hello = read_postgresql(GSSENC_REQUEST + startup(user="bareos"), b"N")
    assert (hello.tls_requested, hello.user) == (False, "bareos")
    assert read_postgresql(GSSENC_REQUEST + record(b"x"), b"G") == POSTGRESQL


def test_a_cancel_request_says_nothing_more() -> None:
    assert read_postgresql(CANCEL, b"") == POSTGRESQL


def test_a_password_is_never_kept() -> None:
    password = b"p" + (11).to_bytes(4, "big") + b"secret\0"
    hello = read_postgresql(startup(user="bareos", database="b") + password, b"R")
    assert "secret" not in repr(hello)


@pytest.mark.parametrize("packet", [SSL_REQUEST, GSSENC_REQUEST, CANCEL, startup(user="u")])
def test_what_a_client_says_first_is_told_by_eight_bytes(packet: bytes) -> None:
    assert is_postgresql(packet[:8])
    assert not is_postgresql(packet[:7])


@pytest.mark.parametrize(
    "packet",
    [
        (9).to_bytes(4, "big") + SSL_REQUEST[4:],
        (15).to_bytes(4, "big") + CANCEL[4:],
        (300).to_bytes(4, "big") + CANCEL[4:],
        (10_001).to_bytes(4, "big") + startup(user="u")[4:],
        (8).to_bytes(4, "big") + startup(user="u")[4:],
        startup(user="u")[:5] + b"\x02" + startup(user="u")[6:],
    ],
    ids=["SSL", "cancel short", "cancel long", "startup long", "startup short", "protocol 2"],
)
def test_other_lengths_and_protocols_are_not_postgresql(packet: bytes) -> None:
    assert not is_postgresql(packet)
