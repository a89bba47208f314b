"""Names stand for others of their length, one to one, wherever they are said."""

from __future__ import annotations

import string
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.evidence.anonymizing.pseudonyms import Pseudonyms
from auditor.flows.flow import Identity
from auditor.flows.hello.hello_lines import read_line
from auditor.flows.hello.identities import challenge_identity, psk_identity

NAMES = Pseudonyms(b"a key")
LETTERS = string.ascii_letters + string.digits + "-_."


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=600))
def test_every_name_keeps_its_length(name: bytes) -> None:
    assert len(NAMES.name(name)) == len(name)
    assert len(NAMES.host(name.replace(b".", b"x"))) == len(name)
    assert NAMES.name(name).replace(b"\x01", b" ").decode().isprintable()


@pytest.mark.parametrize("size", [1, 2])
def test_short_names_are_not_confused(size: int) -> None:
    names = ["".join(letters).encode() for letters in product(LETTERS, repeat=size)]
    assert len({NAMES.name(name) for name in names}) == len(names)


def test_a_name_is_hidden_by_its_key() -> None:
    made = {Pseudonyms(bytes([key])).name(b"backup-director") for key in range(8)}
    assert len(made) == 8
    assert b"backup-director" not in made
    assert Pseudonyms(b"a key").name(b"backup-director") == NAMES.name(b"backup-director")


def test_the_names_that_every_site_has_are_kept() -> None:
    assert NAMES.name(b"*UserAgent*") == b"*UserAgent*"
    assert NAMES.name(b"bareos-mon") == b"bareos-mon"
    assert NAMES.name(b"bareos-mon-fd1") == b"bareos-mon" + NAMES.name(b"-fd1")


def test_the_date_of_a_job_is_kept() -> None:
    date = b".2026-01-02_03.04.05_06"
    assert NAMES.name(b"nightly" + date) == NAMES.name(b"nightly") + date


def test_blanks_are_kept_however_they_are_spelled() -> None:
    one, other = NAMES.name(b"my own fd"), NAMES.name(b"my\x01own\x01fd")
    assert one == other.replace(b"\x01", b" ") != b"my own fd"
    assert [len(word) for word in one.split(b" ")] == [2, 3, 2]


def test_labels_of_a_host_stand_for_themselves() -> None:
    one, other = NAMES.host(b"www.Example.org"), NAMES.host(b"db.example.org")
    assert one.split(b".")[1:] == other.split(b".")[1:]
    assert [len(label) for label in one.split(b".")] == [3, 7, 3]


@pytest.mark.parametrize("size", [1, 2])
def test_a_short_label_looks_like_a_name_if_it_is_one(size: int) -> None:
    letters = string.ascii_lowercase + string.digits
    labels = ["".join(one).encode() for one in product(letters, repeat=size)]
    made = [NAMES.host(label) for label in labels]
    assert len({*made}) == len(labels)
    assert [one.isdigit() for one in made] == [one.isdigit() for one in labels]
    assert [one[:1].isdigit() for one in made] == [one[:1].isdigit() for one in labels]


@pytest.mark.parametrize("label", [b"backup-1", b"_x", b"1-2", b"-", b"\xc3\xa9"])
def test_a_label_of_other_letters_begins_with_a_letter(label: bytes) -> None:
    made = {Pseudonyms(bytes([key])).host(label) for key in range(64)}
    assert all(one[:1].isalpha() and len(one) == len(label) for one in made)


@pytest.mark.parametrize("name", [b"localhost", b"x.localdomain", b"LOCALHOST", b"ip6-localhost"])
def test_what_a_host_calls_itself_stays(name: bytes) -> None:
    assert NAMES.host(name).rpartition(b".")[2] == name.lower().rpartition(b".")[2]


@pytest.mark.parametrize("kind", ["R_DIRECTOR", "R_CLIENT", "R_JOB", "R_STORAGE", "R_CONSOLE"])
@pytest.mark.parametrize("name", ["fd1", "a fine name", "ü", "x" * 127])
def test_a_name_is_the_same_in_every_form(kind: str, name: str) -> None:
    hidden = NAMES.name(name.encode()).decode()
    sent = psk_identity(NAMES.identity(f"{kind}\x1e{name}".encode()))
    assert sent is not None
    assert (sent.type, sent.name) == (kind, hidden)
    text = f"auth cram-md5 <1.2@{kind}::{name.replace(' ', chr(1))}> ssl=0\n"
    answer = NAMES.answer(text.encode()).decode()
    told = challenge_identity(
        answer[answer.index("@") + 1 : answer.index(">")].replace("\x01", " ")
    )
    assert told == sent


LINES = [
    "Hello Director {} calling",
    "Hello Client {} FdProtocolVersion=54 calling",
    'Hello {} calling version 26.0.0~pre1298.eda204c31.dirty Version="26.0.0"',
    "Hello Start Job {}",
    'Hello Storage calling Start Job {} Version="23.0.3"',
    "Hello Start Storage Job {}",
    "Hello Director {} calling 10002",
    "Hello Bacula SD: Start Job {} 1 tlspsk=100",
]


@pytest.mark.parametrize("line", LINES)
def test_a_hello_line_claims_the_pseudonym_and_else_the_same(line: str) -> None:
    before = read_line(line.format("fd1"))
    hidden = NAMES.hello_line(line.format("fd1").encode() + b"\n\0")
    after = read_line(hidden.rstrip(b"\n\0").decode())
    assert before is not None
    assert after is not None
    name = NAMES.name(b"fd1").decode()
    assert after == before._replace(identity=Identity(before.identity.type, name))
    assert hidden.endswith(b"\n\0")


@pytest.mark.parametrize(
    "line",
    [
        b"Hello SECRET, who are you?",
        b'Hello Client x calling Version="SECRET"',
        b"Hello x calling version SECRET",
        b"Hello SECRET\x01SECRET",
        b"Hello ",
    ],
)
def test_whatever_else_a_hello_says_is_hidden(line: bytes) -> None:
    hidden = NAMES.hello_line(line)
    assert len(hidden) == len(line)
    assert hidden.startswith(b"Hello ")
    assert b"SECRET" not in hidden


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (b"1999 Authorization failed.\n", b"1999 Authorization failed.\n"),
        (b"1000 OK: SECRET Version: 23.0.3", b"1000 OK: "),
        (b"the connection of SECRET was rejected\n", b"connection"),
        (b"auth cram-md5 <1.2@SECRET> ssl=0\n", b"auth cram-md5 <1.2@"),
    ],
)
def test_of_an_answer_the_words_of_the_protocol_are_kept(answer: bytes, kept: bytes) -> None:
    hidden = NAMES.answer(answer)
    assert len(hidden) == len(answer)
    assert kept in hidden
    assert b"SECRET" not in hidden
