"""The captures of an audit, by the recordings that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.result import Audit

#: The captures of one recording, with the times of their first and last packets.
Paths = Mapping[str, tuple[int, int]]


def recordings(audit: Audit, captures: Iterable[str]) -> Iterator[Paths]:
    """Yield the captures by recording."""
    rows = {row["name"]: row for row in audit.tables["captures"].rows()}
    found: dict[object, dict[str, tuple[int, int]]] = {}
    for path in captures:
        if path in rows:  # one that was given twice is there once
            row = rows[path]
            span = (row["first"] or 0, row["last"] or 0)
            found.setdefault(row["recording"] or path, {})[path] = span
    yield from found.values()


def capture_at(paths: Paths, time: int | None) -> str:
    """Return the capture that was recorded at a time (ns), the first if none was."""
    spans = paths.items()
    there = (path for path, (first, last) in spans if time is not None and first <= time <= last)
    return next(there, next(iter(paths)))
