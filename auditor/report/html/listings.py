"""Pages that are tables: expectations, sockets, idle limits, two audits, the catalogue of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from auditor.comparison import State
from auditor.report.cells import Value, iter_records, number, records, text, texts
from auditor.report.html.grids import Grid, GridRow, grid
from auditor.report.json_document import middlebox_object
from auditor.report.told.groups import Row
from auditor.report.told.view import below, folder
from auditor.report.told.words import places
from auditor.text.endpoint_text import endpoint_to_text
from auditor.text.listing import first_of
from auditor.text.times import iso, length

if TYPE_CHECKING:
    from auditor.comparison import Compared, Comparison
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.site.middleboxes import Middlebox

Context = dict[str, Any]

_EXPECTED = (
    "no.",
    "may it",
    "who dials",
    "from",
    "whom",
    "at",
    "heartbeat",
    "TLS",
    "jobs",
    "ordered by",
    "decided by",
)
#: Addresses and jobs of one cell: the JSON report has all.
_MOST = 4


def expectation_listing(table: Table, problems: Sequence[str]) -> Context:
    """Return the page of the connections that a configuration calls for."""
    found = records(table)
    where = folder(found)
    rows = (_expected(row, where) for row in found)
    caption = "The connections that the configuration calls for, allows or forbids"
    listed = grid("connections", caption, _EXPECTED, rows)
    return _page("Expected connections", [listed], [below(where, one) for one in problems])


def _expected(row: Row, where: str) -> GridRow:
    beat, idle = number(row, "heartbeat_s"), number(row, "idle_s")
    system = f"system, {length(idle)}" if idle else "system"
    return (
        text(row, "connection"),
        text(row, "permission"),
        text(row, "initiator"),
        text(row, "source_address") or first_of(texts(row, "initiator_addresses"), _MOST),
        text(row, "acceptor"),
        endpoint_to_text(text(row, "address") or "any address", row["port"]),
        "?" if beat is None else f"{beat:.0f} s" if beat else system,
        text(row, "tls"),
        first_of(texts(row, "jobs"), _MOST),
        text(row, "director"),
        below(where, text(row, "permission_source")),
    )


def socket_listing(table: Table) -> Context:
    """Return the page of this host's sockets."""
    return _page(
        "Bareos sockets of this host", [_of(table, [*table.columns], "Every socket", "sockets")]
    )


def idle_limit_listing(boxes: Sequence[Middlebox]) -> Context:
    """Return the page of the middleboxes whose idle limit has a name."""
    found = [middlebox_object(box) for box in boxes]
    rows = [("–", one["name"], length(one["limit_s"]), *_last(one)) for one in found]
    columns = ("no.", "name", "forgets after", "then", "source", "read")
    caption = "After how long each middlebox forgets a silent connection"
    return _page("Idle limits", [grid("limits", caption, columns, rows)])


def _last(box: dict[str, Any]) -> Iterable[str]:
    return (_word(box[key]) for key in ("then", "source", "read"))


_COMPARED = ("no.", "severity", "what failed", "because", "written at", "do", "finding")


def comparison_listing(comparison: Comparison) -> Context:
    """Return the page of what became of the findings of an audit in a later one."""
    where = folder({"sources": list(one.sources)} for one in comparison.findings)
    found = {state: comparison.of(state) for state in State}
    grids = [
        grid(state, state.capitalize(), _COMPARED, (_compared(one, where) for one in listed))
        for state, listed in found.items()
        if listed
    ]
    counts = ", ".join(f"{len(listed):,} {state}" for state, listed in found.items())
    made = [iso(one.made)[:10] for one in (comparison.old, comparison.new) if one.made is not None]
    since = f", {' to '.join(dict.fromkeys(made))}" if made else ""
    return _page(f"Two audits: {counts}{since}", grids)


def _compared(one: Compared, where: str) -> GridRow:
    return (
        "–",
        one.severity,
        below(where, one.message),
        one.reason,
        ", ".join(places([below(where, place) for place in one.sources])[:_MOST]),
        below(where, one.remedy) if one.state is State.OPENED else "",
        one.id,
    )


def rule_listings(rules: Sequence[Rule]) -> Context:
    """Return the page of the catalogue, or of one rule."""
    return {**_page("Rules", []), "rules": rules}


def _page(title: str, grids: list[Grid], problems: Sequence[str] = ()) -> Context:
    return {"title": title, "grids": grids, "problems": problems, "rules": ()}


def _of(table: Table, columns: Sequence[str], caption: str, what: str) -> Grid:
    columns = ["connection", *(name for name in columns if name != "connection")]
    rows = (
        [_word(row["connection"]) or "–", *(_word(row[name]) for name in columns[1:])]
        for row in iter_records(table, columns)
    )
    return grid(what, caption, [_heading(name) for name in columns], rows)


def _heading(column: str) -> str:
    unit = " (s)" if column.endswith("_s") else ""
    return column.removesuffix("_s").replace("connection", "no.").replace("_", " ") + unit


def _word(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
