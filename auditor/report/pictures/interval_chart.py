"""Intervals of keepalive probes against what was due: which connections keep their heartbeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auditor.judge.verdicts import Verdict
from auditor.report.cells import number, text
from auditor.report.pictures.charts import Lane, lane_name, lane_of, left_out, set_lanes
from auditor.report.pictures.sheet import LIGHT
from auditor.report.told.groups import heartbeat_verdict
from auditor.report.told.view import View
from auditor.report.told.words import seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Linux fires a keepalive timer up to an eighth late (bareos.md §6.1).
_LATEST = 1.125
#: From so many times the shortest interval on the axis counts tenfold steps.
_WIDE = 20
_SIGNS = {
    Verdict.FAIL: ("✕", "fail"),
    Verdict.UNKNOWN: ("?", "unknown"),
    Verdict.PASS: ("✓", "pass"),
}


@dataclass(slots=True)
class _Beat:
    """Connections that are alike."""

    due: set[float] = field(default_factory=set)
    """Their HeartbeatIntervals in force; none: not known, or none is set."""
    answered: list[float] = field(default_factory=list)
    unanswered: list[float] = field(default_factory=list)
    verdicts: set[str] = field(default_factory=set)

    @property
    def sign(self) -> tuple[str, str]:
        """What was judged of the worst of them, and its colour."""
        return next((look for one, look in _SIGNS.items() if one in self.verdicts), ("", "muted"))


def interval_lanes(view: View) -> Sequence[Lane]:
    """Return the lanes that the chart has."""
    return _lanes(_beats(view))[0]


def _lanes(beats: Mapping[Lane, _Beat]) -> tuple[Sequence[Lane], int]:
    failed = {lane for lane, one in beats.items() if Verdict.FAIL in one.verdicts}
    return left_out(beats, failed)


def draw_intervals(axes: Axes, view: View) -> None:
    """Draw the chart; its x axis is seconds. Nothing is drawn where no probe was seen or due."""
    beats = _beats(view)
    lanes, left = _lanes(beats)
    shown = [beats[lane] for lane in lanes]
    for y, one in enumerate(shown):
        _draw(axes, y, one)
    set_lanes(axes, [lane_name(lane) for lane in lanes])
    known = [value for one in shown for value in (*one.due, *one.answered, *one.unanswered)]
    highest = max(known, default=1.0)
    if highest > _WIDE * min(known, default=1.0) > 0:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    else:
        axes.set_xlim(0, highest * 1.15)
    for y, one in enumerate(shown):
        sign, ink = one.sign
        due = " / ".join(map(seconds, sorted(one.due))) or "none set"
        axes.annotate(
            f"{due} {sign}", (1.01, y), xycoords=("axes fraction", "data"), va="center",
            fontsize=9, color=LIGHT[ink], annotation_clip=False,
        )  # fmt: skip
    more = f"; {left:,} more lanes are not drawn" if left else ""
    told = f"seconds since the prober last heard its peer, or last probed{more}"
    axes.set_xlabel(told, color=LIGHT["muted"], fontsize=9, loc="right")
    _legend(axes)


def _beats(view: View) -> Mapping[Lane, _Beat]:
    """Return the connections with probes of their initiators, and those in which some lack. A
    probe before which nothing was seen has no interval."""
    lanes: dict[str, Lane] = {}
    found: dict[Lane, _Beat] = defaultdict(_Beat)
    for flow in view.flows:
        verdict = heartbeat_verdict(flow)
        if not flow["heartbeat_probes"] and verdict != Verdict.FAIL:
            continue
        lane = lanes[text(flow, "id")] = lane_of(flow)
        found[lane].verdicts.add(verdict)
        due = number(flow, "heartbeat_expected_s")
        found[lane].due |= {due} if due else set()
    table = view.audit.tables["probes"]
    columns = ("flow", "side", "interval_s", "exact", "answered")
    for flow_id, side, interval, exact, answered in zip(*map(table.values, columns), strict=True):
        if side == "initiator" and exact and interval is not None and flow_id in lanes:
            beat = found[lanes[flow_id]]
            (beat.answered if answered else beat.unanswered).append(interval)
    return found


def _draw(axes: Axes, y: int, one: _Beat) -> None:
    for due in one.due:
        axes.barh(
            y, due * (_LATEST - 1), left=due, height=0.62, color=LIGHT["line"],
            edgecolor=LIGHT["idle"], linewidth=0.8,
        )  # fmt: skip
    axes.scatter(one.answered, [y] * len(one.answered), **_dot(hollow=False))
    axes.scatter(one.unanswered, [y] * len(one.unanswered), **_dot(hollow=True))


def _dot(*, hollow: bool) -> dict[str, Any]:
    face = LIGHT["card"] if hollow else LIGHT["ink"]
    return {"s": 22, "facecolor": face, "edgecolor": LIGHT["ink"], "linewidth": 0.9, "alpha": 0.7,
            "zorder": 3}  # fmt: skip


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dot: dict[str, Any] = {"marker": "o", "linewidth": 0, "markersize": 5, "color": LIGHT["ink"]}
    handles: list[Patch | Line2D] = [
        Patch(facecolor=LIGHT["line"], edgecolor=LIGHT["idle"], label="when a probe is due"),
        Line2D([], [], label="answered", **dot),
        Line2D([], [], label="not answered", **{**dot, "markerfacecolor": LIGHT["card"]}),
    ]
    axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False,
        fontsize=9, labelcolor=LIGHT["muted"],
    )  # fmt: skip
