"""Foreign text within markup and within a script element."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from auditor.report.html.inert import as_data, coded, shown


def test_our_own_markup_stays() -> None:
    assert shown(Markup("<b>\n</b>")) == "<b>\n</b>"
    assert shown(3) == 3


@pytest.mark.parametrize("evil", ["\x1b", "\u202e", "\u2028", "\ud800", "\n"])
def test_what_moves_or_reorders_text_is_replaced(evil: str) -> None:
    assert shown(f"a{evil}b") == "a?b"
    assert json.loads(as_data([f"a{evil}b"])) == ["a?b"]


@pytest.mark.parametrize(
    ("sentence", "markup"),
    [
        ("`--idle-limit` judges it.", "<code>--idle-limit</code> judges it."),
        (
            "see `doctor --unit` & `flows`",
            "see <code>doctor --unit</code> &amp; <code>flows</code>",
        ),
        ("one ` alone, `` none", "one ` alone, `` none"),
        ("<b>`<i>`</b>", "&lt;b&gt;`&lt;i&gt;`&lt;/b&gt;"),
        ("`a\u202eb` {0}", "`a?b` {0}"),
    ],
)
def test_what_a_sentence_writes_as_code_is_code_and_nothing_else(
    sentence: str, markup: str
) -> None:
    assert coded(sentence) == markup


def test_excess_length_is_cut() -> None:
    assert len(shown("x" * 10_000)) == 2000


def test_data_keeps_its_shape() -> None:
    value = {"rows": [["3", None, True, 1.5]], "of": {"x": 2}}
    assert json.loads(as_data(value)) == value


@given(st.text() | st.sampled_from(["</script>", "<!--", "<script", "&amp;", "]]>"]))
def test_no_text_ends_the_script(text: str) -> None:
    assert not set(as_data([text])) & set("<>&")
