"""What was born on the wire can neither move a cursor nor hide text."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.text import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bareos-fd", "bareos-fd"),
        ("Zürich → 東京", "Zürich → 東京"),
        ("two words", "two words"),
        ("\x1b[2Jgone", "?[2Jgone"),  # a terminal's escape
        ("a\r\nb\tc\0", "a??b?c?"),
        ("\x9b31m", "?31m"),  # CSI in one character
        ("\u202efdp.exe", "?fdp.exe"),  # right-to-left override
        ("zero\u200bwidth\ufeff", "zero?width?"),
        ("line\u2028paragraph\u2029", "line?paragraph?"),
        ("\ud800", "?"),  # half a surrogate pair, as surrogateescape leaves it
        ("\ue000", "?"),  # private use: any glyph at all
    ],
)
def test_what_a_terminal_would_act_on_is_a_question_mark(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a\0cd", 3, "a?…"), ("", 3, ""), ("x" * 300, 1, "…")],
)
def test_what_is_too_long_is_cut_and_the_cut_is_marked(text, limit, shown):
    assert printable(text, limit) == shown


@given(st.text(), st.integers(1, 40))
def test_any_text_becomes_a_short_line_that_stays_as_it_is(text, limit):
    shown = printable(text, limit)
    assert len(shown) == min(len(text), limit)
    assert {unicodedata.category(c) for c in shown}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    assert printable(shown, limit) == shown


def test_python_calls_no_unsafe_character_printable() -> None:
    """So that text which it calls printable needs no closer look."""
    every = map(chr, range(sys.maxunicode + 1))
    unsafe = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert not [c for c in every if c.isprintable() and unicodedata.category(c) in unsafe]
