"""In which captures a connection is, by the tables of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auditor.judge.tables.table import Table

#: Durations are rounded, so that a connection may seem to end that much (ns) earlier.
_ROUNDED = 1_000


class Captures:
    """The rows of CAPTURES by recording."""

    def __init__(self, table: Table) -> None:
        self._rows: dict[str, Mapping[str, Any]] = {}
        self._recordings: dict[object, list[Mapping[str, Any]]] = {}
        self._places: dict[str, int] = {}
        for row in table.rows():
            some = self._recordings.setdefault(row["recording"] or row["name"], [])
            self._places.setdefault(row["name"], len(some))
            self._rows.setdefault(row["name"], row)
            some.append(row)

    def recording(self, capture: str) -> object:
        """Return what the captures of one recording have in common."""
        row = self._rows.get(capture)
        return capture if row is None else row["recording"] or capture

    def of(self, flow: Mapping[str, Any]) -> list[str]:
        """Return the names of the captures that were recorded while a row of FLOWS was seen, from
        the first that it is in to the last."""
        first, last = flow["capture"], flow["last_capture"] or flow["capture"]
        if first == last or first not in self._places or last not in self._places:
            return [first]
        some = self._recordings[self.recording(first)]
        ended = flow["started"] + round((flow["duration_s"] or 0) * 1e9) + _ROUNDED
        return [
            row["name"]
            for row in some[self._places[first] : self._places[last] + 1]
            if row["first"] is not None and row["first"] <= ended and row["last"] >= flow["started"]
        ]

    def numbers(self, capture: str, frames: Iterable[int]) -> frozenset[int]:
        """Return the numbers in a capture of those frames that are in it, of some that are counted
        through all captures of its recording."""
        row = self._rows.get(capture)
        if row is None or row["frames_before"] is None:
            return frozenset(frames)
        before = row["frames_before"]
        return frozenset(
            frame - before for frame in frames if before < frame <= before + row["packets"]
        )
