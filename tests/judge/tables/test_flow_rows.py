"""FLOWS: a flow, what it matched, and what the matched expectations agree on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from matching_site import expectation_of, flow_of, site_with

from auditor.config.resources import Source
from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.flows.refusal import End
from auditor.judge.heartbeat.from_sockets import SocketVerdict
from auditor.judge.heartbeat.verdict import Fault, HeartbeatVerdict
from auditor.judge.matching.match import Match
from auditor.judge.tables.flow_rows import flow_row
from auditor.judge.tables.judged import Judged
from auditor.judge.tables.table import build
from auditor.judge.verdicts import Verdict
from auditor.packets.pcapng_comments import SocketFact
from auditor.packets.segments import CaptureInfo
from auditor.site.model import Lan, Passive, Peer, Permission, Role, Site, TlsPolicy

SECOND = 1_000_000_000
FD = Peer(Role.FILE_DAEMON, "fd\n", frozenset({"192.0.2.1"}), source=Source("dir.conf", 4))
SD = Peer(Role.STORAGE_DAEMON, "sd", frozenset({"192.0.2.2"}))
SITE = replace(site_with([], []), verify_jobs=frozenset({"verify"}))
FLOW = flow_of("192.0.2.1", "192.0.2.2", 9103)
INFO = CaptureInfo("a.pcap", "pcap", "file", "Ethernet", last=90 * SECOND)
UNKNOWN = HeartbeatVerdict(Verdict.UNKNOWN, "nothing was idle")
SIX = replace(
    expectation_of("6", FD, SD, 9103), passive=Passive(False, Source("dir.conf", 5)), lan=Lan(False)
)


def row(
    match: Match | None = None,
    flow: Flow = FLOW,
    site: Site | None = SITE,
    heartbeat: HeartbeatVerdict = UNKNOWN,
    socket: SocketVerdict | None = None,
) -> dict[str, Any]:
    """Return a row as the table has it."""
    judged = Judged("f1", flow, match or Match(), heartbeat, INFO, socket)
    (found,) = build("flows", [flow_row(judged, site)]).rows()
    return dict(found)


def test_times_are_measured_from_the_first_segment() -> None:
    found = row(flow=replace(FLOW, started=10 * SECOND, last=30 * SECOND))
    assert (found["duration_s"], found["watched_s"], found["ended"]) == (20.0, 80.0, None)


def test_a_row_says_how_many_attempts_share_it() -> None:
    assert row()["attempts"] == 1
    assert row(flow=replace(FLOW, attempts=70_000))["attempts"] == 70_000


def test_counts_of_both_sides_are_added_up() -> None:
    sent = {"segments": 2, "retransmissions": 3, "zero_windows": 4, "missing": 5}
    here = replace(FLOW.initiator, **sent, payload_bytes=7, longest_idle=SECOND)
    found = row(flow=replace(FLOW, initiator=here, acceptor=replace(FLOW.acceptor, **sent)))
    assert {name: found[name] for name in sent} == {name: 2 * sent[name] for name in sent}
    assert (found["initiator_octets"], found["acceptor_octets"]) == (7, 0)
    assert found["longest_quiet_s"] == 1.0


def test_a_known_end_has_its_daemon_and_a_stranger_its_address() -> None:
    found = row(Match(initiator=FD, initiator_known=True))
    assert (found["initiator_daemon"], found["initiator_role"]) == (
        "file daemon fd?",
        "file daemon",
    )
    assert (found["initiator_known"], found["initiator_source"]) == (True, "dir.conf:4")
    assert (found["acceptor_daemon"], found["acceptor_role"]) == ("192.0.2.2", "")


def test_texts_from_the_wire_lose_control_characters() -> None:
    hello = Hello(
        Transport.CLEARTEXT, Identity("R_X\n", "a\x1b[m"), line="Hello \x07", version="2\n",
        database="d\n", user="u\n",
    )  # fmt: skip
    found = row(flow=replace(FLOW, hello=hello))
    names = ("identity_type", "identity_name", "hello", "bareos_version", "database")
    assert [found[name] for name in names] == ["R_X?", "a?[m", "Hello ?", "2?", "d?"]
    assert found["database_user"] == "u?"


@pytest.mark.parametrize(
    ("match", "numbered", "ambiguous"),
    [
        (Match("6", candidates=(SIX,)), True, False),
        (Match(None, candidates=(SIX,), possible=frozenset({"6"})), False, True),
        (Match(None, candidates=(SIX,)), False, False),
        (Match(None), False, False),
    ],
)
def test_a_number_fits_or_several_may_or_none(
    match: Match, numbered: bool, ambiguous: bool
) -> None:
    found = row(match)
    assert (found["numbered"], found["ambiguous"]) == (numbered, ambiguous)


OTHER = replace(
    SIX, label="b", permission=Permission.FORBIDDEN, tls=TlsPolicy.OFF, passive=Passive(True),
    lan=Lan(True),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((SIX,), ("allowed", "unknown", False, True, False, True)),
        ((OTHER,), ("forbidden", "off", True, False, True, False)),
        ((SIX, OTHER), ("", "unknown", False, False, False, False)),
        ((replace(SIX, passive=Passive(), lan=Lan()),), ("allowed", "unknown", *[False] * 4)),
    ],
    ids=["one", "another", "they differ", "not known"],
)
def test_only_what_all_candidates_agree_on_is_demanded(rows: Any, expected: Any) -> None:
    """bareos.md §4.2, §4.5: that a client is not passive is another fact than not knowing it."""
    found = row(Match("6", candidates=rows))
    names = (
        "permission", "tls_policy", "client_passive", "client_active", "lan_pair", "lan_unpaired",
    )  # fmt: skip
    assert tuple(found[name] for name in names) == expected
    assert found["expectation"] == rows[0].id


@pytest.mark.parametrize("change", [{"site": None}, {"match": Match(None, candidates=(SIX,))}])
def test_without_an_expectation_nothing_is_demanded(change: dict[str, Any]) -> None:
    found = row(**{"match": Match("6", candidates=(SIX,)), **change})
    assert (found["expectation"], found["tls_policy"], found["permission"]) == ("", "unknown", "")
    assert found["configured"] is ("site" not in change)


@pytest.mark.parametrize(("job", "verifies"), [("verify", True), ("backup", False)])
def test_a_verify_job_is_known_by_the_name_of_its_resource(job: str, verifies: bool) -> None:
    """bareos.md §4.5: it ignores the LanAddress."""
    identity = Identity("R_JOB", f"{job}.2026-11-22_22.22.37_03")
    flow = replace(FLOW, hello=Hello(Transport.TLS, identity))
    assert row(Match("6", candidates=(SIX,)), flow)["job_verifies"] is verifies


FACT = SocketFact(
    1, ("192.0.2.1", 1), ("192.0.2.2", 2), "ESTABLISHED", True, 30, 30, 9, True, 0, ""
)


@pytest.mark.parametrize(
    ("fault", "verdict", "socket", "reason"),
    [
        (Fault.NONE, Verdict.UNKNOWN, Verdict.PASS, "nothing was idle; it is set"),
        (Fault.MISSING, Verdict.UNKNOWN, Verdict.PASS, "nothing was idle"),
        (Fault.NONE, Verdict.PASS, Verdict.PASS, "nothing was idle"),
        (Fault.NONE, Verdict.UNKNOWN, Verdict.FAIL, "nothing was idle"),
    ],
)
def test_a_good_socket_answers_an_open_question_and_changes_no_verdict(
    fault: Fault, verdict: Verdict, socket: Verdict, reason: str
) -> None:
    found = row(
        heartbeat=HeartbeatVerdict(verdict, "nothing was idle", fault),
        socket=SocketVerdict(End.INITIATOR, FACT, socket, "it is set"),
    )
    assert (found["heartbeat_verdict"], found["heartbeat_reason"]) == (str(verdict), reason)
    assert (found["socket_verdict"], found["socket_pid"]) == (str(socket), None)
