"""Where no configuration tells the heartbeat, the recording host's sockets do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from matching_site import expectation_of, flow_of
from paths import CAPTURES

import auditor
from auditor.flows.refusal import End
from auditor.judge.heartbeat.from_sockets import SocketVerdict
from auditor.judge.heartbeat.verdict import HeartbeatVerdict
from auditor.judge.matching.match import Match
from auditor.judge.tables.judged import Judged
from auditor.judge.tables.socket_settings import socket_setting_rows
from auditor.judge.tables.table import build
from auditor.judge.verdicts import Confidence, Verdict
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CaptureInfo
from auditor.site.heartbeat import Heartbeat
from auditor.site.idle_limits import read_idle_limits
from auditor.site.model import Peer, Role

FD = Peer(Role.FILE_DAEMON, "fd1", frozenset({"192.0.2.2"}))
SD = Peer(Role.STORAGE_DAEMON, "sd1", frozenset({"192.0.2.3"}))
USUAL = SocketFact(
    0, ("192.0.2.2", 40000), ("192.0.2.3", 9103), "ESTABLISHED", True, 7200.0, 75.0, 9, False, 7,
    "bareos-fd",
)  # fmt: skip


def judged(
    number: str | None = "6",
    *,
    acceptor: str = "192.0.2.3",
    side: End = End.INITIATOR,
    heartbeat: Heartbeat | None = None,
    confidence: Confidence = Confidence.CERTAIN,
    **changes: Any,
) -> Judged:
    flow = flow_of("192.0.2.2", acceptor, 9103)
    rows = ()
    if heartbeat is not None:
        rows = (replace(expectation_of("6", FD, SD, 9103), heartbeat=heartbeat),)
    match = Match(number, confidence, candidates=rows)
    socket = SocketVerdict(side, replace(USUAL, **changes), Verdict.UNKNOWN, "")
    plain = HeartbeatVerdict(Verdict.UNKNOWN, "")
    return Judged(
        "f1", flow, match, plain, CaptureInfo("a.pcap", "pcap", "file", "Ethernet"), socket
    )


def rows(*found: Judged, limit: Any = None) -> list[dict[str, Any]]:
    listed = list(socket_setting_rows(found, read_idle_limits(limit)))
    assert len(build("settings", listed)) == len(listed)
    return listed


def test_a_socket_on_the_systems_timer_has_no_heartbeat() -> None:
    (row,) = rows(judged(), limit="60m")
    assert (row["connections"], row["initiator"]) == (["6"], "bareos-fd")
    assert (row["heartbeat_s"], row["first_probe_s"], row["limit_s"]) == (0, 8100.0, 3600.0)
    assert row["state"] == (
        "the process bareos-fd has left its socket at 2 h (system), so the first probe comes after "
        "up to 2 h 15 min"
    )
    assert row["remedy"].startswith(
        "Write HeartbeatInterval = 1200 where it is set for connection 6 (File Daemon's Client;"
    )


def test_a_socket_that_sets_its_own_says_when_it_probes() -> None:
    (row,) = rows(judged(own_timers=True, idle_s=60.0))
    assert (row["heartbeat_s"], row["first_probe_s"], row["limited"]) == (60, 67.5, False)
    assert "has set its socket to 60 s" in row["state"]


def test_a_socket_without_keepalive_never_probes() -> None:
    (row,) = rows(judged(keepalive=False), limit="60m")
    assert row["first_probe_s"] == float("inf")
    assert row["state"].endswith("has keepalive off on its socket, so no probe comes")


def test_equal_sockets_of_one_program_are_one_row() -> None:
    assert len(rows(judged(), judged(), judged(idle_s=600.0))) == 2


@pytest.mark.parametrize(
    "one",
    [
        judged(heartbeat=Heartbeat(60)),
        judged(None),
        judged("12"),
        judged("9"),
        judged("2"),
        judged(confidence=Confidence.GUESS),
        judged(side=End.ACCEPTOR),
        judged(acceptor="192.0.2.2"),
        judged(acceptor="::1"),
        judged()._replace(socket=None),
    ],
    ids=["configured", "no number", "12", "9", "2", "guess", "acceptor", "own host", "loopback",
         "no socket"],
)  # fmt: skip
def test_it_says_nothing_where_it_cannot_know(one: Judged) -> None:
    assert rows(one, limit="60m") == []


def test_a_configuration_that_is_not_at_hand_leaves_it_to_the_socket() -> None:
    assert len(rows(judged(heartbeat=Heartbeat(None, None, "not at hand")))) == 1


@pytest.mark.parametrize(
    ("recording", "limit", "fails"),
    [("forgets-no-beat", "60m", True), ("beat-other", "60m", False)],
)
def test_a_hosts_recording_needs_no_configuration(recording: str, limit: str, fails: bool) -> None:
    capture = CAPTURES / recording / "live-fd1-fd1_etc.pcapng"
    found = auditor.audit(capture, idle_limit=limit)
    assert ("heartbeat-too-slow" in set(found.fails["rule"])) is fails
