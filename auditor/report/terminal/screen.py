"""The sheet that the terminal report is written on: lines, paragraphs and grids of plain text.

Text goes in as text and comes out as text: no markup is ever parsed, and what is not printable is
replaced here once more, whoever made it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from auditor.report.interface import RenderOptions
from auditor.report.terminal.reader_time import ReaderTime
from auditor.text import printable

#: Longer than any message of a rule; a cell that long is no longer read by anybody.
_LIMIT = 2000
#: From this width on a report has room for what can also be read elsewhere in it.
_ROOMY = 100
_LINK_ID = re.compile(r"\x1b\]8;id=[^;]*;(?=h)")
#: What folds text, wherever it goes.
_ANYWHERE = Console(file=io.StringIO(), _environ={})
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


class Cell(NamedTuple):
    """A text and its style, such as ``bold red``."""

    text: str
    style: str = ""


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
        self._console = Console(
            file=self._buffer,
            width=self.width,
            force_terminal=options.colour,
            color_system="standard" if options.colour else None,
            no_color=not options.colour,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
            _environ={},
        )

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
        self._console.print()

    def heading(self, title: str) -> None:
        """Begin a section."""
        self.gap()
        rest = self.signs.rule * (self.width - cell_len(title) - 1)
        self.line(Cell(title, "bold"), " ", Cell(rest, "dim"))

    def line(self, *cells: Cell | str, indent: int = 0) -> None:
        """Write a paragraph of differently styled parts."""
        text = _between_names(_joined(cells), self.width - indent)
        self._console.print(Padding(text, (0, 0, 0, indent)))

    def item(self, mark: Cell | str, *cells: Cell | str, indent: int = 2, hang: int = 2) -> None:
        """Write a paragraph that hangs, ``hang`` columns wide, on a mark."""
        text = _between_names(_joined(cells), self.width - indent - hang)
        self.grid([[_joined([mark]), text]], [hang - 1, 0], indent=indent, gap=1)

    def folded(self, path: str, indent: int) -> list[str]:
        """Return a path as the lines that it takes from column ``indent`` on, each but the last
        ending in a slash: no name in it is broken."""
        return _after_slashes(path, self.width - indent)

    def grid(
        self,
        rows: Iterable[Sequence[Cell | str | Text]],
        widths: Sequence[int],
        *,
        indent: int = 2,
        gap: int = _GAP,
    ) -> None:
        """Write rows in columns of the given widths; 0 takes what is left."""
        grid = Table.grid(padding=(0, gap, 0, 0), expand=0 in widths)
        for width in widths:
            if width:
                grid.add_column(width=width, overflow="fold")
            else:
                grid.add_column(ratio=1, overflow="fold")
        for row in rows:
            grid.add_row(*(cell if isinstance(cell, Text) else _joined([cell]) for cell in row))
        self._console.print(Padding(grid, (0, 0, 0, indent)))

    def rows(
        self, rows: Iterable[Sequence[Cell | str]], widths: Sequence[int], *, indent: int = 2
    ) -> None:
        """Write rows as ``grid`` does, in columns that are all given a width: thousands of them,
        at a hundredth of the time. They may be wider together than the screen."""
        margin, gap = " " * indent, " " * _GAP
        for row in rows:
            folded = [
                _folded(_content(cell), width) for cell, width in zip(row, widths, strict=True)
            ]
            for texts in zip_longest(*folded, fillvalue=""):
                shown = (
                    self._styled(text, cell) + " " * (width - _width(text))
                    for text, cell, width in zip(texts, row, widths, strict=True)
                )
                self._buffer.write(f"{margin}{gap.join(shown).rstrip()}\n")

    def _styled(self, text: str, cell: Cell | str) -> str:
        if isinstance(cell, str) or not self._colour:
            return text
        return Style.parse(cell.style).render(text, color_system=ColorSystem.STANDARD)

    def fit(
        self, rows: Iterable[Sequence[Cell | str]], flexible: Iterable[int], indent: int = 2
    ) -> list[int]:
        """Return column widths that show ``rows`` on this screen, at the cost of the widest of
        the ``flexible`` columns, which will fold."""
        columns = list(zip(*rows, strict=True))
        # A column of nothing that can be seen is one wide: 0 would take what is left.
        widths = [max(1, *(_width(_content(cell)) for cell in column)) for column in columns]
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


def _content(cell: Cell | str) -> str:
    text = cell if isinstance(cell, str) else cell.text
    return text if text.isprintable() and len(text) <= _LIMIT else printable(text, _LIMIT)


def _folded(text: str, width: int) -> Sequence[str]:
    if _width(text) <= width:
        return (text,)
    folded = _between_names(Text(text), width).wrap(_ANYWHERE, width, overflow="fold")
    return [line.plain.rstrip() for line in folded]


def _after_slashes(path: str, room: int) -> list[str]:
    lines = [""]
    for part in re.findall(r"[^/]*/|[^/]+$", path):
        if lines[-1] and cell_len(lines[-1] + part) > room:
            lines.append("")
        lines[-1] += part
    return lines


def _between_names(text: Text, room: int) -> Text:
    """Break paths that are longer than a line after a slash, never within a name."""
    offsets: list[int] = []
    for word in re.finditer(r"\S+", text.plain):
        if cell_len(word[0]) > room:
            offset = word.start()
            for piece in _after_slashes(word[0], room)[:-1]:
                offset += len(piece)
                offsets.append(offset)
    return Text("\n", overflow="fold").join(text.divide(offsets)) if offsets else text


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _joined(cells: Iterable[Cell | str]) -> Text:
    text = Text(overflow="fold")
    for cell in cells:
        text.append(_content(cell), "" if isinstance(cell, str) else cell.style)
    return text
