from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from auditor.report.terminal.wrapping import Cell, after_slashes, names_whole, width_of, wrapped

TEXTS = st.text(st.sampled_from("ab  /一é"), max_size=40)


def plain(lines: list[list[Cell]]) -> list[str]:
    return ["".join(cell.text for cell in line) for line in lines]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one two", ["one two"]),
        ("one two three", ["one two", "three"]),
        ("one  two       three", ["one  two", "three"]),
        ("  one two", ["  one", "two"]),
        ("12345678901234", ["12345678", "901234"]),
        ("a 12345678901234 b", ["a", "12345678", "901234 b"]),
        ("一二三四五 六", ["一二三四", "五 六"]),
        ("one        ", ["one"]),
        ("            ", [""]),
    ],
)
def test_a_text_is_broken_between_words_and_within_one_that_has_no_room(
    text: str, lines: list[str]
) -> None:
    assert plain(wrapped([Cell(text)], 8)) == lines


def test_each_part_of_a_line_keeps_its_style() -> None:
    parts = [Cell("see ", "dim"), Cell("one two", "red"), Cell(" (and three)", "bold")]
    assert wrapped(parts, 10) == [
        [Cell("see ", "dim"), Cell("one", "red")],
        [Cell("two", "red"), Cell(" (and", "bold")],
        [Cell("three)", "bold")],
    ]


@given(st.lists(TEXTS, max_size=3), st.integers(2, 20))
def test_every_line_has_room_and_nothing_but_blanks_is_lost(texts: list[str], width: int) -> None:
    lines = plain(wrapped([Cell(text) for text in texts], width))
    assert max(map(cell_len, lines)) <= width
    assert "".join(lines).replace(" ", "") == "".join(texts).replace(" ", "")
    assert [line.rstrip() for line in lines] == lines


@given(TEXTS, st.integers(2, 20))
def test_a_name_that_has_room_is_never_broken(text: str, width: int) -> None:
    text = text.strip()  # an indented text has less room
    lines = [
        line for part in names_whole([Cell(text)], width) for line in plain(wrapped(part, width))
    ]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    names = {name for word in text.split() for name in word.split("/")}
    shown = {name for line in lines for word in line.split() for name in word.split("/")}
    assert {name for name in names if width_of(name) < width} <= shown


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("/etc/bareos/bareos-dir.d", ["/etc/", "bareos/", "bareos-dir.d"]),
        ("bareos-dir.conf", ["bareos-dir.conf"]),
        ("a/b/c", ["a/b/c"]),
        ("", [""]),
    ],
)
def test_a_path_goes_on_after_a_slash(path: str, lines: list[str]) -> None:
    assert after_slashes(path, 8) == lines


@pytest.mark.parametrize("text", ["", "plain", "一二", "e\u0301", "→←•×…–─", "→ 一"])
def test_the_width_of_characters_is_that_of_a_terminal(text: str) -> None:
    assert width_of(text) == cell_len(text)
