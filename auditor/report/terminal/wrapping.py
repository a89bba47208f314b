"""Text in columns of a terminal: how wide it is, and where it goes on in the next line.

Rich's tables do this too, and took half of a short run: they measure and render every cell twice.
What is left of it here are words and blanks; the widths of characters are rich's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_WORD = re.compile(r"\S+")
#: What our own sentences are made of beside ASCII, one column each.
_SIGNS = dict.fromkeys(map(ord, "→←•×…–─"), "x")
_NAME = re.compile(r"[^/]*/|[^/]+$")


class Cell(NamedTuple):
    """A text and its style, such as ``bold red``."""

    text: str
    style: str = ""


def width_of(text: str) -> int:
    """Return how many columns a text takes."""
    if text.isascii() or text.translate(_SIGNS).isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def after_slashes(path: str, room: int) -> list[str]:
    """Return a path as lines of at most ``room`` columns, each but the last ending in a slash: no
    name in it is broken, and one that is longer has a line for itself."""
    lines = [""]
    for name in _NAME.findall(path):
        if lines[-1] and width_of(lines[-1] + name) > room:
            lines.append("")
        lines[-1] += name
    return lines


def names_whole(parts: Sequence[Cell], room: int) -> Iterator[list[Cell]]:
    """Yield the lines of a text in which words that are longer than ``room`` go on after a slash,
    never within a name. They may be longer than that still: see ``wrapped``."""
    text = "".join(part.text for part in parts)
    ends = []
    for word in _WORD.finditer(text) if width_of(text) > room else ():
        if width_of(word[0]) > room:
            end = word.start()
            for piece in after_slashes(word[0], room)[:-1]:
                end += len(piece)
                ends.append(end)
    yield from _divided(parts, ends)


def wrapped(parts: Sequence[Cell], width: int) -> list[list[Cell]]:
    """Return a text as lines of at most ``width`` columns, at least one: broken between words, and
    within one that has no room in a line. Blanks at the end of a line are left out."""
    text = "".join(part.text for part in parts)
    breaks = _breaks(text, width) if width_of(text) > width else ()
    return [_without_end(line) for line in _divided(parts, breaks)]


def _breaks(text: str, width: int) -> list[int]:
    """Return where in a text its second and further lines begin."""
    breaks: list[int] = []
    begin = 0
    for number, word in enumerate(_WORD.finditer(text)):
        if width_of(text[begin : word.end()]) <= width:
            continue
        if number and word.start() > begin:  # blanks before the first word indent it
            begin = word.start()
            breaks.append(begin)
        while width_of(text[begin : word.end()]) > width:
            begin = _full(text, begin, width)
            breaks.append(begin)
    return breaks


def _full(text: str, begin: int, width: int) -> int:
    """Return where the line that begins at a place is full: at least one character later."""
    end = begin + 1
    while end < len(text) and width_of(text[begin : end + 1]) <= width:
        end += 1
    return end


def _divided(parts: Sequence[Cell], ends: Sequence[int]) -> Iterator[list[Cell]]:
    """Yield the lines that end at these places of a text, and what is left."""
    place = 0
    line: list[Cell] = []
    for text, style in parts:
        begin = 0
        for end in ends:
            if place + begin < end <= place + len(text):
                line.append(Cell(text[begin : end - place], style))
                yield line
                line, begin = [], end - place
        if text[begin:]:
            line.append(Cell(text[begin:], style))
        place += len(text)
    yield line


def _without_end(line: list[Cell]) -> list[Cell]:
    while line and not line[-1].text.rstrip():
        line.pop()
    if line:
        line[-1] = Cell(line[-1].text.rstrip(), line[-1].style)
    return line
