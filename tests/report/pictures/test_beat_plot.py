"""The picture of heartbeats."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FLOW, made, recorded
from pages import parsed

from auditor.report.html.plots import inline
from auditor.report.pictures.beat_plot import MOST_LANES, beat_plot
from auditor.report.told.view import View

START = FLOW["started"]
PROBE = {"flow": "f1", "side": "initiator", "interval_s": 60.0, "answered": True}
PROBES = [{**PROBE, "time": START + n * 60_000_000_000} for n in (1, 2, 3)]


def plot(*flows: dict[str, Any], probes: Any = PROBES) -> str:
    rows = [{**FLOW, "watched_s": 200.0, **flow} for flow in flows]
    return str(inline(beat_plot(View(made(flows=rows, probes=probes)))))


def test_a_connection_has_its_line_its_probes_and_its_interval() -> None:
    text = plot({})
    texts = [one.text for one in parsed(text).find("text")]
    assert texts[:2] == ["5a dir → sd", "60 s ✓"]
    assert text.count("s-pass") == 3
    assert texts[2:8] == ["0 min", "0.6 min", "1.2 min", "1.8 min", "2.4 min", "3 min"]


def test_what_is_drawn_is_explained() -> None:
    texts = [one.text for one in parsed(plot({})).find("text")]
    assert texts[-4:] == [
        "silence", "when a probe is due", "a probe, answered", "a probe, not answered",
    ]  # fmt: skip


def test_what_was_not_answered_is_a_shorter_stroke() -> None:
    heights = []
    for answered in (True, False):
        (path,) = [
            one.attributes["d"]
            for one in parsed(plot({}, probes=[{**PROBES[0], "answered": answered}])).find("path")
            if "s-pass" in one.attributes.get("class", "")
        ]
        ys = [float(part.split()[-1]) for part in path.replace("M", "").split("L")]
        heights.append(abs(ys[0] - ys[1]))
    assert heights == [16, 6]


def test_a_missing_probe_is_shown_and_comes_first() -> None:
    missing = {
        "id": "f2", "initiator_daemon": "director other", "heartbeat_verdict": "fail",
        "heartbeat_fault": "missing", "heartbeat_probes": 0,
    }  # fmt: skip
    texts = [one.text for one in parsed(plot({}, missing)).find("text")]
    assert texts[:2] == ["5a other → sd", "60 s ✕"]


@pytest.mark.parametrize("change", [{"heartbeat_probes": 0}, {"started": None}])
def test_little_is_enough(change: dict[str, Any]) -> None:
    assert bool(plot(change)) == ("started" in change)


def test_nothing_to_show_is_no_picture() -> None:
    assert beat_plot(View(made())) is None


def test_very_many_connections_do_not_flood_it() -> None:
    flows = [{"id": f"f{n}"} for n in range(200)]
    many = [{**PROBE, "flow": "f1", "time": START + n} for n in range(5000)]
    text = plot(*flows, probes=many)
    assert text.count(" → ") == MOST_LANES
    assert len(text) < 300_000


def test_a_recording_keeps_its_intervals() -> None:
    page = parsed(str(inline(beat_plot(View(recorded("heartbeat"))))))
    texts = [one.text for one in page.find("text")]
    assert texts.count("5 s ✓") == 3
    assert "4 fd3 → bareos-dir" in texts
