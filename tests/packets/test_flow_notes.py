"""Notes on connections in a thinned capture: written, read, and refused if they are not ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.packets.flow_notes import (
    FACTS_NOTED,
    FlowNote,
    RefusedLogin,
    flow_note_from_comment,
    flow_note_to_comment,
)

NOTE = FlowNote(
    initiator=("10.0.0.10", 40001),
    acceptor=("2001:db8::31", 9102),
    started=1_800_000_000_000_000_000,
    by="hello",
    transport="tls",
    offered="1.3",
    version="",
    marks=frozenset({"proven", "contradicts"}),
    refused=RefusedLogin("acceptor", "closed", "FIN after 0.2 s, without an answer", certain=False),
    facts=((1, 1_800_000_000_000_000_001), (32, 1_800_000_000_000_000_002)),
    count=7,
)
LINE = (
    "bareos-audit flow from=10.0.0.10:40001 to=[2001:db8::31]:9102 started=1800000000000000000"
    " by=hello transport=tls offered=1.3 version= is=contradicts,proven"
    ' refused=acceptor/closed/likely "FIN after 0.2 s, without an answer"'
    " tampering=1@1800000000000000001,32@1800000000000000002 count=7"
)


def test_the_line_is_stable() -> None:
    assert flow_note_to_comment(NOTE) == LINE


@pytest.mark.parametrize(
    "note", [NOTE, replace(NOTE, marks=frozenset(), refused=None, facts=(), count=0, version="1.2")]
)
def test_there_and_back(note: FlowNote) -> None:
    assert flow_note_from_comment(flow_note_to_comment(note)) == note


def test_more_facts_than_are_written_are_counted() -> None:
    many = replace(NOTE, facts=NOTE.facts * FACTS_NOTED, count=2 * FACTS_NOTED)
    read = flow_note_from_comment(flow_note_to_comment(many))
    assert read is not None
    assert (len(read.facts), read.count) == (FACTS_NOTED, 2 * FACTS_NOTED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        LINE + " ",
        " " + LINE,
        LINE + "\n",
        LINE.replace("10.0.0.10:40001", "10.0.0.10:70000"),
        LINE.replace("10.0.0.10:40001", "10.0.0.999:1"),
        LINE.replace("by=hello", "by=HELLO"),
        LINE.replace("FIN after", 'FIN" after'),
        LINE.replace("FIN after", "FIN\x1b[2J"),
        LINE.replace("started=18", "started=-18"),
        LINE.replace("started=18", "started=98"),
        LINE.replace("count=7", "count="),
        LINE.replace("without an answer", "x" * 800),
    ],
)
def test_what_is_not_such_a_line(text: str) -> None:
    assert flow_note_from_comment(text) is None
