"""Sides have the same number only where a reader makes the same of what they said."""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
import pytest
from hello_pairs import Pair, drawn, drawn_in_clear, mutated, pairs
from hello_wire import message, record, startup

from auditor.flows.flow import Hello, Outcome, Side
from auditor.flows.hello import read_hello
from auditor.flows.login import find_refusal
from auditor.flows.refusal import Refusal
from auditor.flows.tables import HELLO_BYTES, SIDE, STATE, TRACE
from auditor.flows.tcp_state import HAS_ISN
from auditor.flows.words import NO_WORDS, mixed, note_all_words

SEED = 0x0123456789ABCDEF


def words(*texts: bytes, more: int = 0, **traces: int) -> list[int]:
    """Return the numbers of sides that said this first, and so many octets more."""
    states, sides = np.zeros(1, STATE), np.zeros(len(texts), SIDE)
    states["seeds"] = SEED
    hellos = np.zeros((len(texts), HELLO_BYTES), "u1")
    seen = np.zeros((len(texts), HELLO_BYTES), "u1")
    for row, text in enumerate(texts):
        hellos[row, : len(text)] = np.frombuffer(text[:HELLO_BYTES], "u1")
        seen[row, : len(text)] = 1
        sides[row]["next"] = 1 + len(text) + more
    sides["bits"], sides["hello"] = HAS_ISN, np.arange(len(texts))
    found = np.zeros(len(texts), TRACE)
    for column, value in traces.items():
        found[column] = value
    room, rows = np.zeros(HELLO_BYTES, "u1"), np.arange(len(texts))
    note_all_words(states, sides, hellos, np.packbits(seen, axis=1), found, room, rows)
    return [int(one) for one in sides["words"]]


def made_of(pair: Pair, more: int) -> tuple[Hello, Refusal | None]:
    """Return what is read of two sides when the acceptor closed first."""
    ends = [
        Side("", 0, first=0, stream=len(text) + more, fin=fin)
        for text, fin in zip(pair, (5, 4), strict=True)
    ]
    hello = read_hello(*pair)
    return hello, find_refusal(
        Outcome.ESTABLISHED, hello, (ends[0], ends[1]), pair, one_sided=False
    )


def logins(at_random: random.Random) -> Pair:
    """Sealed records of a login that goes to its end, or is refused before, or by an alert."""
    sent, received = drawn(at_random, b"R_CONSOLE\x1emon")
    for _ in range(at_random.randrange(7)):
        sent += record(at_random.randbytes(at_random.choice((19, 19, 40, 60))), kind=23)
        received += record(at_random.randbytes(at_random.choice((19, 50))), kind=23)
    return sent, received


def in_clear(at_random: random.Random) -> Pair:
    """A login in clear with messages that decide something, in any order."""
    sent, received = drawn_in_clear(at_random)
    for _ in range(at_random.randrange(4)):
        told = at_random.choice(
            (b"1999 no\n", b"2999\n", b"4999 x\n", b"x was REJECTED\n", b"1000 OK auth\n", b"gF/m")
        )
        if at_random.random() < 0.5:
            sent = sent[: 4 + int.from_bytes(sent[:4], "big")] + message(told)
        else:
            received = message(told) + received
    return sent, received


@pytest.mark.bulk
@pytest.mark.parametrize("more", [0, 10])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_number_is_read_alike(seed: int, more: int) -> None:
    at_random = random.Random(seed)
    whole = pairs() * 2 + [logins(at_random) for _ in range(150)]
    whole += [in_clear(at_random) for _ in range(150)] + [drawn_in_clear(at_random)] * 3
    found = whole + [(mutated(one, at_random), other) for one, other in whole]
    found += [(one, mutated(other, at_random)) for one, other in whole]
    numbers = words(*(text for pair in found for text in pair), more=more)
    alike = defaultdict(list)
    for pair, one, other in zip(found, numbers[::2], numbers[1::2], strict=True):
        if min(one, other) > 0:
            alike[one, other].append(made_of(pair, more))
    assert max(map(len, alike.values())) > 5
    assert len(alike) > 20
    for same in alike.values():
        assert all(one == same[0] for one in same)


@pytest.mark.parametrize("make", [drawn, drawn_in_clear])
def test_what_is_drawn_at_random_makes_no_difference(make: object) -> None:
    assert callable(make)
    at_random = random.Random(3)
    for side in zip(*(make(at_random) for _ in range(9)), strict=True):
        (number,) = set(words(*side))
        assert number > 0


def test_neither_do_the_lengths_of_what_is_sealed_after_a_login() -> None:
    sent, _ = drawn(random.Random(1), b"R_CONSOLE\x1emon")
    texts = [sent + b"".join(record(bytes(k + n), kind=23) for n in range(8)) for k in (30, 40)]
    assert len(set(words(*texts))) == 1


@pytest.mark.parametrize("identity", [b"R_CONSOLE\x1emoo", b"R_DIRECTOR\x1emon", b"R_CONSOLE\x1em"])
def test_another_identity_is_another_number(identity: bytes) -> None:
    sides = [drawn(random.Random(1), one)[0] for one in (b"R_CONSOLE\x1emon", identity)]
    assert len(set(words(*sides))) == 2


def test_another_line_is_another_number() -> None:
    lines = [
        b"Hello mon calling 10002\0",
        b"Hello moo calling 10002\0",
        b"Hello mon calling 10003\0",
    ]
    assert len(set(words(*(drawn_in_clear(random.Random(1), one)[0] for one in lines)))) == 3


@pytest.mark.parametrize(
    "text",
    [
        b"", b"x", b"GET / HTTP/1.0\r\n\r\n", startup(user="bareos"), message(b"Hello")[:8],
        message(b"Hello mon calling 10002\0") + record(b"\x01\0\0\0"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_like_nothing(text: bytes) -> None:
    assert words(text) == [NO_WORDS]


@pytest.mark.parametrize("column", ["refused", "second"])
def test_what_was_said_in_two_ways_is_like_nothing(column: str) -> None:
    assert words(drawn(random.Random(1))[0], **{column: 1}) == [NO_WORDS]


def test_the_mixture_stays_within_its_bits() -> None:
    one = 1
    for value in (0, 1, 2**31 - 1, 2**31 - 2):
        one = mixed(one, value, 2**63 - 1)
        assert 0 <= one < 2**62
