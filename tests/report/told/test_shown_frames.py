"""The frames of a connection: what each is, and what Wireshark is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FINDING, FLOW, made

from auditor.report.cells import records
from auditor.report.html.cards import fail_cards
from auditor.report.told.groups import Row
from auditor.report.told.shown_frames import frame_filter, frame_span, named_frames
from auditor.report.told.view import View

FRAMES = {"first_frame": 1, "reply_frame": 2, "hello_frame": 4, "ending_frame": 9, "last_frame": 12}


def row(**changes: Any) -> Row:
    (made_,) = records(made(flows=[{**FLOW, **changes}]).tables["flows"])
    return made_


def test_what_each_frame_is_is_told() -> None:
    assert named_frames(row(**FRAMES)) == "1 first, 2 reply, 4 hello, 9 end"
    assert named_frames(row(**FRAMES | {"ending_frame": 2})) == "1 first, 2 reply and end, 4 hello"
    assert named_frames(row(first_frame=7)) == "7 first"
    assert named_frames(row()) == ""


def test_probes_and_what_accuses_are_named_with_them() -> None:
    flow = row(**FRAMES, tampering_frames=["9", "6", "evil", "²", "1" * 5000, "-2"])
    told = "1 first, 2 reply, 4 hello, 6 contradicts, 7 probe, 8 probe, 9 end and contradicts"
    assert named_frames(flow, [7, 8]) == told
    assert frame_filter([flow], {"f1": [7, 8]}) == "frame.number in {1, 2, 4, 6, 7, 8, 9}"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (FRAMES, "frames 1-12"),
        (FRAMES | {"attempts": 40}, "frame 1"),
        ({"first_frame": 3, "last_frame": 3}, "frame 3"),
        ({}, ""),
    ],
)
def test_where_a_connection_lies_is_told_in_short(changes: dict[str, Any], told: str) -> None:
    assert frame_span(row(**changes)) == told


def test_one_frame_needs_no_set_and_none_no_filter() -> None:
    assert frame_filter([row(first_frame=7)], {}) == "frame.number == 7"
    assert frame_filter([row()], {}) == "" == frame_filter([], {})


def test_no_filter_is_longer_than_anybody_reads() -> None:
    many = [row(id=f"f{n}", first_frame=n, tampering_frames=["9999"]) for n in range(1, 200)]
    told = frame_filter(many, {"f1": range(500, 900)})
    assert told.count(",") == 49
    assert "9999" in told
    assert named_frames(many[0], range(500, 900)).count("probe") == 30


def test_probes_are_named_by_the_findings_that_rest_on_them() -> None:
    flows = [{**FLOW, "id": f"f{n}", "acceptor_port": 9100 + n} for n in (1, 2, 3)]
    probes = [{"flow": flow, "frame": frame} for flow in ("f1", "f3") for frame in (30, 31)]
    quiet = {**FINDING, "flow": "f1", "evidence": ["heartbeat_expected_s=60"]}
    other = {**FINDING, "flow": "f3"}
    view = View(made(flows=flows, probes=probes, findings=[quiet, other]))
    assert view.probe_frames == {"f1": [30, 31]}
    assert [view.is_on_probes(one) for one in view.findings] == [True, False]
    first, second = fail_cards(view, waived=False)[0]["happened"]
    assert first["flows"][0]["frames"] == "30 probe, 31 probe"
    assert (first["frames"], second["frames"]) == ("frame.number in {30, 31}", "")
