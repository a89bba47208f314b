"""An audit of as many connections as are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from audits import recorded

from auditor.judge.tables.table import build
from auditor.result import Audit

_NETWORKS = 150
_DAY_NS = 86_400_000_000_000


def many(flows: int) -> Audit:
    """Return an audit of at least so many connections: those of ``trouble`` with their probes and
    findings, each time with other ids and ports, in one of 150 networks."""
    one = recorded("trouble")
    copies = -(-flows // len(one.tables["flows"]))
    tables = dict(one.tables)
    for name in ("flows", "probes", "findings"):
        rows = [dict(row) for row in one.tables[name].rows()]
        tables[name] = build(name, _repeated(rows, copies))
    return replace(one, tables=tables, failed=None)


def _repeated(rows: list[dict[str, Any]], copies: int) -> Iterator[dict[str, Any]]:
    for copy in range(copies):
        for row in rows:
            yield {name: _changed(name, value, copy) for name, value in row.items()}


def _changed(name: str, value: Any, copy: int) -> Any:
    """Return the cell of a copy: ids, ports and times are its own, names and addresses those of
    its network."""
    network = copy % _NETWORKS
    match value:
        case list():
            return [_changed(name, one, copy) for one in value]
        case str() if name in {"id", "flow", "flows"} and value:
            return f"{value}-{copy}"
        case str():
            return value.replace("10.77.", f"10.{77 + network}.").replace("fd1", f"fd1-{network}")
        case int() if name == "initiator_port":
            return 1024 + (value + copy * 7) % 60_000
        case int() if name in {"started", "ended", "time"} and value > _DAY_NS:
            return value + copy * 4_000_000_000
        case _:
            return value
