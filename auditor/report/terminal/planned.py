"""The connections that a configuration calls for, as a table."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.report.cells import number, text, texts
from auditor.report.terminal.groups import Row
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.terminal.words import STYLES, count
from auditor.site.connections import connections

_HEADER = ("initiator", "acceptor", "dials", "may it", "heartbeat", "TLS", "jobs")
_FLEXIBLE = (0, 1, 2)
_PERMISSION = {"required": "bold", "forbidden": STYLES["fail"]}


def render_expectations(screen: Screen, rows: Iterable[Row]) -> None:
    """Write the expectations, by connection number."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(text(row, "connection"), []).append(row)
    if not groups:
        screen.line("The configuration calls for no connection.")
        return
    rendered = {number_: [_row(row, number_) for row in found] for number_, found in groups.items()}
    everything = [_HEADER, *(row for listed in rendered.values() for row in listed)]
    widths = screen.fit(everything, _FLEXIBLE)
    for position, (number_, listed) in enumerate(rendered.items()):
        title = Cell(f"{number_:<3}{connections()[number_].title}", "bold")
        screen.line(title, Cell(f"  {count(len(listed), 'connection')}", "dim"))
        if position == 0:
            screen.grid([[Cell(name, "dim") for name in _HEADER]], widths)
        for row, cells in zip(groups[number_], listed, strict=True):
            screen.grid([cells], widths)
            _render_decision(screen, row)


def _render_decision(screen: Screen, row: Row) -> None:
    """What is merely possible was decided by nobody; the JSON report has the sources of all."""
    where = text(row, "permission_source")
    if where and row["permission"] != "allowed":
        screen.item("", Cell(f"{row['permission']} by {where}", "dim"), hang=2)


def _row(row: Row, number_: str) -> tuple[Cell | str, ...]:
    known = connections()[number_]
    permission = text(row, "permission")
    address = text(row, "address") or "any address"
    seconds = number(row, "heartbeat_s")
    heartbeat = "?" if seconds is None else f"{seconds:.0f} s" if seconds else "system"
    return (
        text(row, "initiator").removeprefix(f"{known.initiator} "),
        text(row, "acceptor").removeprefix(f"{known.acceptor} "),
        f"{address}:{row['port']}",
        Cell(permission, _PERMISSION.get(permission, "")),
        heartbeat,
        text(row, "tls"),
        str(len(texts(row, "jobs")) or ""),
    )
