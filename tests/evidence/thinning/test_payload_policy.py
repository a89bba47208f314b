"""What of a side's first bytes may be kept, without packets (P1 to P7)."""

from __future__ import annotations

import pytest
from hello_wire import CHANGE_CIPHER_SPEC, client_hello, message, record, request, startup
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.payload_policy import excerpt

HELLO = message(b"Hello Director x calling\n")
START = startup(user="bareos")
ALERT, TERMINATE = record(b"\x02\x2f", kind=21), b"\xff\xff\xff\xfc"
OFFER = record(client_hello())
SECRET = b"SECRET-file-data"


def initiators(sent: bytes, received: bytes = b"") -> Excerpt:
    return excerpt(sent, received)


def acceptors(sent: bytes, received: bytes = b"") -> Excerpt:
    return excerpt(sent, received)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (OFFER, OFFER),
        (HELLO, HELLO),
        (HELLO + message(SECRET), HELLO),
        (request(80877103), request(80877103)),
        (request(80877104) + request(80877103), request(80877104) + request(80877103)),
        (request(80877103) + START, request(80877103) + START),
        (request(80877103) + OFFER, request(80877103) + OFFER),
        (START + SECRET, START),
        (request(80877102), b""),
        (SECRET * 4, b""),
        ((2_000_000).to_bytes(4, "big") + b"Hello Director", b""),
        (record(SECRET, kind=23), b""),
    ],
)
def test_of_an_initiator(sent: bytes, kept: bytes) -> None:
    assert bytes(initiators(sent).kept) == kept


@pytest.mark.parametrize(
    ("sent", "received", "kept"),
    [
        (message(b"1000 OK\n"), HELLO, message(b"1000 OK\n")),
        (message(b"auth cram-md5 <1.2@x>\n"), b"", message(b"auth cram-md5 <1.2@x>\n")),
        (message(SECRET), HELLO, message(SECRET)[:4]),
        (message(SECRET), b"", b""),
        (b"N", request(80877103), b"N"),
        (b"NN", request(80877104) + request(80877103), b"NN"),
        (b"NN" + SECRET, request(80877104) + request(80877103), b"NN"),
        (b"S" + OFFER, request(80877103), b"S" + OFFER),
        (b"S" + SECRET, request(80877103), b"S"),
        (b"E\0\0\0", request(80877103), b""),
        (SECRET, START, b""),
        (b"N", OFFER, b""),
        (ALERT + TERMINATE, OFFER, ALERT + TERMINATE),
        (ALERT + SECRET, OFFER, ALERT),
        (TERMINATE, HELLO, TERMINATE),
        (b"\x80SEC", HELLO, b""),  # no signal is so far below zero
    ],
)
def test_of_an_acceptor(sent: bytes, received: bytes, kept: bytes) -> None:
    assert bytes(acceptors(sent, received).kept) == kept


@pytest.mark.parametrize(
    "sent", [b"", b"\x15", b"\x16", OFFER[:-1], b"\0\0\0\x19Hel", HELLO[:-1], request(80877103)[:5]]
)
def test_what_more_bytes_may_change_is_not_settled(sent: bytes) -> None:
    assert not initiators(sent).ended


@given(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from([HELLO, START, OFFER, request(80877103) + OFFER, OFFER + ALERT]),
    ),
    st.sampled_from([b"", HELLO, START, OFFER, request(80877103) + START]),
)
def test_more_bytes_only_add_to_what_is_kept(sent: bytes, received: bytes) -> None:
    sent += CHANGE_CIPHER_SPEC + SECRET
    before = Excerpt(b"")
    for size in range(len(sent) + 1):
        now = excerpt(sent[:size], received)
        assert now.kept[: before.size] == before.kept
        assert now.size <= size
        assert not before.ended or (now.ended and now.size == before.size)
        before = now


@pytest.mark.parametrize(
    ("sent", "kept", "ended"),
    [
        (b"", b"", False),
        (b"S", b"S", False),  # TLS should follow
        (b"S\x16", b"S", False),
        (b"Sx", b"S", True),
        (b"N", b"N", False),  # the client may ask for the other kind of encryption
        (b"E", b"", True),
    ],
)
def test_an_answer_to_a_request_for_encryption_is_settled_by_what_follows(
    sent: bytes, kept: bytes, ended: bool
) -> None:
    """One byte answers each request (bareos.md §1.9): ``S`` begins TLS, ``N`` refuses."""
    found = acceptors(sent, request(80877103))
    assert (bytes(found.kept), found.ended) == (kept, ended)


def test_a_refusal_is_settled_when_the_client_goes_on_without_encryption() -> None:
    found = acceptors(b"N" + SECRET, request(80877103) + START)
    assert (bytes(found.kept), found.ended) == (b"N", True)


def test_an_answer_that_comes_before_what_it_answers_waits_so_long() -> None:
    assert not acceptors(message(b"1000 OK\n")).ended
    assert acceptors(b"\0" * 4 + SECRET * 40).ended
    assert acceptors(b"x").ended
