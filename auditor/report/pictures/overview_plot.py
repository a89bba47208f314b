"""The manual's overview of all connections: thirteen arrows, each drawn as what was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from auditor.report.pictures.overview_places import ARROWS, BOXES, HEIGHT, WIDTH, Arrow, Box
from auditor.report.pictures.sheet import Picture, Sheet
from auditor.report.told.standing import Standing, State

#: Below the drawing, what the signs mean.
_LEGEND = 34
#: Half a number's pill: it hides the arrow below it.
_PILL_X, _PILL_Y = 25, 13


class Look(NamedTuple):
    """How a state is drawn, so that it is known without its colour."""

    ink: str
    sign: str
    width: float
    dashes: object = "-"


LOOKS: Mapping[State, Look] = {
    State.PASS: Look("pass", "✓", 1.8),
    State.FAIL: Look("fail", "✕", 3.0),
    State.UNKNOWN: Look("unknown", "?", 1.8, (0, (5, 3))),
    State.IDLE: Look("idle", "–", 1.0, (0, (1, 3))),
    State.FORBIDDEN: Look("idle", "⊘", 1.0, (0, (1, 3))),
}


def overview_plot(standings: Sequence[Standing]) -> Picture:
    """Return the picture of all thirteen numbers."""

    def draw(sheet: Sheet) -> None:
        for one in standings:
            _draw_arrow(sheet, ARROWS[one.number], LOOKS[one.state])
        for box in BOXES:
            _draw_box(sheet, box)
        for one in standings:
            _draw_number(sheet, ARROWS[one.number], one.number, LOOKS[one.state])
        _draw_legend(sheet)

    told = ", ".join(f"{one.number} {one.state}" for one in standings)
    return Picture(WIDTH, HEIGHT + _LEGEND, f"The thirteen connections: {told}", draw)


def _draw_arrow(sheet: Sheet, at: Arrow, look: Look) -> None:
    from matplotlib.patches import FancyArrowPatch

    ink = sheet.inks[look.ink]
    size = sheet.scale * (1.4 if look.width > 2 else 1)
    sheet.axes.add_patch(
        FancyArrowPatch(
            (at.x1, at.y1),
            (at.x2, at.y2),
            arrowstyle=f"-|>,head_length={8 * size},head_width={4 * size}",
            facecolor=ink,
            edgecolor=ink,
            linewidth=look.width * sheet.scale,
            linestyle=look.dashes,
            shrinkA=0,
            shrinkB=0,
        )
    )


def _draw_box(sheet: Sheet, box: Box) -> None:
    from matplotlib.patches import FancyBboxPatch

    sheet.axes.add_patch(
        FancyBboxPatch(
            (box.x, box.y),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=8",
            facecolor=sheet.inks["soft"],
            edgecolor=sheet.inks["muted"],
            linewidth=sheet.scale,
        )
    )
    x, y = box.x + box.width / 2, box.y + box.height / 2
    sheet.text(x, y - 9 * bool(box.port), box.name, "ink", 15, ha="center")
    if box.port:
        sheet.text(x, y + 13, box.port, "muted", 12, ha="center")


def _draw_number(sheet: Sheet, at: Arrow, number: str, look: Look) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = at.x1 + (at.x2 - at.x1) * at.label, at.y1 + (at.y2 - at.y1) * at.label
    sheet.axes.add_patch(
        FancyBboxPatch(
            (x - _PILL_X, y - _PILL_Y),
            2 * _PILL_X,
            2 * _PILL_Y,
            boxstyle=f"round,pad=0,rounding_size={_PILL_Y}",
            facecolor=sheet.inks["card"],
            edgecolor=sheet.inks[look.ink],
            linewidth=1.4 * sheet.scale,
        )
    )
    ink = "muted" if look.ink == "idle" else "ink"
    sheet.text(x - 8, y, number, ink, 14, ha="center", va="center_baseline", fontweight="bold")
    sheet.text(x + 12, y, look.sign, look.ink, 14, ha="center", va="center_baseline")


def _draw_legend(sheet: Sheet) -> None:
    y = HEIGHT + _LEGEND / 2 + 4
    for place, (state, look) in enumerate(LOOKS.items()):
        x = 20 + place * (WIDTH - 20) / len(LOOKS)
        dashes = look.dashes
        ink = sheet.inks[look.ink]
        width = look.width * sheet.scale
        sheet.axes.plot([x, x + 26], [y, y], color=ink, linewidth=width, linestyle=dashes)
        sheet.text(x + 34, y, f"{look.sign} {state}", "muted", 12, va="center_baseline")
