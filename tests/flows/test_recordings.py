"""The recordings of a real Bareos network give exactly the connections that made them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from paths import CAPTURES

from auditor.flows import ConnectionTracker, Flow, Outcome, TrackingResult
from auditor.packets import read_capture

FOLDERS = sorted(path.parent for path in CAPTURES.rglob("truth.csv"))
PORTS = frozenset({5432, 9101, 9102, 9103})


def follow(folder: Path) -> TrackingResult:
    tracker = ConnectionTracker(PORTS)
    with read_capture(str(folder / "capture.pcap"), PORTS) as reader:
        for batch in reader:
            tracker.feed(batch)
        return tracker.finish(reader.info.last)


def ends(flow: Flow) -> tuple[str, ...]:
    sides = (flow.initiator, flow.acceptor)
    return tuple(str(value) for side in sides for value in (side.address, side.port))


def test_there_are_ten_recordings() -> None:
    assert len(FOLDERS) == 10


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_flows_are_those_of_the_truth_and_midstream_ones(folder: Path) -> None:
    with (folder / "truth.csv").open(newline="") as file:
        truth = sorted(tuple(list(row.values())[:4]) for row in csv.DictReader(file))
    flows = follow(folder).flows
    assert sorted(ends(flow) for flow in flows if flow.initiator_evidence == "syn") == truth
    for flow in flows:
        assert (flow.initiator_evidence == "syn") == (flow.outcome is not Outcome.MIDSTREAM)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_switch_that_sees_each_packet_once_misses_and_doubles_nothing(folder: Path) -> None:
    for flow in follow(folder).flows:
        assert flow.duplicates == flow.initiator.missing == flow.acceptor.missing == 0
        assert not flow.one_sided


def test_the_waiting_connection_probes_at_its_five_seconds_from_before_the_recording() -> None:
    (flow,) = (f for f in follow(CAPTURES / "heartbeat").flows if f.outcome is Outcome.MIDSTREAM)
    first, *others = flow.initiator.probes
    assert not first.exact
    assert others
    assert all(probe.exact and probe.answered is not None for probe in others)
    assert all(4.9e9 <= probe.interval <= 5.625e9 + 1e8 for probe in others)


def test_every_probe_of_an_initiator_obeys_the_timer_law() -> None:
    # Intervals by host, from the recordings' README; bareos.md §6.1 gives the law.
    seconds = {"10.77.0.10": {6, 8}, "10.77.0.33": {5}, "10.77.0.31": {5}, "10.77.0.32": {5}}
    seconds |= {"10.77.0.20": {7}, "10.77.0.21": {7}, "10.77.0.40": {9}}
    probes = 0
    for flow in follow(CAPTURES / "heartbeat").flows:
        assert flow.acceptor.probes == ()
        for probe in flow.initiator.probes:
            if probe.exact:
                probes += 1
                assert any(
                    h * 1e9 - 1e8 <= probe.interval <= h * 1.125e9 + 1e8
                    for h in seconds[flow.initiator.address]
                ), (ends(flow), probe)
    assert probes == 82


def test_refused_and_unanswered_attempts_are_told_apart() -> None:
    flows = follow(CAPTURES / "trouble").flows
    refused = [flow for flow in flows if flow.outcome is Outcome.REFUSED]
    unanswered = [flow for flow in flows if flow.outcome is Outcome.UNANSWERED]
    assert [flow.initiator.address for flow in refused] == ["10.77.0.66"]
    assert [flow.initiator.address for flow in unanswered] == ["10.77.0.10"] * 2
    assert all(flow.syns > 1 for flow in unanswered)
