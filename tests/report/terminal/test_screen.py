from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from auditor.report.interface import RenderOptions
from auditor.report.terminal.screen import Cell, Screen


def test_markup_is_text() -> None:
    screen = Screen(RenderOptions())
    screen.line(Cell("[bold red]x[/] :smile: \\[y]", "bold"))
    assert screen.text() == "[bold red]x[/] :smile: \\[y]\n"


def test_control_characters_do_not_pass() -> None:
    screen = Screen(RenderOptions())
    screen.line("a\x1b[31mb\nc\u202ed")
    assert screen.text() == "a?[31mb?c?d\n"


def test_colour_is_there_only_when_asked_for() -> None:
    for colour in (True, False):
        screen = Screen(RenderOptions(colour=colour))
        screen.line(Cell("x", "bold red"))
        assert ("\x1b[1;31m" in screen.text()) == colour


def test_the_environment_changes_nothing(monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "10")
    screen = Screen(RenderOptions(width=60))
    screen.line(Cell("word " * 11, "red"))
    assert screen.text() == ("word " * 11).rstrip() + "\n"


def test_an_item_hangs_on_its_mark() -> None:
    screen = Screen(RenderOptions(width=40))
    screen.item("*", "word " * 10, indent=2, hang=2)
    lines = screen.text().splitlines()
    assert lines[0].startswith("  * word")
    assert lines[1].startswith("    word")


def test_a_mark_that_is_wider_has_its_text_beside_it() -> None:
    screen = Screen(RenderOptions(width=40))
    screen.item("...", "word " * 10, indent=2, hang=2)
    lines = screen.text().splitlines()
    assert lines[0].startswith("  ... word")
    assert lines[1].startswith("      word")


PATH = "/".join(["a" * 12] * 5) + "/bareos-dir.conf:1"


@pytest.mark.parametrize("width", [40, 44, 51, 60])
def test_a_path_is_broken_between_its_names_wherever_it_stands(width: int) -> None:
    screen = Screen(RenderOptions(width=width))
    screen.line(f"configuration in {PATH}")
    screen.item("*", Cell("see ", "dim"), Cell(f"({PATH})", "red"), " too", hang=2)
    screen.rows([[f"forbidden by {PATH}"]], [width - 4], indent=4)
    names = {name for line in screen.text().splitlines() for name in re.split(r"[ /()]", line)}
    assert names == {"", "*", "see", "too", "configuration", "in", "forbidden", "by"} | {
        "a" * 12,
        "bareos-dir.conf:1",
    }


def test_a_heading_fills_the_line() -> None:
    screen = Screen(RenderOptions(width=50))
    screen.heading("Coverage")
    assert [cell_len(line) for line in screen.text().splitlines()] == [0, 50]


def test_without_unicode_every_character_is_ascii() -> None:
    screen = Screen(RenderOptions(plain=True))
    screen.heading("Coverage")
    screen.line(*screen.signs)
    assert screen.text().isascii()


def test_columns_are_as_wide_as_their_content_where_there_is_room() -> None:
    assert Screen(RenderOptions(width=100)).fit([("a", "bb"), ("ccc", "d")], [0]) == [3, 2]


def test_the_widest_flexible_column_pays_for_the_room_that_lacks() -> None:
    widths = Screen(RenderOptions(width=60)).fit([("a" * 50, "b" * 20, "c" * 10)], [0, 1])
    assert sum(widths) == 60 - 2 - 2 * 2
    assert widths[2] == 10


def test_no_column_is_squeezed_to_nothing() -> None:
    assert Screen(RenderOptions(width=40)).fit([("a" * 50, "b" * 50)], [0]) == [12, 50]


@given(st.integers(1, 200), st.lists(st.text(), min_size=1, max_size=4))
def test_no_line_is_wider_than_the_screen(width: int, words: list[str]) -> None:
    screen = Screen(RenderOptions(width=width))
    screen.line(*words)
    screen.item("*", *words)
    screen.grid([words], screen.fit([words], range(len(words))))
    assert max(map(cell_len, screen.text().split("\n"))) <= screen.width


def test_a_row_that_is_too_wide_is_folded() -> None:
    screen = Screen(RenderOptions(width=40))
    screen.rows([["word " * 4, "b"], ["longerthanten", "c"]], [10, 1])
    assert screen.text().splitlines() == [
        "  word word   b",
        "  word word",
        "  longerthan  c",
        "  ten",
    ]


def test_rows_have_colours_only_when_asked_for() -> None:
    for colour in (True, False):
        screen = Screen(RenderOptions(colour=colour))
        screen.rows([[Cell("x", "bold red"), "y"]], [1, 1])
        assert ("\x1b[1;31mx\x1b[0m  y" in screen.text()) == colour


def test_a_line_that_is_folded_keeps_its_colours() -> None:
    screen = Screen(RenderOptions(width=40, colour=True))
    screen.line("see ", Cell("word " * 12, "red"))
    assert screen.text().splitlines() == [
        "see \x1b[31mword word word word word word word\x1b[0m",
        "\x1b[31mword word word word word\x1b[0m",
    ]


def test_what_has_no_room_beside_the_others_becomes_narrower() -> None:
    screen = Screen(RenderOptions(width=40))
    screen.grid([["a" * 30, "b" * 30, "c"]], [30, 30, 0], indent=0)
    lines = screen.text().splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 40
    assert "".join(lines).replace(" ", "").count("a") == 30
