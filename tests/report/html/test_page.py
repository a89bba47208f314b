"""Templates: what they print is escaped, and what nobody gave is an error."""

from __future__ import annotations

import jinja2
import pytest

from auditor.report.html.page import _asset, environment, policy, render


def test_what_a_page_is_made_with_is_read_once() -> None:
    environment.cache_clear()
    _asset.cache_clear()
    assert environment() is environment()
    assert environment().filters["manual_url"]("no such section") == ""
    assert _asset("style.css") is _asset("style.css")


def test_everything_that_a_template_prints_is_escaped_and_cleaned() -> None:
    made = environment().from_string("<a title='{{ x }}'>{{ x }}</a>")
    assert made.render(x="<b>'\u202e") == ("<a title='&lt;b&gt;&#39;?'>&lt;b&gt;&#39;?</a>")


def test_an_undefined_name_is_no_gap() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nobody_gave_this }}").render()


def test_nothing_but_what_is_named_may_run() -> None:
    told = policy("a{}", "b()")
    assert told.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in told
    assert policy("a{}", "b()") != policy("a{} ", "b()")


def test_a_page_comes_piece_by_piece() -> None:
    pieces = list(
        render("listing.html", {"title": "T", "grids": [], "problems": ["p"], "rules": ()})
    )
    assert len(pieces) > 1
    assert "".join(pieces).endswith("</html>\n")
