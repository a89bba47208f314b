"""The lines of the configuration that a finding speaks of, with those around them: secrets are
hidden already where an audit keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.report.told.view import View


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    number: int
    text: str
    decisive: bool
    """The finding names it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines of one file that follow each other."""

    file: str
    """As seen from the folder of the configuration."""
    lines: Sequence[Line]


def quotes(view: View, sources: Iterable[str]) -> tuple[list[Quote], list[str]]:
    """Return the lines at these places, ``file:line``, file by file in the order of the places;
    and the places of which no line is at hand."""
    found: dict[str, dict[int, str]] = {}
    named: dict[str, set[int]] = {}
    left = []
    for source in sources:
        excerpt = view.excerpts.get(source)
        if excerpt is None:
            left.append(source)
            continue
        lines = found.setdefault(excerpt.file, {})
        lines.update(enumerate(excerpt.lines, excerpt.first))
        named.setdefault(excerpt.file, set()).add(excerpt.line)
    made = [
        Quote(view.short(file), part)
        for file, lines in found.items()
        for part in _parts(lines, named[file])
    ]
    return made, left


def _parts(lines: Mapping[int, str], named: set[int]) -> list[list[Line]]:
    parts: list[list[Line]] = []
    for number in sorted(lines):
        if not parts or parts[-1][-1].number + 1 != number:
            parts.append([])
        parts[-1].append(Line(number, lines[number], number in named))
    return parts
