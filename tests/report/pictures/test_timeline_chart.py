"""Connections over time."""

from __future__ import annotations

from typing import Any

import pytest
from audits import CAPTURE, FINDING, FLOW, made, recorded
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from auditor.report.pictures.charts import MOST_LANES
from auditor.report.pictures.sheet import LIGHT
from auditor.report.pictures.timeline_chart import draw_timeline, timeline_lanes
from auditor.report.told.view import View

START = FLOW["started"]
S = 1_000_000_000


def drawn(view: View) -> Axes:
    axes = Figure(figsize=(9, 4)).subplots()
    draw_timeline(axes, view)
    axes.figure.canvas.draw()
    return axes


def chart(*flows: dict[str, Any], **tables: Any) -> Axes:
    rows = [{**FLOW, "duration_s": 30.0, "ending": "orderly", **flow} for flow in flows]
    return drawn(View(made(flows=rows, **tables)))


def bars(axes: Axes) -> list[tuple[float, float, float]]:
    """Return lane, begin and end of each bar, seconds since the first flow began."""
    found = []
    for collection in axes.collections:
        for path in collection.get_paths():
            (x0, y0), (x1, y1) = path.get_extents().get_points()
            begin, end = (round(x * 86400 - START / S, 1) for x in (x0, x1))
            found.append(((y0 + y1) / 2, begin, end))
    return sorted(found)


def legend(axes: Axes) -> list[str]:
    return [one.get_text() for one in axes.get_legend().get_texts()]


def test_a_connection_is_a_bar_from_its_begin_to_its_end() -> None:
    axes = chart({}, {"started": START + 60 * S, "duration_s": 12.5})
    assert bars(axes) == [(0, 0, 30), (0, 60, 72.5)]
    assert [one.get_text() for one in axes.get_yticklabels()] == [" 5a  dir → sd"]
    assert legend(axes) == ["? unknown"]


def test_what_was_open_at_the_end_reaches_it_and_is_marked() -> None:
    axes = chart({"ending": "open", "watched_s": 100.0})
    assert bars(axes) == [(0, 0, 100)]
    assert legend(axes) == ["? unknown", "open at the end"]
    assert [line.get_marker() for line in axes.lines if len(line.get_xdata())] == [">"]


def test_states_differ_by_more_than_colour() -> None:
    proven = {"id": "f2", "connection": "3", "configured": True, "expectation": "e"}
    axes = chart({}, proven, {"id": "f3", "connection": "12"},
                 findings=[{**FINDING, "flow": "f3", "flows": ["f3"]}])  # fmt: skip
    faces = [to_hex(one.get_facecolor()[0]) for one in axes.collections if one.get_paths()]
    assert faces == [LIGHT["pass"], LIGHT["card"], LIGHT["fail"]]
    assert [line.get_marker() for line in axes.lines if len(line.get_xdata())] == ["x"]
    assert legend(axes) == ["✕ fail", "? unknown", "✓ pass"]


def test_a_very_short_one_is_seen_too() -> None:
    axes = chart({"duration_s": 1000.0}, {"id": "f2", "connection": "3", "duration_s": 0.0})
    assert bars(axes)[0] == (0, 0, 4)


@pytest.mark.parametrize(
    ("lasted", "label", "tick"),
    [
        (30.0, "2027-01-15 UTC", r"\d\d:\d\d:\d\d"),
        (5 * 3600.0, "2027-01-15 UTC", r"\d\d:\d\d"),
        (3 * 86400.0, "UTC", r"2027-01-1\d\n\d\d:\d\d"),
    ],
)
def test_the_axis_tells_day_and_clock(lasted: float, label: str, tick: str) -> None:
    import re

    axes = chart({"duration_s": lasted})
    assert axes.get_xlabel() == label
    ticks = [one.get_text() for one in axes.get_xticklabels()]
    assert ticks and all(re.fullmatch(tick, one) for one in ticks)


def test_one_moment_is_enough_and_no_time_is_none() -> None:
    assert len(bars(chart({"duration_s": None}))) == 1
    assert bars(chart({"started": None})) == []


def test_many_connections_are_drawn_together_and_many_lanes_are_counted() -> None:
    flows = [{"id": f"f{n}", "started": START + n * S} for n in range(3000)]
    assert len(chart(*flows).collections) <= 5
    many = [{"id": f"f{n}", "initiator_daemon": f"director d{n}"} for n in range(MOST_LANES + 2)]
    axes = chart(*many)
    assert len(axes.get_yticks()) == MOST_LANES
    assert "2 more lanes are not drawn" in axes.get_xlabel()
    last = many[9]["id"]  # by its name
    axes = chart(*many, findings=[{**FINDING, "flow": last, "flows": [last]}])
    assert legend(axes) == ["✕ fail", "? unknown"]


def test_a_recording_has_a_lane_for_each_pair() -> None:
    view = View(recorded("modes"))
    names = [one.get_text().split()[0] for one in drawn(view).get_yticklabels()]
    assert len(names) == len(timeline_lanes(view)) == 15
    assert names[:3] == ["1", "2", "3"] and names[-1] == "12"
    assert CAPTURE["name"] not in names
