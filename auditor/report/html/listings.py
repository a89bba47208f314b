"""Pages that are one table: expectations, sockets, idle limits, the catalogue of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from auditor.judge.tables.expectations import OBSERVED
from auditor.report.cells import Value, iter_records
from auditor.report.html.grids import Grid, grid
from auditor.report.json_document import middlebox_object
from auditor.text.times import length

if TYPE_CHECKING:
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.site.middleboxes import Middlebox

Context = dict[str, Any]

#: Columns of expectations that say nothing to a person.
_LEFT_OUT = frozenset({"id", "heartbeat_known", "addresses", "initiator_addresses"})


def expectation_listing(table: Table, problems: Sequence[str]) -> Context:
    """Return the page of the connections that a configuration calls for."""
    columns = [name for name in table.columns if name not in OBSERVED | _LEFT_OUT]
    caption = "The connections that the configuration calls for, allows or forbids"
    return _page("Expected connections", [_of(table, columns, caption, "connections")], problems)


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
    return column.replace("connection", "no.").replace("_s", " (s)").replace("_", " ")


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
