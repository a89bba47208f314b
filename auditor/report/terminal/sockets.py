"""This host's Bareos sockets as a table, and what is wrong with any of them."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.report.cells import number, text
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.groups import Row
from auditor.report.told.words import STYLES, places, seconds, span
from auditor.text.endpoint_text import endpoint_to_text

_HEADER = ("no.", "process", "local", "", "remote", "state", "keepalive", "heard", "verdict")
#: Process and pid may fold between them. An address or a port that is split cannot be copied.
_FLEXIBLE = (1,)
#: The two ends and the arrow between them: on a line of their own where the table is too wide.
_ENDS = slice(2, 5)


def render_sockets(screen: Screen, rows: Sequence[Row]) -> None:
    """Write one line a socket, or two where it is too long; the reason below each that did not
    pass."""
    if not rows:
        screen.line("There is no socket on any of the site's ports.")
        return
    shown = [_row(screen, row) for row in rows]
    header: list[Cell | str] = [Cell(name, "dim") for name in _HEADER]
    if not screen.roomy:
        shown, header = [_narrow(row) for row in shown], _narrow(header)
    ends: list[list[Cell | str]] = [[] for _ in shown]
    if not screen.holds([header, *shown], _FLEXIBLE, indent=0):
        ends = [cells[_ENDS] for cells in shown]
        shown, header = [_without_ends(cells) for cells in shown], _without_ends(header)
    widths = screen.fit([header, *shown], _FLEXIBLE, indent=0)
    screen.grid([header], widths, indent=0)
    for row, cells, pair in zip(rows, shown, ends, strict=True):
        screen.grid([cells], widths, indent=0)
        if pair:
            here, arrow, there = pair
            screen.item("", here, " ", arrow, " ", there, hang=4)
        if text(row, "verdict") in {"fail", "unknown"}:
            _render_reason(screen, row)


def _render_reason(screen: Screen, row: Row) -> None:
    waived = text(row, "waived")
    parts = [text(row, "reason"), f" [waived: {waived}]" if waived else ""]
    screen.item("", *parts, hang=4)
    for place in places([text(row, "heartbeat_source")] if row["heartbeat_source"] else []):
        screen.item("", Cell(f"see {place}", "dim"), hang=4)


def _row(screen: Screen, row: Row) -> list[Cell | str]:
    verdict = text(row, "verdict")
    pid = number(row, "pid")
    received = number(row, "heard_s")
    return [
        text(row, "connection") or "-",
        f"{text(row, 'process') or '?'} {'' if pid is None else f'{pid:.0f}'}".rstrip(),
        _end(row, "local"),
        screen.signs.arrow if row["side"] == "initiator" else screen.signs.back,
        _end(row, "remote"),
        text(row, "state").lower().replace("established", ""),
        _keepalive(screen, row),
        "" if received is None else span(received),
        Cell("-" if verdict == "notapplicable" else verdict, STYLES.get(verdict, "")),
    ]


def _narrow(cells: list[Cell | str]) -> list[Cell | str]:
    """Leave out state and silence where there is little room."""
    return [*cells[:5], cells[6], cells[8]]


def _without_ends(cells: list[Cell | str]) -> list[Cell | str]:
    return [*cells[: _ENDS.start], *cells[_ENDS.stop :]]


def _keepalive(screen: Screen, row: Row) -> str:
    """Return ``60/60 s ×9``: idle, interval and count, and whose timers they are."""
    if text(row, "keepalive") == "off":
        return "off"
    idle, interval = seconds(number(row, "idle_s")), seconds(number(row, "interval_s"))
    timers = f"{idle.removesuffix(' s')}/{interval} {screen.signs.times}{row['count']}"
    return timers if row["own"] else f"{timers} (system)"


def _end(row: Row, name: str) -> str:
    return endpoint_to_text(text(row, f"{name}_address"), row[f"{name}_port"])
