"""Foreign text in markup."""

from __future__ import annotations

import pytest
from pages import parsed

from auditor.text.markup import NO_MATH, html_table, inert, with_code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fd1", "fd1"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\"'&", "&quot;&#x27;&amp;"),
        ("a\x1b[31m\u202eb", "a?[31m?b"),
        (7, "7"),
    ],
)
def test_text_is_text(text: object, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("`--idle-limit` or `flows`", "<code>--idle-limit</code> or <code>flows</code>"),
        ("`<b>` and `a&b` and `` and ` x `", "`&lt;b&gt;` and `a&amp;b` and `` and ` x `"),
    ],
)
def test_options_in_a_sentence_are_code_and_nothing_foreign_is(sentence: str, shown: str) -> None:
    assert with_code(inert(sentence)) == shown


def test_very_long_text_is_cut() -> None:
    assert len(inert("x" * 4096)) <= 1000


def test_a_table_has_its_cells_and_no_mathematics() -> None:
    (table,) = parsed(html_table(["a", "<b>"], [["$x$", 1], ["</table>", None]], "2 & more")).find(
        "table"
    )
    assert table.attributes["class"] == NO_MATH
    assert [cell.text for cell in table.find("th")] == ["a", "<b>"]
    assert [cell.text for cell in table.find("td")] == ["$x$", "1", "</table>", "None"]
    assert [one.text for one in table.find("caption")] == ["2 & more"]


def test_a_table_without_a_caption_has_none() -> None:
    assert "caption" not in html_table(["a"], [])
