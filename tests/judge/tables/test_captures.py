"""CAPTURES: what a capture holds, and what passed the tap and is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from matching_site import flow_of

from auditor.flows.flow import Flow
from auditor.judge.tables.captures import capture_row, losses
from auditor.judge.tables.table import build
from auditor.packets.segments import CaptureInfo, Clock, ClockStep, Undecoded

INFO = CaptureInfo("a.pcap", "pcap", "dumpcap", "Ethernet")
FLOW = flow_of("10.0.0.1", "10.0.0.2", 9102)


def lacking(initiator: int, acceptor: int) -> Flow:
    return replace(
        FLOW,
        initiator=replace(FLOW.initiator, missing=initiator),
        acceptor=replace(FLOW.acceptor, missing=acceptor),
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dropped": 3}, "3 packets were dropped while capturing"),
        ({"truncated": True}, "the file ends inside a record"),
        ({"truncated": True, "unread": "why"}, "why"),
        (
            {"short": 2, "layers": (Undecoded("heads", 4, may_hold=True, cut=True),)},
            "6 packets could not be decoded: "
            "heads (4), TCP headers that were cut by the recorder (2)",
        ),
        ({"lacks": ("an hour is missing",)}, "an hour is missing"),
        ({"unreadable": ("one was cut",)}, "one was cut"),
    ],
)
def test_a_loss_of_the_file_is_told_in_words(changes: dict[str, Any], sentence: str) -> None:
    assert losses(replace(INFO, **changes), [FLOW], []) == [sentence]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dropped": 0},
        {"dropped": None},
        {"fragments": 2},
        {"layers": (Undecoded("ESP", 4, may_hold=True),)},
        {"clock": Clock(late=1)},
        {"thinned": True},
    ],
)
def test_what_is_no_loss_leaves_a_capture_complete(changes: dict[str, Any]) -> None:
    """Thinning leaves out only what an audit does not need; a clock that ran backwards lost no
    packet, and what is encrypted is there."""
    assert losses(replace(INFO, **changes), [FLOW], []) == []


def test_losses_of_all_flows_and_sides_are_added_up() -> None:
    half = replace(FLOW, one_sided=True)
    found = losses(INFO, [lacking(1, 20), lacking(300, 0), half, half], ["the table was full"])
    assert found == [
        "the table was full",
        "321 acknowledged bytes were never captured",
        "2 flows show one direction only",
    ]


def test_a_row_has_times_counts_and_losses() -> None:
    info = replace(
        INFO, packets=9, segments=7, first=1_000_000_000, last=3_500_000_000, dropped=3,
        before=12, notes=("it was thinned",),
    )  # fmt: skip
    (row,) = build(
        "captures", [capture_row(info, [lacking(1, 2)], ["first", "second"], ["9 attempts"], 4)]
    ).rows()
    assert dict(row) == {
        "name": "a.pcap", "format": "pcap", "backend": "dumpcap", "link": "Ethernet",
        "packets": 9, "segments": 7, "first": 1_000_000_000, "last": 3_500_000_000,
        "duration_s": 2.5, "dropped": 3, "missing": 3, "incomplete": True,
        "incomplete_reason": "first; second", "summarised": ["9 attempts"],
        "undecoded": 0, "undecoded_layers": [], "out_of_order": 0, "clock_steps": [],
        "notes": ["it was thinned"], "recording": 4, "frames_before": 12,
    }  # fmt: skip


def test_an_empty_capture_has_no_length_and_is_complete() -> None:
    row = capture_row(INFO, [], [])
    assert (row["duration_s"], row["dropped"], row["incomplete"]) == (None, None, False)


def of_clock(**clock: Any) -> Mapping[str, Any]:
    return capture_row(replace(INFO, clock=Clock(**clock)), [FLOW], [])


def test_where_a_clock_was_set_back_is_told_with_time_and_size() -> None:
    """By how much it was set forward again nothing tells."""
    second = 1_000_000_000
    back, again = ClockStep(3 * second, -second), ClockStep(-second, 4 * second)
    row = of_clock(late=7, steps=(back, again))
    assert row["clock_steps"] == ["1970-01-01T00:00:03.000000000Z -4.000 s"]
    assert row["out_of_order"] == 7
    assert row["notes"] == [
        "Its clock was set, and no silence is judged that this cuts: "
        "1970-01-01T00:00:03.000000000Z -4.000 s."
    ]
    assert row["incomplete"] is False


def test_of_a_clock_that_was_set_too_often_no_silence_is_judged() -> None:
    (note,) = of_clock(late=2000, beyond=1936)["notes"]
    assert note == "Its clock was set 1,936 times more, so that no silence in it is judged."


def test_late_packets_alone_are_counted_and_nothing_to_know() -> None:
    row = of_clock(late=3)
    assert (row["out_of_order"], row["clock_steps"], row["notes"]) == (3, [], [])


def test_what_could_not_be_decoded_is_told_by_layer_if_it_may_have_held_something() -> None:
    layers = (Undecoded("ESP", 7, may_hold=True), Undecoded("runts", 9, may_hold=False))
    row = capture_row(replace(INFO, layers=layers, short=2, fragments=3), [FLOW], [])
    assert row["undecoded"] == 12
    assert row["undecoded_layers"] == [
        "ESP: 7",
        "TCP headers that were cut by the recorder: 2",
        "IP fragments of TCP whose first is missing: 3",
    ]
