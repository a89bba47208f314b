"""What could not be decoded puts a heartbeat in doubt only where it may have been a part of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from matching_site import flow_of
from scene import DIR, DIRECTOR, SD1, STRANGER, Wire, audit

from auditor.flows.flow import Flow
from auditor.flows.probe import Probe
from auditor.judge.heartbeat.from_probes import judge_heartbeat
from auditor.judge.heartbeat.probe_window import probe_window
from auditor.judge.heartbeat.unheard import hidden_answers, hidden_beats, hidden_sound, unanswered
from auditor.judge.heartbeat.verdict import HeartbeatContext
from auditor.judge.not_decoded import NotDecoded
from auditor.packets.segments import CaptureInfo, UndecodedRun
from auditor.site.heartbeat import Heartbeat
from auditor.site.site_file import Keepalive

SECOND = 1_000_000_000
END = 1000 * SECOND
BOUNDS = probe_window(60, 0)
SAID = "packets from its peer in that time could not be decoded (ESP)"


def context(*times: float, source: str = SD1, target: str = DIR) -> HeartbeatContext:
    """Return that of a capture in which packets passed at these seconds."""
    runs = [
        UndecodedRun(source, target, "ESP", round(one * SECOND), round(one * SECOND), 1)
        for one in times
    ]
    info = CaptureInfo("a", "pcap", "file", "Ethernet", first=0, last=END, runs=tuple(runs))
    return HeartbeatContext(
        Keepalive(), END, complete=True, host_quiet=0, undecoded=NotDecoded(info)
    )


def flow(*probes: tuple[float, float], idle: tuple[float, float] | None = None) -> Flow:
    """Return one with probes at these seconds, after that many, without an answer, and with a
    silence from one time to another."""
    made = flow_of(DIR, SD1, 9103, started=0)
    found = tuple(
        Probe(round(at * SECOND), 0, round(interval * SECOND), 0, None, exact=True)
        for at, interval in probes
    )
    side = replace(made.initiator, probes=found, segments=9)
    if idle is not None:
        began, ended = (round(one * SECOND) for one in idle)
        side = replace(side, longest_idle_began=began, longest_idle=ended - began)
    return replace(made, initiator=side, acceptor=replace(made.acceptor, segments=9), last=END)


NOTHING = HeartbeatContext(Keepalive(), END, complete=True, host_quiet=0)


def test_without_such_packets_nothing_is_in_doubt() -> None:
    one = flow((100, 100), (200, 100), idle=(100, 900))
    assert hidden_sound(one, BOUNDS, NOTHING) == hidden_answers(one, NOTHING) == ""
    assert hidden_beats(one, BOUNDS, NOTHING) == ""


@pytest.mark.parametrize(
    ("times", "said"),
    [((150, 210, 270), SAID), ((150, 210), ""), ((40, 90, 310), ""), ((150, 230, 280), "")],
    ids=["no silence is left", "one at the end", "in no silence", "one between"],
)
def test_a_silence_is_none_if_all_of_it_is_broken(times: tuple[float, ...], said: str) -> None:
    assert hidden_sound(flow(idle=(100, 300)), BOUNDS, context(*times)) == said


def test_what_others_or_the_initiator_sent_breaks_no_silence() -> None:
    one = flow(idle=(100, 200))
    assert hidden_sound(one, BOUNDS, context(150)) == SAID
    assert not hidden_sound(one, BOUNDS, context(150, source=DIR, target=SD1))
    assert not hidden_sound(one, BOUNDS, context(150, source=STRANGER))
    assert not hidden_sound(flow(), BOUNDS, context(150))


def test_an_answer_that_may_have_come_leaves_no_two_probes_in_a_row_without() -> None:
    one = flow((60, 60), (120, 60), (180, 60))
    assert unanswered(one.initiator.probes, END) == 3
    assert hidden_answers(one, context(121)) == SAID
    assert not hidden_answers(one, context(119, 123))
    assert not hidden_answers(one, context(61))


def test_probes_that_seem_too_seldom_may_have_others_between_them() -> None:
    one = flow((120, 120), (240, 120), (300, 60), (420, 120))
    assert hidden_beats(one, BOUNDS, context(60)) == SAID
    assert not hidden_beats(one, BOUNDS, context(20))
    assert not hidden_beats(flow((120, 120), (240, 120), (360, 120)), BOUNDS, context(60))


@pytest.mark.parametrize(
    ("one", "times", "reason"),
    [
        (flow(idle=(100, 200)), (150,), "no probe in 100.0 s of silence"),
        (flow((120, 120), (240, 120)), (60, 121, 180, 241), "probes came every 120.0 s instead"),
        (flow((60, 60), (120, 60)), (61, 121), "2 probes in a row got no answer"),
    ],
    ids=["missing", "interval", "unanswered"],
)
def test_a_verdict_is_left_open_where_it_hangs_on_them(
    one: Flow, times: tuple[float, ...], reason: str
) -> None:
    if reason.startswith("probes came"):
        answered = tuple(replace(probe, answered=5) for probe in one.initiator.probes)
        one = replace(one, initiator=replace(one.initiator, probes=answered))
    sure = judge_heartbeat(one, Heartbeat(60), NOTHING)
    open_ = judge_heartbeat(one, Heartbeat(60), context(*times))
    assert (sure.verdict, open_.verdict) == ("fail", "unknown")
    assert sure.fault == open_.fault
    assert open_.reason.startswith(reason)
    assert open_.reason.endswith(SAID)


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [((SD1, DIR), "unknown"), ((DIR, SD1), "fail"), ((STRANGER, DIR), "fail")],
)
def test_what_a_capture_could_not_decode_is_held_against_its_flows(
    ends: tuple[str, str], verdict: str, tmp_path: Path
) -> None:
    """A probe is due each minute; of a hundred seconds the peer may break sixty and forty."""
    wire = Wire().dial(DIR, SD1, 9103, DIRECTOR).talk().silence(60)
    wire.hidden(*ends)
    row = audit(tmp_path, wire.silence(40).talk()).flows.iloc[0]
    assert row["heartbeat_verdict"] == verdict, row["heartbeat_reason"]
