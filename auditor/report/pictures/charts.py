"""What the charts of connections share: one lane for all that are alike, named as people do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import TYPE_CHECKING

from auditor.report.cells import text
from auditor.report.pictures.sheet import LIGHT, word
from auditor.report.told.flow_words import acceptor, initiator
from auditor.report.told.groups import Row
from auditor.site.connections import connections

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NS = 1_000_000_000
#: Lanes of one chart; the table has every connection.
MOST_LANES = 40
_ORDER = [*connections(), ""]
#: Number, who dialled, and whom; its order is that of the manual.
Lane = tuple[int, str, str]


def lane_of(flow: Row) -> Lane:
    """Return the lane of a flow: those of one number between the same two share it."""
    number = text(flow, "connection")
    whom = acceptor(flow, number)
    return (
        _ORDER.index(number),
        initiator(flow, number),
        text(flow, "acceptor_daemon") if whom == "-" else whom,
    )


def lane_name(lane: Lane) -> str:
    """Return what stands beside a lane."""
    place, who, whom = lane
    return f"{_ORDER[place] or '–':>3}  {word(who, 22)} → {word(whom, 22)}"


def set_lanes(axes: Axes, lanes: Sequence[str]) -> None:
    """Name the lanes of a chart, the first one above."""
    axes.set_yticks(range(len(lanes)), lanes, fontsize=9)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.tick_params(axis="both", length=0, colors=LIGHT["muted"], labelsize=9)
    axes.tick_params(axis="y", labelcolor=LIGHT["ink"])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT["line"])
    axes.grid(axis="x", color=LIGHT["line"], linewidth=0.6)
    axes.set_axisbelow(True)


def left_out(lanes: Iterable[Lane], urgent: Set[Lane]) -> tuple[list[Lane], int]:
    """Return the lanes that a chart has room for, in their order, and how many it has not: those
    that are ``urgent`` come in first."""
    ordered = sorted(set(lanes), key=lambda lane: (lane not in urgent, lane))
    return sorted(ordered[:MOST_LANES]), len(ordered[MOST_LANES:])


def say_nothing(axes: Axes, why: str) -> None:
    """Write why there is nothing to draw."""
    axes.axis("off")
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center",
              color=LIGHT["muted"])  # fmt: skip
