"""What a recording host knows of its sockets, as evidence for heartbeats."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import scene
from scene import (
    CON,
    DB,
    DIR,
    DIRECTOR,
    ELSEWHERE,
    FD1,
    FD3,
    POSTGRESQL,
    SD1,
    SD2,
    STRANGER,
    Wire,
    edited,
    network,
    tls,
)

import auditor
from auditor.evidence import blocks
from auditor.evidence.packet import Interface, Packet
from auditor.packets.pcapng_comments import THINNED, SocketFact, facts_to_comment
from auditor.pipeline.host import judge_sockets

RULE = "socket-heartbeat-wrong"
LINUX = 7200.0


def socket_of(wire: Wire, **changes: Any) -> SocketFact:
    """Return the initiator's socket of the connection that was dialled last, as Bareos sets it."""
    usual = SocketFact(
        time=wire.now,
        local=(wire.initiator.address, wire.initiator.port),
        remote=(wire.acceptor.address, wire.acceptor.port),
        state="SYN-SENT",
        keepalive=True,
        idle_s=60.0,
        interval_s=60.0,
        count=9,
        own_timers=True,
        pid=711,
        process="bareos-dir",
    )
    return replace(usual, **changes)


def recorded(
    folder: Path, wire: Wire, *facts: SocketFact, files: dict[str, str] | None = None
) -> auditor.Audit:
    """Audit a tape as our recorder would have written it: with the facts beside a packet."""
    folder.mkdir(exist_ok=True)
    capture = folder / "tape.pcapng"
    recording = blocks.section("bareos-audit", "x86_64", "Linux", [THINNED])
    recording += blocks.interface(Interface("eth0", 1), "tcp", "Linux")
    comments = [facts_to_comment(fact) for fact in facts]
    for frame in wire.frames:
        recording += blocks.packet(Packet(frame.time, 0, frame.data, len(frame.data)), comments)
        comments = []
    capture.write_bytes(recording)
    config = scene.planted(folder / "config", network() if files is None else files)
    return auditor.audit(capture, config=config if files != {} else (), resolve=False)


def ordered() -> Wire:
    """Return a Director's connection to sd1, which carries 60 s (no. 5a)."""
    return Wire().dial(DIR, SD1, 9103, DIRECTOR)


def verdict(audit: auditor.Audit) -> str:
    return str(audit.flows["socket_verdict"].iloc[0])


def test_a_wrong_idle_time_fails_at_once_and_names_the_line(tmp_path: Path) -> None:
    wire = ordered()
    audit = recorded(tmp_path, wire, socket_of(wire, idle_s=LINUX, own_timers=False))
    found = scene.only(audit, RULE)
    assert found["verdict"] == "fail"
    assert found["confidence"] == "certain"
    assert found["severity"] == "medium"
    assert [Path(place).name for place in found["sources"]] == ["bareos-dir.conf:2"]
    assert (
        "bareos-dir (process 711) left its socket on the system's timer of 7200 s"
        in (found["message"])
    )
    assert "60 s is configured" in found["message"]
    assert "socket_idle_s=7200" in found["evidence"]


def test_the_right_idle_time_passes_and_is_shown_though_no_probe_could_be_seen(
    tmp_path: Path,
) -> None:
    wire = ordered()
    audit = recorded(tmp_path, wire, socket_of(wire))
    assert audit.passed[RULE] == 1
    assert verdict(audit) == "pass"
    flow = audit.flows.iloc[0]
    assert flow["heartbeat_verdict"] == "unknown", "no probe was seen"
    assert flow["heartbeat_reason"].endswith(
        "no probe could be seen; bareos-dir (process 711) has set its socket to probe after 60 s; "
        "60 s is configured"
    )
    assert flow["socket_process"] == "bareos-dir"
    assert (flow["socket_pid"], flow["socket_interval_s"], flow["socket_count"]) == (711, 60.0, 9)


def test_keepalive_that_is_off_fails_whatever_the_timers_are(tmp_path: Path) -> None:
    wire = ordered()
    audit = recorded(tmp_path, wire, socket_of(wire, keepalive=False))
    assert "has keepalive off on its socket" in scene.only(audit, RULE)["message"]


def without_heartbeat() -> dict[str, str]:
    return network(dir=edited("dir", "; Heartbeat Interval = 60", ""))


@pytest.mark.parametrize("seconds", [0, 32768])
@pytest.mark.parametrize(("own", "wanted"), [(False, "pass"), (True, "fail")])
def test_without_an_interval_that_holds_the_system_timers_are_due(
    tmp_path: Path, seconds: int, own: bool, wanted: str
) -> None:
    files = network(dir=edited("dir", "Interval = 60", f"Interval = {seconds}"))
    wire = ordered()
    idle = 60.0 if own else LINUX
    audit = recorded(tmp_path, wire, socket_of(wire, idle_s=idle, own_timers=own), files=files)
    assert verdict(audit) == wanted


def test_another_system_timer_is_the_system_timer_all_the_same(tmp_path: Path) -> None:
    wire = ordered()
    fact = socket_of(wire, idle_s=300.0, own_timers=False)
    assert verdict(recorded(tmp_path, wire, fact, files=without_heartbeat())) == "pass"


def test_it_is_blind_where_the_interval_is_not_known(tmp_path: Path) -> None:
    wire = Wire().dial(FD1, SD1, 9103, tls(scene.job("job1")))
    fact = socket_of(wire, process="bareos-fd")
    audit = recorded(tmp_path, wire, fact, files=network(fd1=None))
    assert verdict(audit) == "unknown"
    assert "is not at hand" in audit.flows["socket_reason"].iloc[0]
    assert (audit.passed[RULE], audit.unobserved[RULE]) == (0, 1)


def test_it_abstains_where_the_number_is_a_guess(tmp_path: Path) -> None:
    wire = Wire().dial(DIR, ELSEWHERE, 9103)
    fact = socket_of(wire, idle_s=LINUX, own_timers=False, process="")
    audit = recorded(tmp_path, wire, fact)
    assert audit.flows["confidence"].iloc[0] == "guess"
    assert scene.only(audit, RULE)["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("process", "wanted"),
    [("bconsole", "fail"), ("", "unknown"), ("python3", "notapplicable"), ("php", "notapplicable")],
)
def test_only_bconsole_must_have_keepalive_on(tmp_path: Path, process: str, wanted: str) -> None:
    wire = Wire().dial(CON, DIR, 9101, tls("R_CONSOLE\x1e*UserAgent*"))
    fact = socket_of(wire, keepalive=False, own_timers=False, idle_s=LINUX, process=process)
    audit = recorded(tmp_path, wire, fact)
    assert verdict(audit) == wanted
    assert (audit.passed[RULE], audit.unobserved[RULE]) == (0, int(wanted == "unknown"))
    if wanted == "notapplicable":
        assert audit.flows["heartbeat_verdict"].iloc[0] == wanted
        assert f"its process is {process}" in audit.flows["heartbeat_reason"].iloc[0]


def test_the_acceptors_socket_is_told_and_not_judged(tmp_path: Path) -> None:
    wire = ordered()
    usual = socket_of(wire, idle_s=LINUX, own_timers=False, process="bareos-sd")
    audit = recorded(tmp_path, wire, replace(usual, local=usual.remote, remote=usual.local))
    flow = audit.flows.iloc[0]
    assert (flow["socket_side"], flow["socket_process"]) == ("acceptor", "bareos-sd")
    assert flow["socket_verdict"] == "notapplicable"
    assert audit.passed[RULE] == 0
    assert RULE not in set(audit.findings["rule"])


def test_with_both_ends_on_the_host_the_initiators_counts(tmp_path: Path) -> None:
    wire = ordered()
    mine = socket_of(wire)
    other = replace(
        mine,
        local=mine.remote,
        remote=mine.local,
        idle_s=LINUX,
        own_timers=False,
        process="bareos-sd",
    )
    audit = recorded(tmp_path, wire, other, mine)
    assert (audit.flows["socket_side"].iloc[0], verdict(audit)) == ("initiator", "pass")


def test_of_two_facts_the_later_one_holds(tmp_path: Path) -> None:
    wire = ordered()
    early = socket_of(wire, idle_s=LINUX, own_timers=False)
    later = socket_of(wire, time=early.time + 1_000_000)
    assert verdict(recorded(tmp_path, wire, later, early)) == "pass"


def test_a_port_that_is_used_again_has_the_facts_of_its_own_time(tmp_path: Path) -> None:
    wire = Wire().dial(DIR, SD1, 9103, DIRECTOR, source=40001)
    first = socket_of(wire, idle_s=LINUX, own_timers=False)
    wire.hang_up().silence(30)
    wire.dial(DIR, SD1, 9103, DIRECTOR, source=40001)
    second = socket_of(wire)
    audit = recorded(tmp_path, wire, first, second)
    assert list(audit.flows["socket_verdict"]) == ["fail", "pass"]


def test_a_connection_that_was_there_before_has_the_facts_of_before(tmp_path: Path) -> None:
    wire = Wire()
    start = wire.now
    wire.silence(100).midstream(DIR, SD1, 9103).talk()
    fact = socket_of(wire, time=start, idle_s=LINUX, own_timers=False)
    assert verdict(recorded(tmp_path, wire, fact)) == "fail"


def test_over_ipv6_the_same_holds(tmp_path: Path) -> None:
    here, there = "2001:db8::10", "2001:db8::20"
    files = network(dir=edited("dir", f"Address = {SD1}", f"Address = {there}"))
    wire = Wire().dial(here, there, 9103, DIRECTOR)
    audit = recorded(tmp_path, wire, socket_of(wire, idle_s=LINUX, own_timers=False), files=files)
    assert verdict(audit) == "fail"


@pytest.mark.parametrize(
    ("initiator", "acceptor", "port", "said"),
    [(DIR, DB, 5432, POSTGRESQL), (STRANGER, SD1, 9103, (b"", b""))],
    ids=["catalog", "no number"],
)
def test_sockets_that_no_heartbeat_speaks_of_are_not_judged(
    tmp_path: Path, initiator: str, acceptor: str, port: int, said: tuple[bytes, bytes]
) -> None:
    wire = Wire().dial(initiator, acceptor, port, said)
    audit = recorded(tmp_path, wire, socket_of(wire, idle_s=LINUX, own_timers=False))
    assert verdict(audit) == "notapplicable"
    assert RULE not in set(audit.findings["rule"])


def test_without_facts_nothing_is_said(tmp_path: Path) -> None:
    audit = recorded(tmp_path, ordered())
    assert verdict(audit) == "notapplicable"
    assert (audit.flows["socket_side"].iloc[0], audit.passed[RULE]) == ("", 0)


def test_without_a_configuration_nothing_is_judged(tmp_path: Path) -> None:
    wire = ordered()
    audit = recorded(tmp_path, wire, socket_of(wire, idle_s=LINUX), files={})
    assert audit.flows["socket_idle_s"].iloc[0] == LINUX
    assert audit.passed[RULE] == 0


def test_a_foreign_process_name_cannot_move_the_cursor(tmp_path: Path) -> None:
    wire = ordered()
    audit = recorded(tmp_path, wire, socket_of(wire, process="a\x1b[2Jb", idle_s=LINUX))
    assert "\x1b" not in scene.only(audit, RULE)["message"]


@pytest.mark.parametrize(
    ("idle", "wanted"), [(9.0, "pass"), (None, "pass"), (60.0, "fail"), (30.0, "fail")]
)
def test_of_several_resources_for_one_daemon_each_may_have_ordered_it(
    tmp_path: Path, idle: float | None, wanted: str
) -> None:
    """bareos.md §11: a socket with one of the intervals is right, a third is not."""
    files = network(
        dir=edited("dir", "; Heartbeat Interval = 60", "")
        + f"Storage {{ Name = again; Address = {SD1}; Password = sd1pw; Device = d1\n"
        "  Media Type = F; Heartbeat Interval = 9 }\n"
    )
    wire = ordered()
    fact = socket_of(wire, idle_s=idle or LINUX, own_timers=idle is not None)
    audit = recorded(tmp_path, wire, fact, files=files)
    assert verdict(audit) == wanted
    assert "9 s or 7200 s (system) is due" in audit.flows["socket_reason"].iloc[0]
    if wanted == "fail":
        places = scene.only(audit, RULE)["sources"]
        assert len({place.rpartition(":")[2] for place in places}) == 2, "the lines of both"


@pytest.mark.parametrize(("idle", "wanted"), [(60.0, "pass"), (9.0, "unknown"), (30.0, "fail")])
@pytest.mark.parametrize("name", ["sd1.backup.example", "localhost", "storage"])
def test_a_name_without_an_address_may_be_one_of_the_same_daemon(
    tmp_path: Path, name: str, idle: float, wanted: str
) -> None:
    """With the Director's tree alone two Storages of one daemon look like two daemons."""
    files = network(
        dir=edited("dir", "Name = dir;", "Name = dir;")
        + f"Storage {{ Name = again; Address = {name}; Password = sd1pw; Device = d1\n"
        "  Media Type = F; Heartbeat Interval = 9 }\n"
    )
    alone = {path: text for path, text in files.items() if path.startswith("dir/")}
    wire = ordered()
    audit = recorded(tmp_path, wire, socket_of(wire, idle_s=idle), files=alone)
    assert verdict(audit) == wanted
    told = "whose Address cannot be resolved here" in audit.flows["socket_reason"].iloc[0]
    assert told == (wanted == "unknown")


# ------------------------------------------------------------------ one host's own files


@pytest.mark.parametrize(
    ("host", "ends", "process", "number"),
    [
        ("fd1", (FD1, SD1, 9103), "bareos-fd", "6"),
        ("sd1", (SD1, SD2, 9103), "bareos-sd", "8"),
        ("sd1", (SD1, FD1, 9102), "bareos-sd", "7"),
        ("fd3", (FD3, DIR, 9101), "bareos-fd", "4"),
        ("sd1", ("2001:db8::20", "2001:db8::21", 9103), "bareos-sd", "8"),
    ],
)
def test_with_its_own_files_alone_a_host_judges_what_its_daemon_opened(
    tmp_path: Path, host: str, ends: tuple[str, str, int], process: str, number: str
) -> None:
    """Whoever the peer is, the interval is in the file of the daemon that dialled; `capture` and
    `sockets` agree on it."""
    files = {path: text for path, text in network().items() if path.startswith(f"{host}/")}
    wire = Wire().dial(*ends, (b"", b""))
    fact = socket_of(wire, idle_s=5.0, process=process, state="ESTABLISHED")
    audit = recorded(tmp_path, wire, fact, files=files)
    flow, found = audit.flows.iloc[0], scene.only(audit, RULE)
    assert (flow["connection"], flow["confidence"]) == (number, "likely")
    assert flow["initiator_daemon"] == ends[0], "another host's files would look the same"
    assert found["verdict"] == "fail"
    known = auditor.load_network(config=tmp_path / "config", resolve=False)
    (row,) = judge_sockets([fact], known).rows()
    assert (row["connection"], row["verdict"]) == (number, "fail")
    assert row["initiator"].endswith(f" {host}"), "the files were read on this very host"
    assert row["reason"] == flow["socket_reason"]


def test_the_waiting_connection_is_judged_with_not_one_packet_seen(tmp_path: Path) -> None:
    """The classic victim: a 4 that was there before and stays silent."""
    wire = Wire()
    ends = ((FD3, 40001), (DIR, 9101))
    silent = SocketFact(
        wire.now, *ends, "ESTABLISHED", True, LINUX, 75.0, 9, False, 7, "bareos-fd", 5000.0
    )
    wire.silence(5).dial(FD1, SD1, 9103)
    audit = recorded(tmp_path, wire, silent)
    flow = audit.flows.iloc[-1]
    assert (flow["connection"], flow["outcome"], flow["segments"]) == ("4", "midstream", 0)
    assert flow["initiator_evidence"] == "socket"
    found = scene.only(audit, RULE)
    assert (found["verdict"], found["flow"]) == ("fail", flow["id"])
    assert flow["heartbeat_reason"].startswith("no packet of it was seen")
    assert "heartbeat-missing" not in set(audit.findings["rule"])
