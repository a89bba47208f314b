"""Coverage: which expected connections were seen, which never, and which this tap cannot show."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from auditor.report.cells import text
from auditor.report.told.groups import Row
from auditor.report.told.view import View
from auditor.site.model import Permission


class Reach(StrEnum):
    """Whether a connection that the configuration calls for was seen."""

    EXERCISED = "exercised"
    MISSED = "required, not seen"
    """The captures could have shown it."""
    IMPOSSIBLE = "impossible from this tap"
    PLANNED = "planned, not seen"
    UNSEEN = "never seen"
    KEPT_OUT = "forbidden, not seen"


class Reached(NamedTuple):
    """One expectation, and how far the captures reached."""

    row: Row
    reach: Reach
    why: str


def reached(view: View) -> Iterator[Reached]:
    """Yield every expectation with what became of it, in the manual's order."""
    for row in view.expectations:
        yield Reached(row, *_reach(row))


def _reach(row: Row) -> tuple[Reach, str]:
    if row["exercised"]:
        return Reach.EXERCISED, ""
    match text(row, "permission"):
        case Permission.FORBIDDEN:
            return Reach.KEPT_OUT, ""
        case Permission.REQUIRED if row["opportunity"]:
            return Reach.MISSED, ""
        case Permission.REQUIRED:
            return Reach.IMPOSSIBLE, text(row, "opportunity_reason")
        case _:
            return (Reach.PLANNED, "a job needs it") if row["jobs"] else (Reach.UNSEEN, "")
