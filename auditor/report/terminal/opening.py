"""What was read, and the verdict."""

from __future__ import annotations

from auditor.report.cells import number, text, texts
from auditor.report.terminal.groups import Row
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.terminal.view import View
from auditor.report.terminal.words import STYLES, count, moment, span


def render_captures(screen: Screen, view: View) -> None:
    """Write a line on each capture; two where its name is long."""
    for row in view.captures:
        name, size = text(row, "name"), _size(screen, row)
        if len(name) + len(size) + 2 <= screen.width:
            screen.line(Cell(name, "bold"), f"  {size}")
        else:
            screen.line(Cell(name, "bold"))
            screen.line(size, indent=2)
        if row["incomplete"]:
            reason = text(row, "incomplete_reason")
            screen.item(
                Cell("!", STYLES["unknown"]), Cell("incomplete: ", STYLES["unknown"]), reason
            )
        for note in texts(row, "notes"):
            screen.item(screen.signs.bullet, note)


def _size(screen: Screen, row: Row) -> str:
    packets, segments = int(number(row, "packets") or 0), int(number(row, "segments") or 0)
    shown = f"{count(packets, 'packet')}, {count(segments, 'segment')}"
    first, last = moment(row["first"]), moment(row["last"], text(row, "first")[:10])
    if not first:
        return shown
    length = span(number(row, "duration_s") or 0)
    return f"{shown}, {length}, {first} {screen.signs.to} {last} UTC"


def render_verdict(screen: Screen, view: View) -> None:
    """Write the verdict in one line."""
    screen.gap()
    screen.line(Cell(*_verdict(view)), _aside(view))
    render_statements(screen, view)


def render_statements(screen: Screen, view: View) -> None:
    """Write what cannot be told, and what the reader has to know before any finding."""
    for statement in view.audit.statements:
        screen.item(screen.signs.bullet, statement)


def _verdict(view: View) -> tuple[str, str]:
    audit = view.audit
    match audit.verdict:
        case "fail":
            found = {s: n for s, n in audit.fails_by_severity.items() if n}
            parts = [f"{number} {severity}" for severity, number in found.items()]
            total = f"fail ({audit.severity}): {count(sum(found.values()), 'finding')}"
            shown = total if len(parts) == 1 else f"{total} ({', '.join(parts)})"
            return shown, STYLES["fail"]
        case "pass":
            return "pass: nothing failed", STYLES["pass"]
        case _:
            return f"could not look: {_blindness(view)}", STYLES["unknown"]


def _blindness(view: View) -> str:
    if not view.flows:
        return "the captures hold no TCP segment on any of the site's ports"
    if not view.expectations:
        return "no connection has the number of a Bareos connection"
    return "this configuration describes none of the connections: is it that of another network?"


def _aside(view: View) -> str:
    coverage = view.coverage()
    parts = [f"{count(coverage['passed'], 'check')} passed"]
    if coverage["unknowns"]:
        parts.append(f"{coverage['unknowns']:,} undecided")
    if coverage["waived"]:
        parts.append(f"{coverage['waived']:,} waived")
    return "" if view.audit.verdict == "unknown" else f"; {', '.join(parts)}"
