"""An excerpt grows along the stream and never beyond what was seen."""

from __future__ import annotations

from auditor.evidence.packet import HELLO_BYTES
from auditor.evidence.thinning.excerpt import Excerpt


def test_it_keeps_blanks_and_replaces_in_order() -> None:
    out = Excerpt(b"abcdefgh")
    out.keep(2)
    out.blank(2)
    out.put(b"XY")
    assert (bytes(out.kept), out.size, out.rest(9)) == (b"ab\0\0XY", 6, b"gh")


def test_it_ends_with_what_was_seen() -> None:
    out = Excerpt(b"abc")
    out.keep(2)
    out.blank(9)
    assert bytes(out.kept) == b"ab\0"
    assert not out.ended
    out.end()
    assert out.ended


def test_nothing_beyond_the_bound_is_looked_at() -> None:
    out = Excerpt(bytes(HELLO_BYTES + 5))
    assert (len(out.sent), out.full) == (HELLO_BYTES, True)
    assert not Excerpt(bytes(HELLO_BYTES - 1)).full
