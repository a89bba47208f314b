"""The sheet that the terminal report is written on: lines, paragraphs and grids of plain text.

Text goes in as text and comes out as text: no markup is ever parsed, and what is not printable is
replaced here once more, whoever made it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from itertools import zip_longest
from typing import NamedTuple

from auditor.report.interface import RenderOptions
from auditor.report.terminal.reader_time import ReaderTime
from auditor.report.terminal.wrapping import Cell, after_slashes, names_whole, width_of, wrapped
from auditor.text import printable

__all__ = ["Cell", "Screen"]

#: Longer than any message of a rule; a cell that long is no longer read by anybody.
_LIMIT = 2000
#: From this width on a report has room for what can also be read elsewhere in it.
_ROOMY = 100
_LINK_ID = re.compile(r"\x1b\]8;id=[^;]*;(?=h)")
#: Blanks between two columns of a grid.
_GAP = 2
#: No column is squeezed below this.
_NARROWEST = 12


class Signs(NamedTuple):
    """The few characters beyond letters, with and without Unicode."""

    arrow: str
    back: str
    bullet: str
    times: str
    more: str
    to: str
    rule: str


_UNICODE = Signs("→", "←", "•", "×", "…", "–", "─")
_ASCII = Signs("->", "<-", "*", "x", "...", "-", "-")


class Screen:
    """Collects output; ``text()`` gives it back."""

    def __init__(self, options: RenderOptions) -> None:
        self.width = max(options.width, 40)
        self.roomy = self.width >= _ROOMY
        self.links = options.links and options.colour
        self.times = ReaderTime(local=options.local_time)
        self.signs = _ASCII if options.plain else _UNICODE
        self._buffer = io.StringIO()
        self._colour = options.colour

    def text(self) -> str:
        """Return everything written so far, without blanks at the ends of lines."""
        # The numbers that rich gives links are drawn by lot; no report depends on a lot.
        written = _LINK_ID.sub("\x1b]8;;", self._buffer.getvalue())
        lines = written.split("\n")
        return "\n".join(line.rstrip() for line in lines)

    def linked(self, cell: Cell, address: str) -> Cell:
        """Return a cell that leads to an address, which must be one of our own, where the terminal
        has such links."""
        return Cell(cell.text, f"{cell.style} link {address}") if self.links and address else cell

    def gap(self) -> None:
        """Leave a line empty."""
        self._buffer.write("\n")

    def heading(self, title: str) -> None:
        """Begin a section."""
        self.gap()
        rest = self.signs.rule * (self.width - width_of(title) - 1)
        self.line(Cell(title, "bold"), " ", Cell(rest, "dim"))

    def line(self, *cells: Cell | str, indent: int = 0) -> None:
        """Write a paragraph of differently styled parts."""
        self._paragraph("", cells, indent)

    def item(self, mark: Cell | str, *cells: Cell | str, indent: int = 2, hang: int = 2) -> None:
        """Write a paragraph that hangs, ``hang`` columns wide, on a mark."""
        first = _cell(mark)
        hang = max(hang, width_of(first.text) + 1)
        self._paragraph(f"{' ' * indent}{self._styled([first], hang)}", cells, indent + hang)

    def _paragraph(self, first: str, cells: Iterable[Cell | str], indent: int) -> None:
        """Write a paragraph: ``first`` is what stands before it in its first line."""
        room = self.width - indent
        for text in names_whole([_cell(cell) for cell in cells], room):
            for line in wrapped(text, room):
                self._buffer.write(f"{first or ' ' * indent}{self._styled(line)}\n")
                first = ""

    def folded(self, path: str, indent: int) -> list[str]:
        """Return a path as the lines that it takes from column ``indent`` on, each but the last
        ending in a slash: no name in it is broken."""
        return after_slashes(path, self.width - indent)

    def grid(
        self, rows: Iterable[Sequence[Cell | str]], widths: Sequence[int], *, indent: int = 2
    ) -> None:
        """Write rows in columns of the given widths; 0 takes what is left. What is too wide for
        the screen becomes narrower."""
        gaps = indent + _GAP * (len(widths) - 1)
        left = max(1, self.width - gaps - sum(widths))
        narrowed = [width or left for width in widths]
        while sum(narrowed) + gaps > self.width and max(narrowed) > 1:
            narrowed[narrowed.index(max(narrowed))] -= 1
        self.rows(rows, narrowed, indent=indent)

    def rows(
        self, rows: Iterable[Sequence[Cell | str]], widths: Sequence[int], *, indent: int = 2
    ) -> None:
        """Write rows as ``grid`` does, in columns that are all given a width. They may be wider
        together than the screen."""
        margin, gap = " " * indent, " " * _GAP
        for row in rows:
            folded = [
                self._folded(_cell(cell), width) for cell, width in zip(row, widths, strict=True)
            ]
            for line in zip_longest(*folded, fillvalue=()):
                shown = (
                    self._styled(part, width) for part, width in zip(line, widths, strict=True)
                )
                self._buffer.write(f"{margin}{gap.join(shown).rstrip()}\n")

    def _folded(self, cell: Cell, width: int) -> list[list[Cell]]:
        if width_of(cell.text) <= width:
            return [[cell]]
        return [line for part in names_whole([cell], width) for line in wrapped(part, width)]

    def _styled(self, line: Sequence[Cell], width: int = 0) -> str:
        """Return a line as it is written, with blanks up to a width."""
        plain = line[0].text if len(line) == 1 else "".join(cell.text for cell in line)
        blanks = " " * (width - width_of(plain))
        if not self._colour:
            return plain + blanks
        return "".join(_painter(style)(text) if style else text for text, style in line) + blanks

    def fit(
        self, rows: Iterable[Sequence[Cell | str]], flexible: Iterable[int], indent: int = 2
    ) -> list[int]:
        """Return column widths that show ``rows`` on this screen, at the cost of the widest of
        the ``flexible`` columns, which will fold."""
        columns = list(zip(*rows, strict=True))
        # A column of nothing that can be seen is one wide: 0 would take what is left.
        widths = [max(1, *(width_of(_content(cell)) for cell in column)) for column in columns]
        spare = self.width - indent - sum(widths) - _GAP * (len(widths) - 1)
        squeezed = list(flexible)
        while spare < 0:
            widest = max(squeezed, key=lambda column: widths[column])
            if widths[widest] <= _NARROWEST:
                break
            widths[widest] -= 1
            spare += 1
        return widths

    def holds(
        self, rows: Iterable[Sequence[Cell | str]], flexible: Iterable[int], indent: int = 2
    ) -> bool:
        """Tell whether the widths of ``fit`` are within this screen."""
        widths = self.fit(rows, flexible, indent)
        return indent + sum(widths) + _GAP * (len(widths) - 1) <= self.width


def _cell(cell: Cell | str) -> Cell:
    """Return what may be written of a cell."""
    if isinstance(cell, str):
        return Cell(_content(cell))
    text = _content(cell)
    return cell if text is cell.text else Cell(text, cell.style)


def _content(cell: Cell | str) -> str:
    text = cell if isinstance(cell, str) else cell.text
    return text if text.isprintable() and len(text) <= _LIMIT else printable(text, _LIMIT)


@cache
def _painter(style: str) -> Callable[[str], str]:
    """Return what writes a text in a style."""
    from rich.color import ColorSystem
    from rich.style import Style

    return partial(Style.parse(style).render, color_system=ColorSystem.STANDARD)
