"""The frames of a connection: what each is, and what Wireshark is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from audits import CAPTURE, FINDING, FLOW, made

from auditor.report.cells import records
from auditor.report.html.cards import fail_cards
from auditor.report.told.groups import Row
from auditor.report.told.shown_frames import ShownFrames
from auditor.report.told.view import View

ONE = ShownFrames(records(made().tables["captures"]))
FRAMES = {"first_frame": 1, "reply_frame": 2, "hello_frame": 4, "ending_frame": 9, "last_frame": 12}


def row(**changes: Any) -> Row:
    (made_,) = records(made(flows=[{**FLOW, **changes}]).tables["flows"])
    return made_


def test_what_each_frame_is_is_told() -> None:
    assert ONE.named(row(**FRAMES)) == "1 first, 2 reply, 4 hello, 9 end"
    assert ONE.named(row(**FRAMES | {"ending_frame": 2})) == "1 first, 2 reply and end, 4 hello"
    assert ONE.named(row(first_frame=7)) == "7 first"
    assert ONE.named(row()) == ""


def test_probes_and_what_accuses_are_named_with_them() -> None:
    flow = row(**FRAMES, tampering_frames=["9", "6", "evil", "²", "1" * 5000, "-2"])
    told = "1 first, 2 reply, 4 hello, 6 contradicts, 7 probe, 8 probe, 9 end and contradicts"
    assert ONE.named(flow, [7, 8]) == told
    assert ONE.display_filter([flow], {"f1": [7, 8]}) == "frame.number in {1, 2, 4, 6, 7, 8, 9}"


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
    assert ONE.span(row(**changes)) == told
    assert ONE.span(row(**changes), whole=True) == (told and f"{told} of a.pcap")


def test_of_a_recording_in_several_files_frames_are_counted_in_each() -> None:
    """As Wireshark counts, which opens one at a time."""
    before = {"a.pcap": 0, "b.pcap": 6, "c.pcap": 9}
    captures = [
        {**CAPTURE, "name": name, "recording": 1, "frames_before": count}
        for name, count in before.items()
    ]
    alone = {**CAPTURE, "name": "d.pcap", "recording": 2, "frames_before": 0}
    frames = ShownFrames(records(made(captures=[alone, *captures]).tables["captures"]))
    flow = row(**FRAMES, tampering_frames=["10"], last_capture="c.pcap")
    told = "1 first, 2 reply, 4 hello, 6 probe, 3 of b.pcap end, 1 of c.pcap contradicts"
    assert frames.named(flow, [6]) == told
    assert frames.span(flow) == "frames 1 of a.pcap to 3 of c.pcap"
    assert frames.span(row(**FRAMES | {"last_frame": 5})) == "frames 1-5 of a.pcap"
    assert frames.display_filter([flow], {}) == "frame.number in {1, 2, 4}"
    later = row(capture="c.pcap", first_frame=12, last_frame=12)
    assert frames.display_filter([later], {}) == "frame.number == 3"
    assert frames.span(row(**FRAMES, capture="d.pcap")) == "frames 1-12"
    assert frames.span(row(**FRAMES, capture="nobody knows")) == "frames 1-12"


def test_one_frame_needs_no_set_and_none_no_filter() -> None:
    assert ONE.display_filter([row(first_frame=7)], {}) == "frame.number == 7"
    assert ONE.display_filter([row()], {}) == "" == ONE.display_filter([], {})


def test_no_filter_is_longer_than_anybody_reads() -> None:
    many = [row(id=f"f{n}", first_frame=n, tampering_frames=["9999"]) for n in range(1, 200)]
    told = ONE.display_filter(many, {"f1": range(500, 900)})
    assert told.count(",") == 49
    assert "9999" in told
    assert ONE.named(many[0], range(500, 900)).count("probe") == 30


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
