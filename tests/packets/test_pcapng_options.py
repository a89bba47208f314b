"""Options of pcapng blocks: read to the first thing that cannot be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.packets.pcapng_options import MAX_OPTIONS, options, text

_ORDER = st.sampled_from(["big", "little"])
_OPTIONS = st.lists(st.tuples(st.integers(1, 0xFFFF), st.binary(max_size=9)), max_size=6)
END = bytes(4)


def encoded(pairs, order) -> bytes:
    return b"".join(
        code.to_bytes(2, order) + len(value).to_bytes(2, order) + value + bytes(-len(value) % 4)
        for code, value in pairs
    )


@given(_OPTIONS, _ORDER, st.sampled_from([b"", END, END + b"\0\1\0\1x", b"\1\0\0", b"\1"]))
def test_all_are_read_up_to_the_mark_or_the_end(pairs, order, rest):
    assert list(options(encoded(pairs, order) + rest, order)) == pairs


@pytest.mark.parametrize("many", [MAX_OPTIONS - 1, MAX_OPTIONS, MAX_OPTIONS + 1, 3 * MAX_OPTIONS])
def test_a_section_of_nothing_but_options_is_read_to_a_bound(many):
    body = encoded([(2988, b"")] * many, "little")
    assert len(list(options(body, "little"))) == min(many, MAX_OPTIONS)
    assert len(list(options(body, "little", many))) == many


@given(st.binary(max_size=64), _ORDER)
def test_whatever_the_bytes_every_value_lies_in_them_whole(body, order):
    for code, value in options(body, order):
        assert code and code.to_bytes(2, order) + len(value).to_bytes(2, order) + value in body


@given(_OPTIONS, st.binary(max_size=9), _ORDER)
def test_one_that_is_cut_ends_it_and_those_before_it_hold(whole, value, order):
    last = encoded([(2, value)], order)
    for kept in range(4 + len(value)):
        assert list(options(encoded(whole, order) + last[:kept], order)) == whole


@pytest.mark.parametrize(
    ("value", "shown"),
    [(b"eth0", "eth0"), (b"eth0\0\0", "eth0"), (b"a\0b", "a\0b"), (b"\xffx", "\ufffdx")],
)
def test_text_ends_at_its_zeros_and_is_always_text(value, shown):
    assert text(value) == shown
