"""Connections over time: when each began and ended, one lane for those that are alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from auditor.report.cells import number, text
from auditor.report.pictures.charts import NS, Lane, lane_name, lane_of, left_out, set_lanes
from auditor.report.pictures.overview_plot import LOOKS
from auditor.report.pictures.sheet import LIGHT
from auditor.report.told.standing import State, state_of
from auditor.report.told.view import View
from auditor.text.times import iso

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Seconds below which a connection would be no more than a hair, as a share of what is shown.
_LEAST = 0.004
_DAY = 86400
#: Seconds that are told by hours, minutes and seconds.
_CLOCKED = 4 * 3600


class _Span(NamedTuple):
    start: float
    """Seconds since 1970."""
    lasted: float
    state: State
    open: bool
    """Nobody ended it while it was watched."""


def timeline_lanes(view: View) -> Sequence[Lane]:
    """Return the lanes that the chart has."""
    return _lanes(view)[0]


def _lanes(view: View) -> tuple[Sequence[Lane], int]:
    failed = {lane_of(flow) for flow in view.flows if text(flow, "id") in view.failed}
    return left_out((lane_of(flow) for flow in view.flows), failed)


def draw_timeline(axes: Axes, view: View) -> None:
    """Draw the chart; its x axis is the time, UTC. Nothing is drawn where nothing was seen."""
    lanes, left = _lanes(view)
    spans = _spans(view, lanes)
    begin = min((one.start for of in spans.values() for one in of), default=0.0)
    end = max((one.start + one.lasted for of in spans.values() for one in of), default=1.0)
    least = (end - begin) * _LEAST or 1e-3
    for y, lane in enumerate(lanes):
        for state in State:
            _draw(axes, y, state, [one for one in spans[lane] if one.state is state], least)
    set_lanes(axes, [lane_name(lane) for lane in lanes])
    margin = (end - begin) * 0.01 or 1.0
    axes.set_xlim((begin - margin) / _DAY, (end + margin) / _DAY)
    more = f"; {left:,} more lanes are not drawn" if left else ""
    _set_time(axes, begin, end, more)
    shown = [one for of in spans.values() for one in of]
    _legend(axes, {one.state for one in shown}, still=any(one.open for one in shown))


def _set_time(axes: Axes, begin: float, end: float, more: str) -> None:
    """Name the ticks by the clock, and the axis by the day, or both by day and clock."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    first, last = (iso(round(time * NS))[:10] for time in (begin, end))
    clock = "%H:%M:%S" if end - begin < _CLOCKED else "%H:%M"
    pattern = clock if first == last else f"%Y-%m-%d\n{clock}"
    locator = AutoDateLocator(minticks=3, maxticks=8, tz="UTC")  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(DateFormatter(pattern, tz="UTC"))  # type: ignore[no-untyped-call]
    day = f"{first} UTC" if first == last else "UTC"
    axes.set_xlabel(f"{day}{more}", color=LIGHT["muted"], fontsize=9, loc="right")


def _spans(view: View, lanes: Sequence[Lane]) -> Mapping[Lane, Sequence[_Span]]:
    shown = frozenset(lanes)
    starts = view.audit.tables["flows"].values("started")
    found: dict[Lane, list[_Span]] = defaultdict(list)
    for flow, start in zip(view.flows, starts, strict=True):
        lane = lane_of(flow)
        if start is None or lane not in shown:
            continue
        still = text(flow, "ending") in ("open", "") and not flow["ended"]
        lasted = number(flow, "watched_s" if still else "duration_s") or 0.0
        found[lane].append(_Span(start / NS, lasted, state_of(view, flow), still))
    return found


def _draw(axes: Axes, y: int, state: State, spans: Sequence[_Span], least: float) -> None:
    """Draw connections of one lane and state together: hollow bars where little is proven, crossed
    ones where they fail, and an arrow where one was open at the end."""
    ink = LIGHT[LOOKS[state].ink]
    hollow = state is State.UNKNOWN
    axes.broken_barh(
        [(one.start / _DAY, max(one.lasted, least) / _DAY) for one in spans],
        (y - 0.25, 0.5),
        facecolor=LIGHT["card"] if hollow else ink,
        alpha=None if hollow else 0.75,
        edgecolor=ink,
        linewidth=1,
    )
    if state is State.FAIL:
        middles = [(one.start + max(one.lasted, least) / 2) / _DAY for one in spans]
        _mark(axes, middles, y, "x", LIGHT["ink"])
    _mark(axes, [(one.start + one.lasted) / _DAY for one in spans if one.open], y, ">", ink)


def _mark(axes: Axes, times: Sequence[float], y: int, marker: str, ink: str) -> None:
    how: dict[str, Any] = {"marker": marker, "color": ink, "markersize": 5, "linewidth": 0}
    axes.plot(times, [y] * len(times), clip_on=False, **how)


def _legend(axes: Axes, states: set[State], *, still: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Patch | Line2D] = []
    for state in (one for one in State if one in states):
        ink = LIGHT[LOOKS[state].ink]
        face = LIGHT["card"] if state is State.UNKNOWN else ink
        told = f"{LOOKS[state].sign} {state}"
        handles.append(Patch(facecolor=face, edgecolor=ink, label=told))
    how: dict[str, Any] = {"marker": ">", "color": LIGHT["muted"], "linewidth": 0, "markersize": 5}
    handles += [Line2D([], [], label="open at the end", **how)] if still else []
    axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(handles),
        frameon=False, fontsize=9, labelcolor=LIGHT["muted"],
    )  # fmt: skip
