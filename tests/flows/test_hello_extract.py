"""Blanking of what is random takes nothing away that anybody reads."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hello_pairs import Pair, drawn, mutated, pairs
from hello_wire import (
    RETRY,
    chosen,
    cleartext,
    client_hello,
    keys,
    record,
    server_hello,
    startup,
    versions,
)

from auditor.flows.hello import is_from_initiator, read_hello
from auditor.flows.hello.records import record_sizes
from auditor.flows.hello_extract import extract
from auditor.flows.tables import HELLO_BYTES


def extracted(*texts: bytes) -> list[bytes]:
    """Return what is kept of first bytes."""
    hellos = np.zeros((len(texts), HELLO_BYTES), "u1")
    seen = np.zeros((len(texts), HELLO_BYTES), "u1")
    for row, text in enumerate(texts):
        hellos[row, : len(text)] = np.frombuffer(text[:HELLO_BYTES], "u1")
        seen[row, : len(text)] = 1
    rows = np.arange(len(texts))
    out = np.full((len(texts), HELLO_BYTES + 2), 0xAA, "u1")
    assert extract(hellos, np.packbits(seen, axis=1), rows, rows, out) == len(texts)
    return [one[2 : 2 + int.from_bytes(one[:2], "big")] for one in map(bytes, out)]


def assert_is_read_alike(found: list[Pair]) -> None:
    blanked = extracted(*(text for pair in found for text in pair))
    for k, pair in enumerate(found):
        kept = blanked[2 * k], blanked[2 * k + 1]
        assert read_hello(*kept) == read_hello(*pair)
        for one, text in zip(kept, (text[:HELLO_BYTES] for text in pair), strict=True):
            assert len(one) == len(text)
            assert record_sizes(one) == record_sizes(text)
            assert is_from_initiator(one) is is_from_initiator(text)


def test_recorded_hellos_are_read_alike() -> None:
    assert len(pairs()) > 20
    assert_is_read_alike(pairs())


@pytest.mark.bulk
@pytest.mark.parametrize("seed", range(8))
def test_hellos_that_were_cut_changed_or_crossed_are_read_alike(seed: int) -> None:
    at_random = random.Random(seed)
    texts = [text for pair in pairs() for text in pair]
    found = [
        (mutated(at_random.choice(texts), at_random), mutated(at_random.choice(texts), at_random))
        for _ in range(150)
    ]
    whole = [(mutated(one, at_random), other) for one, other in pairs() * 2]
    whole += [(one, mutated(other, at_random)) for one, other in pairs() * 2]
    assert_is_read_alike(found + whole)


def test_hellos_that_say_the_same_are_the_same_octets() -> None:
    at_random = random.Random(7)
    for kept in zip(*(extracted(*drawn(at_random)) for _ in range(9)), strict=True):
        assert len(set(kept)) == 1


def test_what_is_no_tls_stays_as_it_is() -> None:
    for pair in (cleartext(b"Hello x\0"), (startup(user="a"), b"\x16\x03\x01"), (b"", b"\x17")):
        assert extracted(*pair) == list(pair)


def test_a_retry_is_known_by_its_random() -> None:
    (kept,) = extracted(record(server_hello(chosen(0x0304), random=RETRY)))
    assert RETRY in kept


def test_octets_behind_the_first_hole_are_left_out() -> None:
    hellos = np.full((1, HELLO_BYTES), 7, "u1")
    seen = np.ones((1, HELLO_BYTES), "u1")
    seen[0, 9] = 0
    out, rows = np.zeros((1, HELLO_BYTES + 2), "u1"), np.zeros(1, "i8")
    extract(hellos, np.packbits(seen, axis=1), rows, rows, out)
    assert bytes(out[0, :11]) == b"\0\x09" + b"\x07" * 9


def test_lengths_that_reach_beyond_their_record_blank_nothing_outside() -> None:
    hello = bytearray(record(client_hello(versions(0x0304), keys(b"R_CLIENT\x1efd3"))))
    for place, value in pairwise([*range(5, len(hello) - 1), 255]):
        changed = hello.copy()
        changed[place] = value & 0xFF
        assert_is_read_alike([(bytes(changed), b""), (bytes(changed) + b"tail", b"")])
