"""Foreign text does nothing in Markdown, wherever it stands."""

from __future__ import annotations

import pytest
from forge import EVIL, FORGE, inline
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.report.markdown.marks import code, details, fenced, table, told
from auditor.text import printable

READER = MarkdownIt("commonmark").enable("table")


def said(tokens: list[Token]) -> str:
    return " ".join("".join(child.content for child in inline(tokens)).split())


def harmless(markdown: str) -> list[Token]:
    """Parse what holds foreign text; nothing but text and code may be in it."""
    tokens = READER.parse(markdown)
    assert {child.type for child in inline(tokens)} <= {"text", "code_inline"}
    words = [child.content for child in inline(tokens) if child.type == "text"]
    assert not [word for word in words if FORGE.search(word)]
    return tokens


def kinds(tokens: list[Token]) -> list[str]:
    return [token.type for token in tokens if token.type.endswith("_open")]


@pytest.mark.parametrize("evil", EVIL)
def test_a_sentence_stays_one(evil: str) -> None:
    shown = " ".join(printable(evil).split())
    for before, blocks in (
        ("", ["paragraph_open"]),
        ("## ", ["heading_open"]),
        ("* ", ["bullet_list_open", "list_item_open", "paragraph_open"]),
    ):
        for sentence in (evil, f"host {evil} dialled {evil}, twice", f"{evil}{evil}"):
            tokens = harmless(f"{before}{told(sentence)}\n\nnext")
            assert kinds(tokens) == [*blocks, "paragraph_open"]
    assert said(harmless(f"* {told(evil)}")).replace("`", "") == shown.replace("`", "")


@pytest.mark.parametrize("evil", EVIL)
def test_a_cell_stays_one(evil: str) -> None:
    tokens = harmless(table(("a", "b", "c"), [("1", evil, "3"), (evil, "", f"x {evil}")]))
    assert kinds(tokens).count("td_open") == 6
    assert kinds(tokens).count("tr_open") == 3


@pytest.mark.parametrize("evil", EVIL)
def test_code_stays_code(evil: str) -> None:
    shown = printable(evil).strip()
    (child,) = inline(harmless(f"* {code(evil)}"))
    assert (child.type, child.content) == ("code_inline", shown)
    (block,) = READER.parse(fenced(["before", evil, "after"]))
    assert block.type == "fence"
    assert block.content.splitlines() == ["before", printable(evil).rstrip(), "after"]


@given(st.text(max_size=60))
def test_any_text_is_harmless(text: str) -> None:
    harmless(f"* {told(text)}")
    harmless(f"* x {code(text)} y")
    assert kinds(harmless(table(("a", "b"), [(text, text)]))).count("td_open") == 2


@given(st.text(alphabet="`|\\*_<>[]()!@#:~$&-+=. 1ax\n", max_size=30))
def test_any_signs_are_harmless(text: str) -> None:
    harmless(f"* {told(text)}")
    assert kinds(harmless(f"{told(text)}\n\nnext")) == ["paragraph_open", "paragraph_open"]
    assert kinds(harmless(table(("a", "b"), [(text, text)]))).count("td_open") == 2


def test_ordinary_words_stay_ordinary() -> None:
    sentence = "Director dir (10 s, TLS 1.3) sent 7 SYN; no answer came: is it off?"
    assert told(sentence) == sentence
    assert told("see dir.conf, or `--idle-limit`.") == "see dir.conf, or `--idle-limit`."
    assert told("10.0.0.1 dialled 10.0.0.2:9103.") == "`10.0.0.1` dialled `10.0.0.2:9103`."


def test_what_is_empty_is_a_dash() -> None:
    assert (told(""), told(" "), code(" ")) == ("–", "–", "–")
    assert table(("a",), [("",)]).endswith("|  |")


def test_a_folded_part_is_read_as_markdown() -> None:
    tokens = READER.parse(details("More", "* one"))
    assert [token.type for token in tokens if token.type == "html_block"] == ["html_block"] * 2
    assert "bullet_list_open" in kinds(tokens)
