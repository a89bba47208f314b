"""The first lines: the verdict, what it rests on, what was read, and what could not be told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from auditor.report.cells import number, text, texts
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.terminal.wrapping import width_of
from auditor.report.told.groups import Row
from auditor.report.told.verdict import aside, basis, headline, is_open
from auditor.report.told.view import View
from auditor.report.told.words import STYLES, count, span
from auditor.text.listing import first_of

#: The first screen has no room for the names of more captures.
_MOST_CAPTURES = 1
#: So many captures are told one by one.
_MOST_TOLD = 40
#: Nor for more paths of the configuration.
_MOST_FOLDERS = 2


def render_opening(screen: Screen, view: View) -> None:
    """Write the verdict, what was proven and what could not be, and what was read."""
    verdict, style = headline(view)
    screen.line(Cell(verdict, STYLES[style]), Cell(aside(view), ""))
    if view.audit.verdict == "fail" or is_open(view):
        screen.line(basis(view).capitalize())
    _render_read(screen, view)
    render_statements(screen, view)


def render_statements(screen: Screen, view: View) -> None:
    """Write what cannot be told, and why."""
    for statement in view.audit.statements:
        screen.item(screen.signs.bullet, view.short(statement))


def _render_read(screen: Screen, view: View) -> None:
    """Write in a line or two what was read."""
    captures = view.captures
    if len(captures) <= _MOST_CAPTURES:
        for row in captures:
            name, read = text(row, "name"), _size(screen, row, segments=False)
            if width_of(f"{name}: {read}") > screen.width:
                name = PurePath(name).name
            screen.line(Cell(f"{name}: {read}", "dim"))
    else:
        packets = sum(int(number(row, "packets") or 0) for row in captures)
        read = f"{count(len(captures), 'capture')}, {count(packets, 'packet')}"
        screen.line(Cell(read, "dim"))
    render_folder(screen, view)


def render_folder(screen: Screen, view: View) -> None:
    """Write where the places are that are named below, or what was given."""
    render_place(screen, view.folder or first_of(view.audit.basis.configuration, _MOST_FOLDERS))


def render_place(screen: Screen, folder: str) -> None:
    """Write a folder of configuration; nothing: there is none that holds all files."""
    if folder:
        screen.line(Cell(f"configuration in {folder}", "dim"))


def render_captures(screen: Screen, view: View) -> None:
    """Write what has to be said of each capture, where that is more than the opening says."""
    if len(view.captures) <= _MOST_CAPTURES and not any(map(_remarkable, view.captures)):
        return
    screen.heading("Captures")
    for row in _told(view.captures):
        screen.item(screen.signs.bullet, f"{text(row, 'name')}: {_size(screen, row)}")
        if row["incomplete"]:
            reason = text(row, "incomplete_reason")
            screen.item("", Cell("incomplete: ", STYLES["unknown"]), reason)
        for note in texts(row, "notes"):
            screen.item("", note)
    if left := len(view.captures[_MOST_TOLD:]):
        more = count(left, "more capture")
        screen.item(screen.signs.bullet, f"and {more}; the JSON report has each")


def _told(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the captures that are told, in their order: of too many those that lack something,
    then those that have notes, before others."""
    if len(rows) <= _MOST_TOLD:
        return rows
    order = range(len(rows))
    first = sorted(order, key=lambda n: (not rows[n]["incomplete"], not texts(rows[n], "notes")))
    return [rows[n] for n in sorted(first[:_MOST_TOLD])]


def _remarkable(row: Row) -> bool:
    return bool(row["incomplete"] or texts(row, "notes"))


def _size(screen: Screen, row: Row, *, segments: bool = True) -> str:
    shown = count(int(number(row, "packets") or 0), "packet")
    if segments:
        shown = f"{shown}, {count(int(number(row, 'segments') or 0), 'segment')}"
    when = screen.times.between(row["first"], row["last"], screen.signs.to)
    if not when:
        return shown
    return f"{shown}, {span(number(row, 'duration_s') or 0)}, {when}"
