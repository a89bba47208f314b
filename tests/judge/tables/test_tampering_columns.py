"""The columns on tampering, with the facts that only a judgement tells."""

from __future__ import annotations

from dataclasses import replace

from matching_site import flow_of

from auditor.flows.tampering import COPIES_DIFFER, Tampering, Unasked
from auditor.judge.heartbeat.verdict import Fault, HeartbeatVerdict
from auditor.judge.tables.tampering_columns import tampering_columns
from auditor.judge.verdicts import Verdict

FLOW = flow_of("10.0.0.10", "10.0.0.31", 9102)
QUIET = HeartbeatVerdict(Verdict.UNKNOWN, "why")


def test_a_flow_without_facts_has_none() -> None:
    assert tampering_columns(FLOW, QUIET) == {
        "tampering": "",
        "tampering_count": 0,
        "tampering_frames": [],
    }


def test_unasked_acks_are_a_fact_where_they_hide_a_fault() -> None:
    facts = (Tampering(COPIES_DIFFER, 9, 4, 0),)
    acceptor = replace(FLOW.acceptor, unasked=Unasked(3, 7, 15, 100))
    flow = replace(FLOW, acceptor=acceptor, tampering=facts, tampering_count=1)
    assert tampering_columns(flow, QUIET)["tampering_frames"] == ["4", "9"]
    row = tampering_columns(flow, replace(QUIET, fault=Fault.UNASKED))
    assert (row["tampering_count"], row["tampering_frames"]) == (4, ["4", "7", "9"])
    assert row["tampering"].endswith("(frame 7 and 2 more)")
