"""Pictures within the page: its colours, its policy, its text."""

from __future__ import annotations

import pytest
from pages import parsed

from auditor.report.html.plots import inline
from auditor.report.pictures.sheet import Picture, Sheet, word

EVIL = '$x^2$ <script> "\u202e&'


def picture(text: str = "fd1", gid: str = "") -> str:
    from matplotlib.patches import Rectangle

    def draw(sheet: Sheet) -> None:
        card, fail = sheet.inks["card"], sheet.inks["fail"]
        sheet.axes.add_patch(Rectangle((0, 0), 10, 10, facecolor=card, edgecolor=fail))
        how = {"gid": gid or None, "linestyle": (0, (3, 2))}
        sheet.axes.plot([0, 9], [0, 9], color=sheet.inks["pass"], **how)
        sheet.text(5, 5, word(text), "ink", 9)

    return str(inline(Picture(300, 100, f"A picture of {text}", draw)))


def test_colours_are_words_of_the_page_and_nothing_is_a_style() -> None:
    text = picture()
    classes = {
        name for one in parsed(text).find() for name in one.attributes.get("class", "").split()
    }
    assert classes == {"plot", "f-card", "s-fail", "s-pass", "f-ink"}
    for forbidden in ("style", "#01", "url(", "http", "id=", "font-family"):
        assert forbidden not in text
    assert 'stroke-dasharray="' in text


def test_text_is_text_and_foreign_text_is_inert() -> None:
    (drawn,) = parsed(picture(EVIL)).find("text")
    assert drawn.text == EVIL.replace("\u202e", "?")
    (svg,) = parsed(picture(EVIL)).find("svg")
    assert svg.attributes["aria-label"] == f"A picture of {EVIL}".replace("\u202e", "?")
    assert svg.attributes["role"] == "img"


@pytest.mark.parametrize(("gid", "numbers"), [("numbers-5a-7", "5a"), ("numbers--7", "–")])
def test_a_part_says_which_number_it_is_about(gid: str, numbers: str) -> None:
    (part,) = parsed(picture(gid=gid)).find("g")
    assert part.attributes == {"data-numbers": numbers}


def test_where_there_is_none_nothing_is_shown() -> None:
    assert inline(None) == ""


def test_the_same_picture_is_the_same_text() -> None:
    assert picture() == picture()


@pytest.mark.parametrize("name", ["漢字", "😀", "x" * 4096])
def test_letters_without_a_font_and_long_names_are_no_trouble(name: str) -> None:
    (drawn,) = parsed(picture(name)).find("text")
    assert drawn.text == (name if len(name) < 30 else "x" * 20 + "…" + "x" * 9)
