"""The first lines: the verdict, what it rests on, what was read, and what could not be told."""

from __future__ import annotations

from pathlib import PurePath

from rich.cells import cell_len

from auditor.report.cells import number, text, texts
from auditor.report.terminal.groups import Row
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.terminal.view import View
from auditor.report.terminal.words import STYLES, count, moment, span

#: The first screen has no room for the names of more captures.
_MOST_CAPTURES = 1


def render_opening(screen: Screen, view: View) -> None:
    """Write the verdict, what was proven and what could not be, and what was read."""
    verdict, style = _verdict(view)
    screen.line(Cell(verdict, style), Cell(_aside(view), ""))
    if view.audit.verdict == "fail" or _open(view):
        screen.line(_basis(view).capitalize())
    _render_read(screen, view)
    render_statements(screen, view)


def render_statements(screen: Screen, view: View) -> None:
    """Write what cannot be told, and why."""
    for statement in view.audit.statements:
        screen.item(screen.signs.bullet, view.short(statement))


def failed(view: View) -> tuple[str, str]:
    """Return the headline of an audit that failed, and its style."""
    found = {severity: n for severity, n in view.audit.fails_by_severity.items() if n}
    parts = [f"{number} {severity}" for severity, number in found.items()]
    total = f"fail ({view.audit.severity}): {count(sum(found.values()), 'finding')}"
    return total if len(parts) == 1 else f"{total} ({', '.join(parts)})", STYLES["fail"]


def undecided(view: View) -> tuple[str, str]:
    """Return the headline of an audit in which something grave is open, and its style."""
    grave = count(view.audit.open, "finding")
    return f"unknown: {grave} that would be high could not be decided", STYLES["unknown"]


def _verdict(view: View) -> tuple[str, str]:
    match view.audit.verdict:
        case "fail":
            return failed(view)
        case "pass":
            return f"pass: {_basis(view)}", STYLES["pass"]
        case _ if _open(view):
            return undecided(view)
        case _:
            return f"could not look: {_blindness(view)}", STYLES["unknown"]


def _open(view: View) -> bool:
    return view.audit.verdict == "unknown" and not view.audit.blind


def _basis(view: View) -> str:
    """Return what was proven, and what could not be seen."""
    proof = view.audit.proof
    parts = [_connections(view)]
    if proof.heartbeats or proof.unobserved:
        heartbeats = f"heartbeats: {proof.heartbeats:,} proven"
        unseen = f", {proof.unobserved:,} not observable" if proof.unobserved else ""
        parts.append(heartbeats + unseen)
    return "; ".join(parts)


def _connections(view: View) -> str:
    proof = view.audit.proof
    if not view.expectations:
        known = count(proof.numbered, "connection") if proof.numbered else "no connection"
        if view.audit.verdict == "pass":
            return f"ports and hellos show nothing wrong in {known}"
        return f"{known} in which ports and hellos show nothing wrong"
    counts = {"proven": proof.certain, "likely": proof.likely}
    listed = [f"{number:,} {word}" for word, number in counts.items() if number]
    return f"who dials whom: {', '.join(listed) or 'none proven'}"


def _blindness(view: View) -> str:
    if not view.flows:
        return "the captures hold no TCP segment on any of the site's ports"
    numbered = [row for row in view.flows if row["numbered"]]
    sure = [row for row in numbered if row["confidence"] != "guess"]
    if any(row["expectation"] or not row["configured"] for row in sure):
        return "no connection was accepted"
    if numbered and not sure:
        return "what each connection is can only be guessed"
    if not view.expectations:
        return "no connection has the number of a Bareos connection"
    return "this configuration describes none of the connections: is it that of another network?"


def _aside(view: View) -> str:
    coverage = view.coverage()
    parts = []
    if coverage["unknowns"] and not (_open(view) and coverage["unknowns"] == view.audit.open):
        parts.append(f"{coverage['unknowns']:,} undecided")
    if coverage["waived"]:
        parts.append(f"{coverage['waived']:,} waived")
    return f"; {', '.join(parts)}" if parts else ""


def _render_read(screen: Screen, view: View) -> None:
    """Write in a line or two what was read."""
    captures = view.captures
    if len(captures) <= _MOST_CAPTURES:
        for row in captures:
            name, read = text(row, "name"), _size(screen, row, segments=False)
            if cell_len(f"{name}: {read}") > screen.width:
                name = PurePath(name).name
            screen.line(Cell(f"{name}: {read}", "dim"))
    else:
        packets = sum(int(number(row, "packets") or 0) for row in captures)
        read = f"{count(len(captures), 'capture')}, {count(packets, 'packet')}"
        screen.line(Cell(read, "dim"))
    render_folder(screen, view)


def render_folder(screen: Screen, view: View) -> None:
    """Write where the places are that are named below."""
    render_place(screen, view.folder)


def render_place(screen: Screen, folder: str) -> None:
    """Write a folder of configuration; nothing: there is none that holds all files."""
    if folder:
        screen.line(Cell(f"configuration in {folder}", "dim"))


def render_captures(screen: Screen, view: View) -> None:
    """Write what has to be said of each capture, where that is more than the opening says."""
    if len(view.captures) <= _MOST_CAPTURES and not any(map(_remarkable, view.captures)):
        return
    screen.heading("Captures")
    for row in view.captures:
        screen.item(screen.signs.bullet, f"{text(row, 'name')}: {_size(screen, row)}")
        if row["incomplete"]:
            reason = text(row, "incomplete_reason")
            screen.item("", Cell("incomplete: ", STYLES["unknown"]), reason)
        for note in texts(row, "notes"):
            screen.item("", note)


def _remarkable(row: Row) -> bool:
    return bool(row["incomplete"] or texts(row, "notes"))


def _size(screen: Screen, row: Row, *, segments: bool = True) -> str:
    shown = count(int(number(row, "packets") or 0), "packet")
    if segments:
        shown = f"{shown}, {count(int(number(row, 'segments') or 0), 'segment')}"
    first, last = moment(row["first"]), moment(row["last"], text(row, "first")[:10])
    if not first:
        return shown
    length = span(number(row, "duration_s") or 0)
    return f"{shown}, {length}, {first} {screen.signs.to} {last} UTC"
