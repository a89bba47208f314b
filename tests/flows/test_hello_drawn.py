"""What sides draw at random in their hellos, by which a connection is known again."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hello_wire import RETRY, challenge, client_hello, message, record, server_hello, startup

from auditor.flows.hello_drawn import drawn
from auditor.flows.tables import HELLO_BYTES

DRAW = random.Random(5).randbytes(32)


def bits(*said: bytes, there: int = HELLO_BYTES) -> list[int]:
    """Return what is found in some first bytes, of which so many were seen."""
    hellos = np.zeros((len(said) + 1, HELLO_BYTES), "u1")
    filled = np.zeros((len(said) + 1, HELLO_BYTES // 8), "u1")
    for row, text in enumerate(said, 1):
        hellos[row, : len(text)] = np.frombuffer(text, "u1")
        seen = np.arange(HELLO_BYTES) < min(there, len(text))
        filled[row] = np.packbits(seen)
    found: list[int] = drawn(hellos, filled, np.arange(1, len(said) + 1)).tolist()
    return found


def offering(draw: bytes) -> bytes:
    whole = record(client_hello())
    return whole[:11] + draw + whole[43:]


def test_the_randoms_of_both_hellos_of_tls_are_told_apart() -> None:
    answer = record(server_hello(random=DRAW))
    other = bytes([DRAW[0] ^ 1]) + DRAW[1:]
    one, two, three = bits(offering(DRAW), answer, offering(other))
    assert one == two != 0  # 64 bits of the same random
    assert three not in {0, one}


@pytest.mark.parametrize(
    "said",
    [
        record(server_hello(random=RETRY)),
        offering(bytes(32)),
        startup(user="bareos"),
        b"",
        b"x" * 60,
    ],
    ids=["retry", "no random", "PostgreSQL", "nothing", "anything"],
)
def test_what_is_no_random_is_none(said: bytes) -> None:
    assert bits(said) == [0]
    assert bits(said, offering(DRAW), said)[1] != 0


@pytest.mark.parametrize("there", [0, 11, 42])
def test_nor_is_one_that_was_not_seen_to_its_end(there: int) -> None:
    assert bits(offering(DRAW), there=there) == [0]


def test_of_a_challenge_the_number_and_the_time_count() -> None:
    one, named, other = bits(
        challenge(b"R_DIRECTOR::dir"),
        challenge(b"sd1"),
        challenge(b"sd1").replace(b"12345678.", b"12345679."),
    )
    assert one == named != 0
    assert other not in {0, one}
    assert bits(message(b"auth cram-md5 <" + b"1" * 70 + b"@x> ssl=0\n")) == [0]
