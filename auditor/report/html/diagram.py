"""The manual's overview of all connections as markup: who dials whom, thirteen arrows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import hypot
from typing import Any

from auditor.report.pictures.overview_places import ARROWS, Arrow
from auditor.report.told.standing import Standing

#: Length of an arrow's head, and half its breadth.
_HEAD, _HALF = 15, 7


def drawn(standings: Iterable[Standing]) -> list[Mapping[str, Any]]:
    """Return the arrows as a template draws them: line, head, where the number stands, and what
    a screen reader says."""
    return [_arrow(one, ARROWS[one.number]) for one in standings]


def _arrow(standing: Standing, at: Arrow) -> Mapping[str, Any]:
    length = hypot(at.x2 - at.x1, at.y2 - at.y1)
    dx, dy = (at.x2 - at.x1) / length, (at.y2 - at.y1) / length
    back = at.x2 - dx * _HEAD, at.y2 - dy * _HEAD
    corners = (
        (at.x2, at.y2),
        (back[0] - dy * _HALF, back[1] + dx * _HALF),
        (back[0] + dy * _HALF, back[1] - dx * _HALF),
    )
    return {
        "number": standing.number,
        "state": str(standing.state),
        "mark": mark(standing),
        "line": f"M{at.x1} {at.y1}L{back[0]:.1f} {back[1]:.1f}",
        "head": " ".join(f"{x:.1f},{y:.1f}" for x, y in corners),
        "x": round(at.x1 + (at.x2 - at.x1) * at.label),
        "y": round(at.y1 + (at.y2 - at.y1) * at.label),
        "said": said(standing),
    }


def mark(standing: Standing) -> str:
    """Return the word that style and symbols of a state go by."""
    return str(standing.state).replace("not exercised", "idle")


def said(standing: Standing) -> str:
    """Return an arrow in words: what it is, how it stands, and why."""
    title = f"{standing.number}, {standing.connection.title}: {standing.state}"
    return f"{title}, {standing.told}" if standing.told else title
