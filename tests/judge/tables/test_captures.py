"""CAPTURES: what a capture holds, and what passed the tap and is not in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from matching_site import flow_of

from auditor.flows.flow import Flow
from auditor.judge.tables.captures import capture_row, losses
from auditor.judge.tables.table import build
from auditor.packets.segments import CaptureInfo

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
        ({"short": 2}, "2 packets were cut inside the TCP header"),
        ({"undecoded": 4}, "4 packets could not be decoded"),
        ({"lacks": ("an hour is missing",)}, "an hour is missing"),
        ({"unreadable": ("one was cut",)}, "one was cut"),
    ],
)
def test_a_loss_of_the_file_is_told_in_words(changes: dict[str, Any], sentence: str) -> None:
    assert losses(replace(INFO, **changes), [FLOW], []) == [sentence]


@pytest.mark.parametrize(
    "changes",
    [{}, {"dropped": 0}, {"dropped": None}, {"fragments": 2}, {"backwards": 1}, {"thinned": True}],
)
def test_what_is_no_loss_leaves_a_capture_complete(changes: dict[str, Any]) -> None:
    """Thinning leaves out only what an audit does not need; a clock that ran backwards lost no
    packet."""
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
        notes=("it was thinned",),
    )  # fmt: skip
    (row,) = build(
        "captures", [capture_row(info, [lacking(1, 2)], ["first", "second"], ["9 attempts"])]
    ).rows()
    assert dict(row) == {
        "name": "a.pcap", "format": "pcap", "backend": "dumpcap", "link": "Ethernet",
        "packets": 9, "segments": 7, "first": 1_000_000_000, "last": 3_500_000_000,
        "duration_s": 2.5, "dropped": 3, "missing": 3, "incomplete": True,
        "incomplete_reason": "first; second", "summarised": ["9 attempts"],
        "notes": ["it was thinned"],
    }  # fmt: skip


def test_an_empty_capture_has_no_length_and_is_complete() -> None:
    row = capture_row(INFO, [], [])
    assert (row["duration_s"], row["dropped"], row["incomplete"]) == (None, None, False)
