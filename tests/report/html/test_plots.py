"""Pictures within the page: its colours, its policy, its text."""

from __future__ import annotations

import pytest
from pages import parsed

from auditor.report.html.plots import INKS, drawing, inline, word

EVIL = '$x^2$ <script> "\u202e&'


def picture(text: str = "fd1", gid: str = "") -> str:
    from matplotlib.patches import Rectangle

    with drawing(300, 100) as (figure, axes):
        axes.add_patch(Rectangle((0, 0), 10, 10, facecolor=INKS["card"], edgecolor=INKS["fail"]))
        axes.plot([0, 9], [0, 9], color=INKS["pass"], gid=gid or None, linestyle=(0, (3, 2)))
        axes.text(5, 5, word(text), color=INKS["ink"], fontsize=9, parse_math=False)
        return str(inline(figure, f"A picture of {text}"))


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


@pytest.mark.parametrize(("gid", "numbers"), [("numbers-5a-7", "5a"), ("numbers--7", "")])
def test_a_part_says_which_number_it_is_about(gid: str, numbers: str) -> None:
    (part,) = parsed(picture(gid=gid)).find("g")
    assert part.attributes == {"data-numbers": numbers}


def test_the_same_picture_is_the_same_text() -> None:
    assert picture() == picture()


@pytest.mark.parametrize("name", ["漢字", "😀", "x" * 4096])
def test_letters_without_a_font_and_long_names_are_no_trouble(name: str) -> None:
    (drawn,) = parsed(picture(name)).find("text")
    assert drawn.text == (name if len(name) < 30 else "x" * 29 + "…")
