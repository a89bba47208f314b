"""The table of a section's interfaces: what a tick is, and which interface is which."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcapfile import Pcapng

from auditor.packets import interfaces as module
from auditor.packets.counters import FOREVER
from auditor.packets.interfaces import (
    DECODABLE,
    DIVIDE,
    IDENTITY,
    LIMIT,
    LINK,
    MAX_INTERFACES,
    MULTIPLY,
    OFFSET,
    SHIFT,
    SKIPPED,
    SNAPLEN,
    Interfaces,
)
from auditor.packets.scanner import MAX_CAPTURED
from auditor.packets.segments import CapturedOn

BOTH = pytest.mark.parametrize("order", ["big", "little"])


def body(link: int = 1, snaplen: int = 0, *options: tuple[int, bytes], order="little") -> bytes:
    """Return the body of an Interface Description Block."""
    file = Pcapng(order)
    head = link.to_bytes(2, order) + bytes(2) + snaplen.to_bytes(4, order)
    return head + b"".join(file.option(code, value) for code, value in options)


def name(text: str) -> tuple[int, bytes]:
    return (2, text.encode())


def table(*bodies: bytes, order="little") -> Interfaces:
    found = Interfaces()
    for one in bodies:
        found.add(one, order)
    return found


@BOTH
def test_what_a_block_says_is_in_its_row(order):
    offset = (14, (-3).to_bytes(8, order, signed=True))
    found = table(body(113, 4096, name("eth0"), (9, b"\x09"), offset, order=order), order=order)
    (row,) = found.table[: found.count]
    assert [row[column] for column in (LINK, SNAPLEN, DECODABLE, OFFSET, SKIPPED)] == [
        *(113, 4096, 1, -3_000_000_000, 0)
    ]
    assert (found.described, found.names) == ((CapturedOn("eth0", 113, 4096),), ("Linux cooked",))


def test_without_options_a_tick_is_a_microsecond_and_the_length_is_bounded_all_the_same():
    row = table(body(147)).table[0]
    assert [row[column] for column in (MULTIPLY, DIVIDE, SHIFT, OFFSET)] == [1000, 1, 0, 0]
    assert (row[SNAPLEN], row[DECODABLE]) == (MAX_CAPTURED, 0)


@given(st.integers(0, 255))
def test_a_tick_is_what_if_tsresol_says_and_never_overflows(value):
    row = table(body(1, 0, (9, bytes([value])))).table[0]
    multiply, divide, shift, limit = (int(row[c]) for c in (MULTIPLY, DIVIDE, SHIFT, LIMIT))
    exponent = value & 0x7F
    unit = Fraction(10**9, 2 ** min(exponent, 63) if value & 0x80 else 10 ** min(exponent, 27))
    assert Fraction(multiply, divide << shift) == unit
    assert limit * multiply <= FOREVER < (limit + 1) * multiply


@pytest.mark.parametrize("option", [(9, b""), (9, b"\x09\x09"), (14, bytes(4)), (99, b"\x09")])
def test_an_option_of_the_wrong_length_says_nothing(option):
    assert (table(body(1, 0, option)).table[0] == table(body()).table[0]).all()


@pytest.mark.parametrize("seconds", [-(1 << 63), (1 << 63) - 1])
def test_an_offset_beyond_all_time_is_held_within_it(seconds):
    offset = table(body(1, 0, (14, seconds.to_bytes(8, "little", signed=True)))).table[0][OFFSET]
    assert abs(int(offset)) == FOREVER - 1 and (offset < 0) == (seconds < 0)


def test_an_interface_that_is_described_again_is_the_same_one():
    found = table(body(1, 0, name("a")), body(1, 0, name("b")), body(101, 0, name("a")))
    found.clear()
    found.add(body(1, 99, name("b")), "little")
    found.add(body(1, 0, name("c")), "little")
    assert found.table[: found.count, IDENTITY].tolist() == [1, 3]
    assert [one.name for one in found.described] == ["a", "b", "a", "c"]
    assert [one.snaplen for one in found.described] == [0, 99, 0, 0]
    assert found.table[found.count :].any() is not True, "nothing is left of the section before"


def test_packets_skipped_are_counted_by_link_type_over_all_sections():
    found = table(body(147), body(1), body(147))
    found.table[:3, SKIPPED] = 2, 0, 3
    found.clear()
    assert found.skipped == {147: 5}
    found.add(body(148), "little")
    found.table[0, SKIPPED] = 4
    assert found.skipped == {147: 5, 148: 4}
    assert not found.table[1:].any()


def test_a_hostile_file_costs_no_more_than_the_bound(monkeypatch):
    found = table(
        *(body(1 + number % 2, 0, name(f"e{number}")) for number in range(MAX_INTERFACES))
    )
    found.add(body(), "little")
    found.add(body()[:7], "little")
    assert (found.count, found.ignored, found.short) == (MAX_INTERFACES, 1, 1)
    found.clear()
    for link, stands_for in ((1, 0), (2, 1), (101, 0)):
        found.add(body(link, 0, name("new")), "little")
        assert found.table[found.count - 1][IDENTITY] == stands_for, "the first of its link type"
    assert len(found.described) == MAX_INTERFACES
    monkeypatch.setattr(module, "_MAX_NAMES", 2)
    assert len(table(*map(body, range(200, 209))).names) == 2


def test_a_name_is_cut():
    (one,) = table(body(1, 0, name("x" * 9999))).described
    assert one.name == "x" * 256
