"""Of a cleartext login one line of each side is kept, or what it is known by (P6)."""

from __future__ import annotations

import pytest
from hello_wire import message

from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.message_octets import add_answer, add_hello, is_challenge, is_hello

SECRET = b"SECRET-file-data"


def hello(text: bytes) -> Excerpt:
    out = Excerpt(message(text))
    add_hello(out)
    return out


def answer(sent: bytes) -> bytes:
    out = Excerpt(sent)
    add_answer(out)
    assert out.ended
    return bytes(out.kept)


@pytest.mark.parametrize(
    "line",
    [
        b"Hello Director x calling\n",
        b'Hello Gr\xc3\xb6\xc3\x9fe\x01zwei calling version 23.0.0 (1 May) Version="23"',
        b"Hello Start Job j.2026-01-01_00.00.00_01\n\0",
        b"Hello " + b"x" * 506,
    ],
)
def test_one_line_of_text_is_kept(line: bytes) -> None:
    assert bytes(hello(line).kept) == message(line)


@pytest.mark.parametrize(
    "line",
    [
        b"Hello " + b"x" * 507,
        b"Hello " + SECRET * 125,
        b"Hello a\nSECRET\n",
        b"Hello \x00\x02SECRET",
        b"Hello \xff\xfeSECRET",
        b"Hello \x1b[2JSECRET",
    ],
)
def test_of_anything_else_it_is_kept_that_it_began_so(line: bytes) -> None:
    out = hello(line)
    assert (bytes(out.kept), out.ended) == (message(line)[:10], True)


def test_a_line_waits_for_its_end() -> None:
    out = Excerpt(message(b"Hello Director x calling\n")[:-1])
    add_hello(out)
    assert (out.size, out.ended) == (10, False)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (b"", None),
        (b"\0\0\0", None),
        (message(b"Hello Dir"), True),
        (message(b"Hello Dir")[:9], None),
        (message(b"hello Dir"), False),
        ((1_000_001).to_bytes(4, "big") + b"Hello Dir", False),
        (b"\xff\xff\xff\xfcHello Dir", False),
        (b"N", False),
        (b"\0\0\0\x05", False),
    ],
)
def test_a_hello_is_known_by_ten_bytes(sent: bytes, found: bool | None) -> None:
    assert is_hello(sent) is found


@pytest.mark.parametrize(
    "text",
    [
        b"auth cram-md5 <1.2@R_CLIENT::y> ssl=0\n",
        b"auth cram-md5c <1.2@>\n",
        b"1999 Authorization failed.\n",
        b"3999 no\n",
        b"1000 OK: dir Version: 23\n",
        b"Connection from Director dir rejected.\n",
    ],
)
def test_an_answer_that_a_reader_asks_for_is_kept(text: bytes) -> None:
    assert answer(message(text)) == message(text)
    assert is_challenge(message(text)) == text.startswith(b"auth")


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        b"auth cram-md5 " + SECRET,
        b"auth cram-md5 <1.2@x> ssl=0\n" + SECRET,
        b"1999 " + SECRET * 40,
        b"1999 \x02" + SECRET,
        b"2000 " + SECRET,
    ],
)
def test_of_any_other_its_length_is_kept(text: bytes) -> None:
    assert answer(message(text)) == message(text)[:4]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"\xff\xff\xff\xfcSECRET", b"\xff\xff\xff\xfc"),
        (b"\xf0\0\0\0SECRET", b""),
        (b"\x7fSECRET", b""),
    ],
)
def test_signals_are_small_numbers(sent: bytes, kept: bytes) -> None:
    assert answer(sent) == kept


def test_an_answer_waits_for_its_length() -> None:
    out = Excerpt(b"\0\0\0")
    add_answer(out)
    assert (out.size, out.ended) == (0, False)


@pytest.mark.parametrize("piece", [False, True])
def test_a_piece_tells_that_there_was_a_response_and_not_what(piece: bool) -> None:
    """The consent to it may be in the next file."""
    sent = message(b"Hello Director x calling\n") + message(SECRET) + message(SECRET)
    kept = len(message(b"Hello Director x calling\n"))
    for size in range(kept, len(sent) + 1):
        out = Excerpt(sent[:size], piece=piece)
        add_hello(out)
        whole = size >= kept + 4 + len(SECRET)
        blanked = len(SECRET).to_bytes(4, "big") + bytes(len(SECRET))
        assert bytes(out.kept) == sent[:kept] + (blanked if piece and whole else b"")
        assert out.ended == (whole or not piece)


@pytest.mark.parametrize("rest", [b"\xff\xff\xff\xfc", b"\x16\x03\x01\x02", b"\0\0\x02\x01"])
def test_nothing_else_is_kept_of_a_piece(rest: bytes) -> None:
    out = Excerpt(message(b"Hello Director x calling\n") + rest + SECRET, piece=True)
    add_hello(out)
    assert out.ended
    assert bytes(out.kept) == message(b"Hello Director x calling\n")
