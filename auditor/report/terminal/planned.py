"""The connections that a configuration calls for, as a table: what may be, then what may not.

Several Storage resources of one daemon call for the same connections, which stand here once; the
JSON report has a row for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from auditor.report.cells import number, text, texts
from auditor.report.terminal.opening import render_place
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.groups import Row
from auditor.report.told.view import below
from auditor.report.told.words import STYLES, count, places
from auditor.site.connections import connections
from auditor.text.endpoint_text import endpoint_to_text
from auditor.text.times import length

_HEADER = ("initiator", "from", "acceptor", "dials", "may it", "heartbeat", "TLS", "jobs")
#: An address and its port are never split.
_FLEXIBLE = (0, 2, 5)
_PERMISSION = {"required": "bold", "forbidden": STYLES["fail"]}
#: What two rows have in common that are one connection, beside their ends.
_SAME = ("connection", "port", "permission", "director")
#: Connections that a Storage Daemon dials.
_BY_STORAGE = frozenset({"7", "8"})

_Same = list[Row]
_Cells = tuple[Cell | str, ...]


def render_expectations(screen: Screen, rows: Iterable[Row], folder: str = "") -> None:
    """Write the expectations by connection number, the forbidden ones apart from the others, and
    places as seen from ``folder``."""
    merged: dict[object, _Same] = {}
    for row in rows:
        key = (*(row[name] for name in _SAME), _initiator(row), _target(row))
        merged.setdefault(key, []).append(row)
    if not merged:
        screen.line("The configuration calls for no connection.")
        return
    forbidden = [same for same in merged.values() if same[0]["permission"] == "forbidden"]
    allowed = [same for same in merged.values() if same[0]["permission"] != "forbidden"]
    cells = {id(same): _cells(same) for same in merged.values()}
    widths = screen.fit([_HEADER, *cells.values()], _FLEXIBLE)
    render_place(screen, folder)
    _render_part(screen, allowed, cells, widths, folder)
    if forbidden:
        screen.heading("Forbidden")
        _render_part(screen, forbidden, cells, widths, folder)


def _initiator(row: Row) -> object:
    """Storage resources at one address are one daemon, of which no more is known than that."""
    addresses = tuple(texts(row, "initiator_addresses"))
    unknown = text(row, "connection") in _BY_STORAGE and not row["heartbeat_known"]
    return addresses if unknown and addresses else row["initiator"]


def _target(row: Row) -> object:
    """Who dials one address and port reaches one daemon, whatever both are called."""
    address = text(row, "address")
    return tuple(texts(row, "addresses")) or address if address else row["acceptor"]


def _render_part(
    screen: Screen,
    part: Iterable[_Same],
    cells: Mapping[int, _Cells],
    widths: Sequence[int],
    folder: str,
) -> None:
    by_number = groupby(part, key=lambda same: text(same[0], "connection"))
    for position, (number_, found) in enumerate(by_number):
        listed = list(found)
        title = Cell(f"{number_:<3}{connections()[number_].title}", "bold")
        screen.line(title, Cell(f"  {count(len(listed), 'connection')}", "dim"))
        if position == 0:
            screen.rows([[Cell(name, "dim") for name in _HEADER]], widths)
        for where, decided in groupby(listed, key=_decision):
            together = list(decided)
            for same in together:
                screen.rows([cells[id(same)]], widths)
                _render_resources(screen, same, folder)
            if where:
                _note(screen, f"{together[0][0]['permission']} by {below(folder, where)}")


def _decision(same: _Same) -> str:
    """What is merely possible was decided by nobody; the JSON report has the sources of all."""
    permission = text(same[0], "permission")
    return text(same[0], "permission_source") if permission != "allowed" else ""


def _render_resources(screen: Screen, same: _Same, folder: str) -> None:
    """Where several resources call for one connection: the lines in which they differ."""
    if len(same) == 1:
        return
    everywhere = set(texts(same[0], "sources")).intersection(*(texts(r, "sources") for r in same))
    apart = dict.fromkeys(place for row in same for place in texts(row, "sources"))
    listed = places([below(folder, place) for place in apart if place not in everywhere])
    if listed:
        _note(screen, f"{len(same)} resources: {'; '.join(listed)}")


def _note(screen: Screen, sentence: str) -> None:
    screen.rows([[Cell(sentence, "dim")]], [screen.width - 4], indent=4)


def _cells(same: _Same) -> _Cells:
    row = same[0]
    known = connections()[text(row, "connection")]
    permission = text(row, "permission")
    jobs = {job for one in same for job in texts(one, "jobs")}
    return (
        _names(same, "initiator", known.initiator),
        _from(row),
        _names(same, "acceptor", known.acceptor),
        endpoint_to_text(_dialled(same) or "any address", row["port"]),
        Cell(permission, _PERMISSION.get(permission, "")),
        " or ".join(dict.fromkeys(map(_heartbeat, sorted(same, key=_system_last)))),
        " or ".join(dict.fromkeys(text(one, "tls") for one in same)),
        str(len(jobs) or ""),
    )


def _names(same: _Same, end: str, role: str) -> str:
    return ", ".join(dict.fromkeys(text(row, end).removeprefix(f"{role} ") for row in same))


def _from(row: Row) -> str:
    """SourceAddress is what the initiator binds to; else any of its addresses may be seen."""
    bound, known = text(row, "source_address"), texts(row, "initiator_addresses")
    if bound or not known:
        return bound or "any address"
    return known[0] if len(known) == 1 else f"{known[0]} or {len(known) - 1} more"


def _dialled(same: _Same) -> str:
    """The address as written; where it is written in several ways, what they come to."""
    written = {text(row, "address") for row in same}
    known = texts(same[0], "addresses")
    return text(same[0], "address") if len(written) == 1 or not known else known[0]


def _system_last(row: Row) -> float:
    return number(row, "heartbeat_s") or float("inf")


def _heartbeat(row: Row) -> str:
    seconds = number(row, "heartbeat_s")
    if seconds is None:
        return "?"
    idle = number(row, "idle_s")
    return f"{seconds:.0f} s" if seconds else f"{length(idle)} (system)" if idle else "system"
