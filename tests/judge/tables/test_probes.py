"""PROBES: one row a keepalive probe, both sides in order of time."""

from __future__ import annotations

from dataclasses import replace

from matching_site import flow_of

from auditor.flows.probe import Probe
from auditor.judge.heartbeat.verdict import HeartbeatVerdict
from auditor.judge.matching.match import Match
from auditor.judge.tables.judged import Judged
from auditor.judge.tables.probes import probe_rows
from auditor.judge.tables.table import build
from auditor.judge.verdicts import Verdict
from auditor.packets.segments import CaptureInfo

SECOND = 1_000_000_000
INFO = CaptureInfo("a.pcap", "pcap", "file", "Ethernet")


def probe(time: int, answered: int | None = 2_500_000, length: int = 0) -> Probe:
    return Probe(
        time, 90 * SECOND, 30 * SECOND, length, answered, exact=answered is not None, frame=12
    )


def test_probes_of_both_sides_are_rows_in_order_of_time() -> None:
    flow = flow_of("192.0.2.1", "192.0.2.2", 9102)
    flow = replace(
        flow,
        initiator=replace(flow.initiator, probes=(probe(1), probe(5))),
        acceptor=replace(flow.acceptor, probes=(probe(3, None, 1),)),
    )
    judged = Judged("f7", flow, Match("3"), HeartbeatVerdict(Verdict.PASS, ""), INFO)
    first, second, third = build("probes", probe_rows(judged)).rows()
    assert dict(first) == {
        "flow": "f7", "capture": "a.pcap", "connection": "3", "side": "initiator", "time": 1,
        "silence_s": 90.0, "interval_s": 30.0, "length": 0, "answered": True, "answer_ms": 2.5,
        "exact": True, "frame": 12,
    }  # fmt: skip
    assert (second["side"], second["answered"], second["answer_ms"]) == ("acceptor", False, None)
    assert (second["length"], second["exact"]) == (1, False)
    assert (third["side"], third["time"]) == ("initiator", 5)


def test_an_answer_at_once_is_an_answer() -> None:
    flow = flow_of("192.0.2.1", "192.0.2.2", 9102)
    flow = replace(flow, acceptor=replace(flow.acceptor, probes=(probe(1, 0),)))
    judged = Judged("f1", flow, Match(), HeartbeatVerdict(Verdict.PASS, ""), INFO)
    (row,) = build("probes", probe_rows(judged)).rows()
    assert (row["answered"], row["answer_ms"], row["connection"]) == (True, 0.0, "")
