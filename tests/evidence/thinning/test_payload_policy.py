"""How much of a side's first bytes may be kept, without packets (R6)."""

from __future__ import annotations

import pytest
from hello_wire import client_hello, message, record, request, startup
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.payload_policy import PREFIX_BYTES, Allowance, allowance

HELLO = message(b"Hello Director x calling\n")
START = startup(user="bareos")
ALERT, TERMINATE = record(b"\x02\x2f", kind=21), b"\xff\xff\xff\xfc"


def initiators(sent: bytes, received: bytes = b"") -> Allowance:
    return allowance(sent[:PREFIX_BYTES], received, may_initiate=True, may_accept=False)


def acceptors(sent: bytes, received: bytes = b"") -> Allowance:
    return allowance(sent, received[:PREFIX_BYTES], may_initiate=False, may_accept=True)


def midstream(sent: bytes) -> Allowance:
    return allowance(sent, b"", may_initiate=True, may_accept=True)


@pytest.mark.parametrize(
    ("sent", "size"),
    [
        (record(client_hello()), HELLO_BYTES),
        (HELLO, len(HELLO)),
        (request(80877103), 8),
        (request(80877104) + request(80877103), 16),
        (request(80877103) + START, 8 + len(START)),
        (request(80877103) + b"\x16\x03\x01\x02\0\1\0\1", HELLO_BYTES),
        (START, len(START)),
        (request(80877102), 0),
        (b"SECRET-file-data" * 4, 0),
        ((2_000_000).to_bytes(4, "big") + b"Hello Director", 0),
        (b"\x17\x03\x03\0\x20" + bytes(32), 0),
    ],
)
def test_of_an_initiator(sent: bytes, size: int) -> None:
    assert initiators(sent).size == size


@pytest.mark.parametrize(
    ("sent", "received", "size"),
    [
        (message(b"1000 OK\n"), HELLO, len(message(b"1000 OK\n"))),
        (message(b"auth cram-md5 <1.2@x>\n"), b"", len(message(b"auth cram-md5 <1.2@x>\n"))),
        (b"N", request(80877103), 1),
        (b"NN", request(80877104) + request(80877103), 2),
        (b"S\x16\x03", request(80877103), HELLO_BYTES),
        (b"E\0\0\0", request(80877103), 0),
        (b"SECRET", START, 0),
        (b"N", record(client_hello()), 0),
        (ALERT + TERMINATE, record(client_hello()), 11),
        (ALERT + b"SECRET-file-data", record(client_hello()), 11),
        (TERMINATE, HELLO, 4),
    ],
)
def test_of_an_acceptor(sent: bytes, received: bytes, size: int) -> None:
    assert acceptors(sent, received).size == size


def test_of_a_stream_seen_from_its_middle_a_records_header_is_kept() -> None:
    assert midstream(b"\x17\x03\x03\0\x20" + bytes(19)) == Allowance(5, True)
    assert midstream(b"\x17\x03\x03\0\0" + bytes(19)).size == 0
    assert midstream(b"\x17\x03\x05\0\x20" + bytes(19)).size == 0


def test_an_alert_is_a_refusal_at_the_beginning_of_a_stream_only() -> None:
    """bareos.md §11: an alert, then TERMINATE, and nothing else."""
    assert acceptors(ALERT[:2], record(client_hello())) == Allowance(11, True)
    assert not acceptors(ALERT[:1], record(client_hello())).settled
    assert midstream(ALERT + TERMINATE) == Allowance(5, True)  # as of any record


@pytest.mark.parametrize("sent", [b"", b"\x15", b"\x16", b"\0\0\0\x19Hel", request(80877103)[:5]])
def test_what_more_bytes_may_change_is_not_settled(sent: bytes) -> None:
    assert not initiators(sent).settled


@given(st.binary(max_size=PREFIX_BYTES), st.booleans(), st.booleans())
def test_whatever_was_settled_stays_settled(
    sent: bytes, may_initiate: bool, may_accept: bool
) -> None:
    found = [
        allowance(sent[:size], b"", may_initiate=may_initiate, may_accept=may_accept)
        for size in range(len(sent) + 1)
    ]
    assert len({one.size for one in found if one.settled}) <= 1
    assert all(0 <= one.size <= HELLO_BYTES for one in found)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (b"", Allowance(0, False)),
        (b"S", Allowance(1, False)),  # TLS should follow
        (b"S\x16", Allowance(1, False)),
        (b"S\x16\x03", Allowance(HELLO_BYTES, True)),
        (b"Sx", Allowance(1, True)),
        (b"N", Allowance(1, False)),  # the client may ask for the other kind of encryption
        (b"N" + bytes(PREFIX_BYTES), Allowance(1, True)),  # it went on without
    ],
)
def test_an_answer_to_a_request_for_encryption_is_settled_by_what_follows(
    sent: bytes, found: Allowance
) -> None:
    """One byte answers each request (bareos.md §1.9): ``S`` begins TLS, ``N`` refuses."""
    assert acceptors(sent, request(80877103)) == found


def test_a_refusal_is_settled_when_the_client_goes_on_without_encryption() -> None:
    assert acceptors(b"N", request(80877103) + START) == Allowance(1, True)
