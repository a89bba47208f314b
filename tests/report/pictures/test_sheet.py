"""Sheets, their colours and letters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from auditor.report.html import page
from auditor.report.pictures.sheet import LIGHT, Picture, Sheet, word


def axes():
    return Figure(figsize=(3, 1)).add_axes((0, 0, 1, 1))


def test_a_picture_has_the_colours_that_the_page_has_in_light() -> None:
    style = (Path(page.__file__).with_name("templates") / "style.css").read_text()
    root = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", style.partition("}")[0]))
    assert {name: root[name] for name in LIGHT} == LIGHT


@pytest.mark.parametrize(("width", "height", "scale"), [(300, 100, 1.0), (940, 417, 0.5)])
def test_a_sheet_has_the_units_of_its_picture_from_the_top(width, height, scale) -> None:
    on = axes()
    Picture(width, height, "", lambda sheet: sheet.text(5, 7, "$x$", "fail", 9)).on(
        on, LIGHT, scale
    )
    assert on.get_xlim() == (0, width)
    assert on.get_ylim() == (height, 0)
    (text,) = on.texts
    assert text.get_position() == (5, 7)
    assert text.get_fontsize() == 9 * scale
    assert text.get_color() == LIGHT["fail"]
    assert not text.get_parse_math()


def test_letters_stand_in_the_middle_of_their_line_unless_they_shall_not() -> None:
    on = axes()
    sheet = Sheet(on, LIGHT)
    sheet.text(1, 1, "a", "ink", 9)
    sheet.text(1, 1, "a", "ink", 9, va="top", ha="right")
    assert [text.get_va() for text in on.texts] == ["center", "top"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("fd1", "fd1"),
        ("x" * 30, "x" * 30),
        ("x" * 31, "x" * 20 + "…" + "x" * 9),
        ("2001:db8:1234:5678:9abc:def0::31", "2001:db8:1234:5678:9…:def0::31"),
        ("a\u202eb\x1b[31m", "a?b?[31m"),
        ("\uffff\ufffe", "??"),
    ],
)
def test_a_name_is_cut_and_obeyed_by_nobody(name: str, shown: str) -> None:
    assert word(name) == shown
    assert word("abcdefgh", 4) == "ab…h"
    assert len(word("x" * 4096)) == 30
