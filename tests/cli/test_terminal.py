"""Colour and characters fit the reader (no-color.org, bixense.com/clicolors)."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest
from commandline import HEARTBEAT, run

from auditor.cli.terminal import colour_wanted, links_wanted, render_options

_KNOWN = ("TERM_PROGRAM", "VTE_VERSION", "WT_SESSION", "KONSOLE_VERSION", "FORCE_HYPERLINK")
_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS", *_KNOWN)


class Terminal(io.StringIO):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_a_terminal_gets_colour() -> None:
    with redirect_stdout(Terminal()):
        assert colour_wanted()


def test_a_pipe_gets_none() -> None:
    with redirect_stdout(io.StringIO()):
        assert not colour_wanted()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_can_be_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with redirect_stdout(Terminal()):
        assert not colour_wanted()


@pytest.mark.parametrize("name", ["FORCE_COLOR", "CLICOLOR_FORCE"])
def test_colour_can_be_forced(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with redirect_stdout(io.StringIO()):
        monkeypatch.setenv(name, "0")
        assert not colour_wanted()
        monkeypatch.setenv(name, "1")
        assert colour_wanted()


def test_refusing_wins_over_forcing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with redirect_stdout(Terminal()):
        assert not colour_wanted()


def test_a_file_is_for_any_reader() -> None:
    told = render_options(to_file=True)
    assert (told.width, told.colour, told.plain) == (100, False, False)


@pytest.mark.parametrize(("encoding", "plain"), [("utf-8", False), ("iso8859-1", True)])
def test_a_terminal_without_unicode_gets_ascii(encoding: str, plain: bool) -> None:
    with redirect_stdout(Terminal(encoding)):
        assert render_options(to_file=False).plain == plain


@pytest.mark.parametrize(("columns", "width"), [("80", 80), ("300", 140)])
def test_the_width_is_the_terminal_s(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert render_options(to_file=False).width == width


def test_the_command_colours_when_forced() -> None:
    assert "\x1b[1;32mpass" in run(*HEARTBEAT, FORCE_COLOR="1").stdout
    assert "\x1b" not in run(*HEARTBEAT).stdout


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7006"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "5000"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "new"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, True),
        ({"TERM": "dumb", "KONSOLE_VERSION": "220400"}, False),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({"TERM": "xterm", "FORCE_HYPERLINK": "1"}, True),
    ],
)
def test_links_are_for_terminals_that_are_known_to_have_them(
    known: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    with redirect_stdout(Terminal()):
        assert links_wanted() is wanted
        assert render_options(to_file=False).links is wanted
        assert not render_options(to_file=True).links


def test_a_pipe_gets_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-kitty")
    with redirect_stdout(io.StringIO()):
        assert not links_wanted()
