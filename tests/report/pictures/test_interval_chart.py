"""Intervals of probes against what was due."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FLOW, made, recorded
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from auditor.report.pictures.charts import MOST_LANES
from auditor.report.pictures.interval_chart import draw_intervals, interval_lanes
from auditor.report.told.view import View

PROBE = {"flow": "f1", "side": "initiator", "interval_s": 61.0, "answered": True, "exact": True}

MISSING = {"heartbeat_verdict": "fail", "heartbeat_fault": "missing", "heartbeat_probes": 0}


def drawn(view: View) -> Axes:
    axes = Figure(figsize=(9, 4)).subplots()
    draw_intervals(axes, view)
    axes.figure.canvas.draw()
    return axes


def chart(*flows: dict[str, Any], probes: Any = (PROBE,)) -> Axes:
    return drawn(View(made(flows=[{**FLOW, **flow} for flow in flows], probes=probes)))


def dots(axes: Axes) -> list[list[float]]:
    """Return the intervals of each lane: answered, not answered, and so on."""
    return [one.get_offsets()[:, 0].tolist() for one in axes.collections]


def told(axes: Axes) -> list[str]:
    return [one.get_text() for one in axes.texts]


def test_dots_stand_against_what_is_due() -> None:
    axes = chart({}, probes=[PROBE, {**PROBE, "interval_s": 75.5, "answered": False}])
    assert dots(axes) == [[61], [75.5]]
    ((begin, width),) = [(one.get_x(), one.get_width()) for one in axes.patches]
    assert (begin, width) == (60, 7.5)
    assert told(axes) == ["60 s ✓"]
    assert axes.get_xlim()[0] == 0


@pytest.mark.parametrize(
    "probe", [{"side": "acceptor"}, {"exact": False}, {"interval_s": None}, {"flow": "f9"}]
)
def test_probes_that_measure_nothing_are_no_dots(probe: dict[str, Any]) -> None:
    assert dots(chart({}, probes=[{**PROBE, **probe}])) == [[], []]


@pytest.mark.parametrize(
    ("flow", "label"),
    [
        ({"heartbeat_verdict": "fail", "heartbeat_fault": "interval"}, "60 s ✕"),
        (MISSING, "60 s ✕"),
        ({"heartbeat_verdict": "unknown"}, "60 s ?"),
        ({"heartbeat_expected_s": 0, "heartbeat_verdict": "notapplicable"}, "none set "),
        ({"heartbeat_expected_s": None, "heartbeat_verdict": "unknown"}, "none set ?"),
    ],
)  # fmt: skip
def test_the_judgement_stands_beside_it(flow: dict[str, Any], label: str) -> None:
    assert told(chart(flow)) == [label]


def test_what_neither_probed_nor_should_have_has_no_lane() -> None:
    view = View(made(flows=[{**FLOW, "heartbeat_probes": 0}]))
    assert interval_lanes(view) == []


def test_of_connections_that_are_alike_the_worst_counts_and_every_interval_is_told() -> None:
    second = {"id": "f2", "heartbeat_expected_s": 90, "heartbeat_verdict": "fail",
              "heartbeat_fault": "interval"}  # fmt: skip
    axes = chart({}, second, probes=[PROBE, {**PROBE, "flow": "f2", "interval_s": 30.0}])
    assert told(axes) == ["60 s / 90 s ✕"]
    assert dots(axes)[0] == [61, 30]


def test_seconds_and_hours_are_seen_on_one_axis() -> None:
    second = {"id": "f2", "connection": "3", "heartbeat_expected_s": 7200}
    probes = [{**PROBE, "interval_s": 5.0}, {**PROBE, "flow": "f2", "interval_s": 7300.0}]
    assert chart({}, second, probes=probes).get_xscale() == "log"
    assert chart({}, second, probes=[{**PROBE, "interval_s": 0.0}]).get_xscale() == "linear"


def test_more_lanes_than_there_is_room_for_are_counted() -> None:
    many = [{"id": f"f{n}", "initiator_daemon": f"director d{n}"} for n in range(MOST_LANES + 3)]
    axes = chart(*many)
    assert len(axes.get_yticks()) == MOST_LANES
    assert "3 more lanes are not drawn" in axes.get_xlabel()
    many[9] |= MISSING  # by its name the last one
    assert told(chart(*many))[-1] == "60 s ✕"


def test_a_recording_keeps_its_intervals() -> None:
    axes = drawn(View(recorded("heartbeat")))
    assert told(axes) == ["9 s ✓", "6 s ✓", "5 s ✓", "8 s ✓", "5 s ✓", "7 s ✓"]
    for lane, due in enumerate((9, 6, 5, 8, 5, 7)):
        assert all(due <= one <= due * 1.125 for one in dots(axes)[2 * lane])
