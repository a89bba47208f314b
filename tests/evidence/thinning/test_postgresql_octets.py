"""Of a PostgreSQL client user and database are kept, and nothing else that it says (P7)."""

from __future__ import annotations

import pytest
from hello_wire import request, startup
from hypothesis import given
from hypothesis import strategies as st

from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.postgresql_octets import add_startup, count_requests, is_client
from auditor.flows.hello import read_hello


def kept(sent: bytes) -> bytes:
    out = Excerpt(sent)
    add_startup(out)
    assert out.ended
    return bytes(out.kept)


def packet(*words: bytes, end: bytes = b"\0\0") -> bytes:
    body = (3 << 16).to_bytes(4, "big") + b"\0".join(words) + end
    return (len(body) + 4).to_bytes(4, "big") + body


def test_other_parameters_are_blanked_in_their_place() -> None:
    sent = packet(b"user", b"u", b"options", b"-c SECRET", b"database", b"d", b"SECRET", b"x")
    found = kept(sent)
    assert (len(found), b"SECRET" in found) == (len(sent), False)
    assert found == packet(b"user", b"u", b" " * 7, b" " * 9, b"database", b"d", b" " * 6, b" ")
    assert kept(startup(user="bareos")) == startup(user="bareos")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"user", b"database", b"options", b"x" * 30]),
            st.binary(max_size=20).map(lambda value: value.replace(b"\0", b"")),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_reader_finds_the_same_user_and_database(pairs: list[tuple[bytes, bytes]]) -> None:
    sent = packet(*(word for pair in pairs for word in pair))
    assert read_hello(kept(sent), b"") == read_hello(sent, b"")


@pytest.mark.parametrize(
    "sent",
    [
        packet(b"user", b"SECRET", end=b"\0"),
        packet(b"user", b"SECRET", b"odd"),
        packet(b"user", b"SECRET")[:-1] + b"X",
        packet(b"user", b"SECRET" * 1000),
    ],
)
def test_of_what_is_no_startup_packet_to_its_end_the_head_is_kept(sent: bytes) -> None:
    assert kept(sent) == sent[:8]


def test_a_startup_packet_waits_for_its_end() -> None:
    out = Excerpt(startup(user="bareos")[:-1])
    add_startup(out)
    assert (out.size, out.ended) == (8, False)


@pytest.mark.parametrize("other", [request(80877102), b"p\0\0\0\x0bSECRET\0", packet(b"") * 0])
def test_anything_else_is_not_kept(other: bytes) -> None:
    out = Excerpt(other)
    add_startup(out)
    assert (out.size, out.ended) == (0, bool(other))


def test_requests_are_counted_up_to_two() -> None:
    one, two = request(80877104), request(80877103)
    assert [count_requests(sent) for sent in (b"", one[:7], one, one + two, one + two + one)] == [
        0, 0, 1, 2, 2,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "found"),
    [(b"\0", None), (b"\0\0\0\x08\x04", None), (b"SEC", False), (request(80877103), True)],
)
def test_a_client_is_known_by_eight_bytes(sent: bytes, found: bool | None) -> None:
    assert is_client(sent) is found
