"""Rows of one rule that are alike are told as one: a thousand logins that one host was refused at
one port, or a thousand strangers that dialled it.

They are put together before anything is said of them, so that a flood costs no sentence a flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from auditor.judge.rules.rule import Rule
from auditor.judge.tables.table import Table

#: The column with the id of the flow that a row is about, in the tables whose rows anybody on the
#: wire can multiply.
FLOW_ID = {"flows": "id", "probes": "flow"}
_TIME = {"flows": "started", "probes": "time"}
#: So many flows are named by a finding; ``count`` tells how many rows there are.
MOST_FLOWS = 1000
#: So many rows of one pair are told each by itself, ...
_MOST_OF_A_PAIR = 8
#: ... and of so many pairs each, where a rule finds something on more of them than that: ...
_CROWD = 256
#: ... as many as that at one acceptor, and as many altogether.
_MOST_AT_ONE_PORT, _MOST_ALTOGETHER = 16, 512

#: What two rows of one pair are equal in, beside the columns of ``Rule.once``.
_PAIR = (
    "initiator_address",
    "acceptor_address",
    "acceptor_port",
    "initiator_daemon",
    "acceptor_daemon",
    "flow",
)
#: What they are equal in as well, so that no waiver and no doubt is shared by chance.
_KIND = ("connection", "confidence", "outcome", "transport", "identity_type", "login_refused")
_PORT = ("acceptor_address", "acceptor_port", "acceptor_daemon")


class Crowd(NamedTuple):
    """Rows that are told as one finding, by the first of them."""

    rows: Sequence[int]
    """Their indexes in the table, rising."""
    of_a_pair: bool = True
    """All have the same two ends."""


def crowds(rule: Rule, table: Table, rows: Sequence[int], *, waived: bool = False) -> list[Crowd]:
    """Return the rows that a rule found, those that are alike together if there are many, in the
    order of the first of each.

    ``waived``: what is found on some daemons is, so that daemons are not taken together.
    """
    if rule.about not in FLOW_ID or len(rows) <= _MOST_OF_A_PAIR:
        return [Crowd((row,)) for row in rows]
    kind = [*_KIND, *rule.once] if "initiator_address" not in rule.once else _KIND
    pairs = [
        crowd
        for alike in _alike(table, rows, [*_PAIR, *_KIND, *rule.once])
        for crowd in _split(alike)
    ]
    pairs.sort(key=lambda crowd: crowd.rows[0])
    if len(pairs) <= _CROWD or waived:
        return pairs
    at_ports = _gathered(table, pairs, [*_PORT, *kind], _MOST_AT_ONE_PORT)
    if len(at_ports) <= _MOST_ALTOGETHER:
        return at_ports
    return _gathered(table, at_ports, ["connection", "confidence"], _MOST_ALTOGETHER)


def _split(rows: Sequence[int]) -> Iterator[Crowd]:
    if len(rows) > _MOST_OF_A_PAIR:
        yield Crowd(rows)
    else:
        yield from (Crowd((row,)) for row in rows)


def _gathered(
    table: Table, told: Sequence[Crowd], columns: Sequence[str], most: int
) -> list[Crowd]:
    """Return the first of those that are equal in some columns, and the others of them as one."""
    by_row = {crowd.rows[0]: crowd for crowd in told}
    found: list[Crowd] = []
    for alike in _alike(table, list(by_row), columns):
        found += [by_row[row] for row in alike[:most]]
        if rest := alike[most:]:
            every = sorted(row for first in rest for row in by_row[first].rows)
            found.append(Crowd(every, of_a_pair=len(rest) == 1 and by_row[rest[0]].of_a_pair))
    return sorted(found, key=lambda crowd: crowd.rows[0])


def _alike(table: Table, rows: Sequence[int], columns: Iterable[str]) -> Iterator[list[int]]:
    """Yield the rows that are equal in the columns that the table has."""
    stored = [table.values(name) for name in dict.fromkeys(columns) if name in table.columns]
    groups: dict[tuple[object, ...], list[int]] = {}
    for row in rows:
        key = tuple([_hashable(column[row]) for column in stored])
        groups.setdefault(key, []).append(row)
    yield from groups.values()


def _hashable(cell: Any) -> Any:
    return tuple(cell) if type(cell) is list else cell


def flows_of(about: str, table: Table, rows: Sequence[int]) -> Iterator[str]:
    """Yield the ids of the flows that rows of a table are about."""
    column = FLOW_ID.get(about)
    if column is not None:
        yield from (table.stored[column].cell(row) for row in rows)


def tell_of_all(cells: dict[str, Any], about: str, table: Table, crowd: Crowd) -> None:
    """Let a row of FINDINGS that was made of the first of many rows speak of all of them."""
    cells["count"] = len(crowd.rows)
    if about in _TIME:
        stored = table.stored[_TIME[about]]
        times = [time for row in crowd.rows if (time := stored.cell(row)) is not None]
        cells |= {"first": min(times, default=None), "last": max(times, default=None)}
    if len(crowd.rows) > 1:
        cells["flows"] = list(dict.fromkeys(flows_of(about, table, crowd.rows[:MOST_FLOWS])))
    if not crowd.of_a_pair:
        addresses = table.stored["initiator_address"]
        hosts = len({addresses.cell(row) for row in crowd.rows})
        said = cells["message"].removesuffix(".")
        cells["message"] = f"{said}; so did others like it, from {hosts:,} addresses in all"
