"""The rows of a table as JSON, a bounded number of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from json.encoder import encode_basestring_ascii as _quoted
from math import isfinite
from typing import Any

from auditor.judge.tables.table import Table
from auditor.judge.verdicts import Verdict
from auditor.text.times import iso

#: Columns ``<group>_<key>`` of a flow that become one object; ``initiator_evidence`` stays out.
GROUPS = ("initiator", "acceptor", "identity", "heartbeat", "socket")
_UNGROUPED = frozenset({"initiator_evidence"})
#: Objects that are null where nothing is known, and what their members are then, if not missing:
#: a socket that nobody knows of is not judged.
NULLABLE: Mapping[str, Mapping[str, str]] = {
    "identity": {},
    "socket": {"socket_verdict": Verdict.NOT_APPLICABLE},
}
#: Rows that are made together: each takes some KB.
_CHUNK = 512
_NULL = "null"


def group_of(column: str) -> tuple[str, str]:
    """Return the object a flow's column goes into and its key there; no object: two times empty."""
    group, _, key = column.partition("_")
    return (group, key) if group in GROUPS and key and column not in _UNGROUPED else ("", "")


def row_texts(table: Table, without: Collection[str] = ()) -> Iterator[str]:
    """Yield each row as one line: an object with the table's columns but for those ``without``."""
    columns = {name: [("", name)] for name in table.columns if name not in without}
    return _texts(table, columns)


def flow_texts(table: Table) -> Iterator[str]:
    """Yield each flow as one line, with its grouped columns as objects; without an identity, or
    without a socket, that one is null."""
    members: dict[str, list[tuple[str, str]]] = {}
    for column in table.columns:
        group, key = group_of(column)
        members.setdefault(group or column, []).append((key, column))
    return _texts(table, members)


#: The members of an object: a column each, or an object of the columns under these keys.
_Members = Mapping[str, Sequence[tuple[str, str]]]


def _texts(table: Table, members: _Members) -> Iterator[str]:
    line = "{" + ", ".join(f"{_quoted(key)}: %s" for key in members) + "}"
    for start in range(0, len(table), _CHUNK):
        stop = min(start + _CHUNK, len(table))
        made = [_member(table, key, parts, start, stop) for key, parts in members.items()]
        for row in zip(*made, strict=True):
            yield line % row


def _member(
    table: Table, key: str, parts: Sequence[tuple[str, str]], start: int, stop: int
) -> list[str]:
    """Return one member of each of some rows."""
    if not parts[0][0]:
        return _cells(table, parts[0][1], start, stop)
    line = "{" + ", ".join(f"{_quoted(name)}: %s" for name, _ in parts) + "}"
    made = {name: _cells(table, column, start, stop) for name, column in parts}
    rows = [line % row for row in zip(*made.values(), strict=True)]
    if key not in NULLABLE:
        return rows
    nothing = line % tuple(_nothing(table, key, column) for _, column in parts)
    return [_NULL if row == nothing else row for row in rows]


def _nothing(table: Table, group: str, column: str) -> str:
    """Return what a cell of a nullable object looks like where nothing is known."""
    if column in NULLABLE[group]:
        return _quoted(NULLABLE[group][column])
    return {"bool": "false", "list": "[]"}.get(table.columns[column].dtype, _NULL)


def _cells(table: Table, column: str, start: int, stop: int) -> list[str]:
    shown = _SHOWN[table.columns[column].dtype]
    return [_NULL if value is None else shown(value) for value in table.values(column, start, stop)]


def _quoted_list(items: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, items))}]"


#: How the cells of a dtype are written.
_SHOWN: Mapping[str, Callable[[Any], str]] = {
    "str": lambda text: _quoted(text) if text else _NULL,
    "Int64": str,
    "Float64": lambda number: float.__repr__(number) if isfinite(number) else _NULL,
    "bool": lambda value: "true" if value else "false",
    "time": lambda time: f'"{iso(time)}"',
    "list": _quoted_list,
}
