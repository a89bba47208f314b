"""When keepalive probes must come, and what is judged of them (bareos.md §6.1, §6.4, §9.5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scene import (
    CON,
    DB,
    DIR,
    DIRECTOR,
    FD1,
    FD3,
    JOB,
    POSTGRESQL,
    SD1,
    TRAY,
    Wire,
    abstained,
    audit,
    edited,
    failed,
    network,
    only,
    tls,
)

from auditor.judge.heartbeat.probe_window import probe_window

SECOND = 1_000_000_000
WAITING = tls("R_CLIENT\x1efd3")
CONSOLE = tls("R_CONSOLE\x1e*UserAgent*")


def waiting() -> Wire:
    """A waiting connection 4, whose FileDaemon has a HeartbeatInterval of 30 s."""
    return Wire().dial(FD3, DIR, 9101, WAITING)


def judged(folder: Path, tape: Wire, **options: Any) -> dict[str, Any]:
    """Return the heartbeat columns of the tape's first flow, and what fails."""
    result = audit(folder, tape, **options)
    row = result.flows.iloc[0]
    return {
        "verdict": row["heartbeat_verdict"],
        "fault": row["heartbeat_fault"],
        "reason": row["heartbeat_reason"],
        "failed": failed(result),
        "abstained": abstained(result),
    }


# ------------------------------------------------------------------ the window


@given(st.integers(1, 32767), st.integers(0, 5 * SECOND))
def test_a_probe_is_never_early_and_at_most_an_eighth_late(seconds: int, rtt: int) -> None:
    bounds = probe_window(seconds, rtt)
    tenth = SECOND // 10
    assert bounds.low == seconds * SECOND - tenth
    assert bounds.high == seconds * SECOND * 9 // 8 + rtt + tenth
    assert bounds.allows(seconds * SECOND)
    assert not bounds.allows(bounds.low - 1)
    assert not bounds.allows(bounds.high + 1)


@pytest.mark.parametrize(
    ("seconds", "measured"),
    [(2, 2.016), (3, 3.17), (9, 9.2), (20, 20.48), (60, 61.44), (300, 312.6), (7200, 7331)],
)
def test_the_window_allows_what_was_measured_on_linux(seconds: int, measured: float) -> None:
    assert probe_window(seconds, 0).allows(round(measured * SECOND))


def test_an_unmeasured_round_trip_may_take_a_second() -> None:
    assert probe_window(10, None).high - probe_window(10, 0).high == SECOND


# ------------------------------------------------------------------ intervals


@pytest.mark.parametrize("seconds", [29.9, 30, 33.75, 33.85])
def test_a_probe_within_the_bounds_passes(seconds: float, tmp_path: Path) -> None:
    found = judged(tmp_path, waiting().beats(seconds))
    assert (found["verdict"], found["failed"]) == ("pass", [])
    assert "30 s is configured and allows 29.9 to 33.9 s" in found["reason"]


@pytest.mark.parametrize("seconds", [29.89, 33.86])
def test_a_probe_outside_the_bounds_fails(seconds: float, tmp_path: Path) -> None:
    found = judged(tmp_path, waiting().beats(seconds))
    assert (found["verdict"], found["fault"]) == ("fail", "interval")
    assert found["failed"] == ["heartbeat-interval-wrong"]


def test_the_finding_names_the_line_that_sets_the_interval(tmp_path: Path) -> None:
    finding = only(audit(tmp_path, waiting().beats(60)), "heartbeat-interval-wrong")
    assert [source.rpartition("/config/")[2] for source in finding["sources"]] == [
        "fd3/bareos-fd.conf:2"
    ]
    assert finding["message"] == (
        "file daemon fd3 on connection 4 to director dir: probes came every 60.0 s where 30 s is "
        "configured (29.9 to 33.9 s)"
    )


@pytest.mark.parametrize("odd", [12, 64])
def test_a_single_odd_interval_is_not_a_setting(odd: float, tmp_path: Path) -> None:
    """A probe and its answer may be lost on the way to the tap, and leave no gap behind."""
    assert judged(tmp_path, waiting().beats(odd, 1).beats(30.5, 1))["verdict"] == "pass"


def test_an_interval_that_gaps_may_have_made_longer_is_not_judged(tmp_path: Path) -> None:
    tape = waiting().talk().drop(2).talk().beats(60)
    found = judged(tmp_path, tape)
    assert (found["verdict"], found["fault"]) == ("unknown", "interval")
    assert "but the capture has gaps" in found["reason"]
    assert found["failed"] == ["capture-incomplete"]
    assert found["abstained"] == ["heartbeat-interval-wrong"]


def test_a_shorter_interval_fails_in_spite_of_gaps(tmp_path: Path) -> None:
    found = judged(tmp_path, waiting().talk().drop(2).talk().beats(10))
    assert found["failed"] == ["heartbeat-interval-wrong", "capture-incomplete"][::-1]


# ------------------------------------------------------------------ absence


@pytest.mark.parametrize("every", [12, 30])
def test_an_interval_of_a_clock_that_was_set_all_the_time_is_none(
    every: int, tmp_path: Path
) -> None:
    tape = waiting().beats(every, 4)
    for _ in range(70):
        tape.silence(-1).other()
    found = judged(tmp_path, tape.silence(100))
    assert (found["verdict"], found["failed"]) == ("unknown", [])
    assert "before its clock was set" in found["reason"]


@pytest.mark.parametrize("seconds", [10, 33.8])
def test_a_silence_that_leaves_no_opportunity_is_unknown(seconds: float, tmp_path: Path) -> None:
    found = judged(tmp_path, waiting().silence(seconds).talk())
    assert (found["verdict"], found["fault"], found["failed"]) == ("unknown", "", [])
    assert "so no probe could be seen" in found["reason"]


def test_a_longer_silence_without_a_probe_fails(tmp_path: Path) -> None:
    found = judged(tmp_path, waiting().silence(34).talk())
    assert (found["verdict"], found["fault"]) == ("fail", "missing")
    assert found["failed"] == ["heartbeat-missing"]


def test_a_silence_at_the_end_of_the_capture_counts(tmp_path: Path) -> None:
    assert judged(tmp_path, waiting().silence(34).other())["failed"] == ["heartbeat-missing"]


@pytest.mark.parametrize("which", ["probes", "answers"])
@pytest.mark.parametrize("shift", [None, 123_456_789, -123_456_789])
def test_what_a_device_may_have_changed_in_a_silence_accuses_nobody(
    tmp_path: Path, shift: int | None, which: str
) -> None:
    """Until the old clock of that side is seen again: then it was somebody else."""
    tape = Wire().clocks().dial(FD3, DIR, 9101, WAITING)
    for _ in range(4):
        tape.silence(1).talk()
    for _ in range(3):
        tape.silence(31).stamps(shift if which == "probes" else 0).probe(tape.initiator)
        tape.stamps(shift if which == "answers" else 0).answer()
    tape.stamps()
    found = judged(tmp_path, tape.silence(15).other())
    assert (found["verdict"], found["failed"]) == ("unknown", [])
    assert "timestamps are not of their sender's clock" in found["reason"]
    later = judged(tmp_path, tape.talk())
    fault, told = ("unasked", []) if which == "probes" else ("unanswered", ["heartbeat-unanswered"])
    assert (later["fault"], found["abstained"]) == (fault, told)
    assert later["failed"][-1] == "wire-tampering" or later["failed"][0] == "wire-tampering"


def test_a_silence_after_the_end_of_the_flow_does_not(tmp_path: Path) -> None:
    assert judged(tmp_path, waiting().hang_up().silence(99).other())["verdict"] == "unknown"


def test_data_from_the_peer_leaves_no_opportunity(tmp_path: Path) -> None:
    tape = waiting()
    for _ in range(4):
        tape.silence(20).send(tape.acceptor, b"x").ack()
    assert judged(tmp_path, tape)["verdict"] == "unknown"


def test_a_silence_in_a_capture_with_gaps_is_not_judged(tmp_path: Path) -> None:
    found = judged(tmp_path, waiting().talk().drop(2).talk().silence(40).talk())
    assert (found["verdict"], found["fault"]) == ("unknown", "missing")
    assert "heartbeat-missing" in found["abstained"]


def test_a_console_may_be_a_program_that_never_probes(tmp_path: Path) -> None:
    """Only bconsole sets a HeartbeatInterval; python and PHP consoles use no keepalive (§1.1)."""
    found = judged(tmp_path, Wire().dial(CON, DIR, 9101, CONSOLE).silence(40).talk())
    assert (found["verdict"], found["abstained"]) == ("unknown", ["heartbeat-missing"])
    assert "only bconsole sends any" in found["reason"]


def test_a_connection_that_was_never_established_has_no_heartbeat(tmp_path: Path) -> None:
    found = judged(tmp_path, Wire().attempt(FD3, DIR, 9101).silence(60).other())
    assert found["verdict"] == "notapplicable"


# ------------------------------------------------------------------ answers


def test_two_probes_in_a_row_without_an_answer_fail(tmp_path: Path) -> None:
    tape = waiting().beats(30)
    tape.silence(30).probe(tape.initiator).silence(30).probe(tape.initiator).silence(9).other()
    found = judged(tmp_path, tape)
    assert found["failed"] == ["heartbeat-unanswered"]
    assert "2 of 5 probes got no answer, 2 in a row" in found["reason"]


def test_one_lost_probe_is_no_dead_peer(tmp_path: Path) -> None:
    """RFC 9293 §3.8.4: a single lost probe must not be taken as death."""
    tape = waiting().beats(30)
    tape.silence(30).probe(tape.initiator).beats(30)
    assert judged(tmp_path, tape)["verdict"] == "pass"


def test_a_last_probe_without_an_answer_is_unknown(tmp_path: Path) -> None:
    tape = waiting().beats(30)
    tape.silence(30).probe(tape.initiator).silence(9).other()
    found = judged(tmp_path, tape)
    assert (found["verdict"], found["abstained"]) == ("unknown", ["heartbeat-unanswered"])


def test_a_probe_at_the_very_end_may_yet_be_answered(tmp_path: Path) -> None:
    tape = waiting().beats(30)
    tape.silence(30).probe(tape.initiator).silence(1).other()
    assert judged(tmp_path, tape)["verdict"] == "pass"


def test_the_nine_probes_of_a_dying_connection_are_unanswered(tmp_path: Path) -> None:
    tape = waiting()
    for _ in range(9):
        tape.silence(30).probe(tape.initiator)
    tape.silence(30).rst(tape.initiator).silence(5).other()
    found = judged(tmp_path, tape)
    assert found["failed"] == ["idle-connection-lost"]
    assert "9 of 9 probes got no answer" in found["reason"]


def test_unanswered_probes_every_75_s_are_the_systems_own(tmp_path: Path) -> None:
    tape = Wire().dial(FD3, DIR, 9101, WAITING)
    tape.silence(7200).probe(tape.initiator)
    for _ in range(8):
        tape.silence(75).probe(tape.initiator)
    tape.silence(75).rst(tape.initiator).silence(5).other()
    without = network(fd3=edited("fd3", "; Heartbeat Interval = 30", ""))
    found = judged(tmp_path, tape, files=without)
    assert found["failed"] == ["idle-connection-lost"]


def test_answers_that_the_tap_cannot_show_are_not_missed(tmp_path: Path) -> None:
    """A mirror port with one direction only."""
    tape = Wire().attempt(FD3, DIR, 9101).synack().drop().ack()
    tape.send(tape.initiator, WAITING[0]).ack().drop()
    for _ in range(3):
        tape.silence(30).probe(tape.initiator).answer().drop()
    found = judged(tmp_path, tape.silence(9).other())
    assert (found["verdict"], found["failed"]) == ("unknown", ["capture-incomplete"])
    assert "one direction only" in found["reason"]


# ------------------------------------------------------------------ the system's timers

UNSET = {"fd1": edited("fd1", "; Heartbeat Interval = 30", "")}
BACKUP = (FD1, SD1, 9103, JOB)


def test_a_probe_after_two_hours_keeps_the_systems_timers(tmp_path: Path) -> None:
    found = judged(tmp_path, Wire().dial(*BACKUP).beats(7300, 2), files=network(**UNSET))
    assert (found["verdict"], found["failed"]) == ("pass", [])


def test_a_short_idle_time_tells_nothing_of_the_systems_timers(tmp_path: Path) -> None:
    found = judged(tmp_path, Wire().dial(*BACKUP).silence(4000).talk(), files=network(**UNSET))
    assert found["verdict"] == "unknown"
    assert found["reason"] == (
        "the operating system's timers hold (no HeartbeatInterval is set), and the flow was not "
        "idle for 7200 s"
    )


def test_a_missing_probe_of_the_system_may_be_sysctls_doing(tmp_path: Path) -> None:
    found = judged(tmp_path, Wire().dial(*BACKUP).silence(9000).talk(), files=network(**UNSET))
    assert (found["verdict"], found["failed"]) == ("unknown", [])
    assert "9000 s passed without a probe: the kernel's must be longer" in found["reason"]


def test_answered_probes_every_75_s_do_not_keep_the_systems_timers(tmp_path: Path) -> None:
    """A user can really have 75 s (§6.1): 75 s is the system's for unanswered probes only."""
    found = judged(tmp_path, Wire().dial(*BACKUP).beats(75), files=network(**UNSET))
    assert (found["verdict"], found["abstained"]) == ("unknown", ["heartbeat-interval-wrong"])


def test_a_shorter_interval_may_be_sysctls_doing(tmp_path: Path) -> None:
    found = judged(tmp_path, Wire().dial(*BACKUP).beats(600), files=network(**UNSET))
    assert (found["verdict"], found["fault"], found["failed"]) == ("unknown", "interval", [])
    assert "kernel timers or the running configuration" in found["reason"]


def test_the_site_file_says_what_sysctl_has_made_of_the_timers(tmp_path: Path) -> None:
    tape = Wire().dial(*BACKUP).beats(600)
    options = {"files": network(**UNSET), "site": "keepalive: {idle: 600}"}
    assert judged(tmp_path, tape, **options)["verdict"] == "pass"


def contradicted(tape: Wire) -> Wire:
    """Let fd1 stay silent for longer on a socket that it accepted, then probe on its own."""
    tape.dial(*BACKUP)
    probing = (tape.initiator, tape.acceptor)
    tape.dial(TRAY, FD1, 9102, tls("R_DIRECTOR\x1ebareos-mon"))
    tape.silence(120).talk()
    tape.on(*probing).beats(60)
    return tape


def test_a_shorter_interval_that_the_same_host_contradicts_fails(tmp_path: Path) -> None:
    found = judged(tmp_path, contradicted(Wire()), files=network(**UNSET))
    assert found["failed"] == ["heartbeat-interval-wrong"]
    assert "it stayed silent elsewhere for longer" in found["reason"]


def test_a_host_behind_a_router_contradicts_nobody(tmp_path: Path) -> None:
    """Several hosts may share its address."""
    found = judged(tmp_path, contradicted(Wire(ttl=63)), files=network(**UNSET))
    assert found["verdict"] == "unknown"


def test_the_database_contradicts_nobody(tmp_path: Path) -> None:
    """PostgreSQL has timers of its own (§1.9)."""
    tape = Wire().dial(*BACKUP)
    probing = (tape.initiator, tape.acceptor)
    tape.dial(DIR, FD1, 5432, POSTGRESQL).silence(200).talk()
    tape.on(*probing).beats(60)
    files = network(**UNSET, dir=edited("dir", f"DbAddress = {DB}", f"DbAddress = {FD1}"))
    assert judged(tmp_path, tape, files=files)["verdict"] == "unknown"


def test_an_interval_that_the_kernel_refuses_leaves_its_timers(tmp_path: Path) -> None:
    """TCP_KEEPIDLE takes 32767 s at most, and Bareos only warns (§1.0)."""
    long = network(fd3=edited("fd3", "Heartbeat Interval = 30", "Heartbeat Interval = 12 hours"))
    found = judged(tmp_path, waiting().beats(7300, 2), files=long)
    assert found["verdict"] == "pass"


# ------------------------------------------------------------------ before the capture


def test_the_first_probe_of_a_flow_that_began_before_is_no_interval(tmp_path: Path) -> None:
    tape = Wire().midstream(FD3, DIR, 9101)
    tape.silence(3).probe(tape.initiator).answer().silence(3).other()
    found = judged(tmp_path, tape)
    assert (found["verdict"], found["failed"]) == ("unknown", [])
    assert found["reason"] == "the only probe ends a silence that began before the capture"


def test_the_probes_after_it_are_judged(tmp_path: Path) -> None:
    assert judged(tmp_path, Wire().midstream(FD3, DIR, 9101).beats(30))["verdict"] == "pass"
    found = judged(tmp_path, Wire().midstream(FD3, DIR, 9101).beats(60))
    assert found["failed"] == ["heartbeat-interval-wrong"]


def test_without_a_configuration_no_interval_is_right_or_wrong(tmp_path: Path) -> None:
    found = judged(tmp_path, waiting().beats(60), files={})
    assert (found["verdict"], found["reason"]) == ("unknown", "no configuration was given")


def test_two_resources_that_differ_leave_the_interval_open(tmp_path: Path) -> None:
    """Two bconsole.conf with the same default console and other intervals."""
    files = network() | {
        "con2/bconsole.conf": f"Director {{ Name = dir; Address = {DIR}; Password = dirpw }}\n"
    }
    found = judged(tmp_path, Wire().dial(CON, DIR, 9101, CONSOLE).beats(10.5), files=files)
    assert (found["verdict"], found["failed"]) == ("unknown", [])
    assert "HeartbeatIntervals differ" in found["reason"]


# ------------------------------------------------------------------ a device on the way


@pytest.mark.parametrize(
    ("ttl", "confidence"), [(64, "certain"), (128, "certain"), (255, "certain"), (63, "likely")]
)
def test_a_probe_that_a_router_may_have_eaten_is_likely_missing(
    tmp_path: Path, ttl: int, confidence: str
) -> None:
    """bareos.md §6.3: a keepalive that is seen on one side of a firewall only is the fault that
    users look for; behind a router the initiator need not be to blame."""
    tape = Wire(ttl=ttl).dial(FD3, DIR, 9101, WAITING).silence(40).talk()
    found = only(audit(tmp_path, tape), "heartbeat-missing")
    assert (found["verdict"], found["confidence"]) == ("fail", confidence)
    told = "A router (TTL 63) lies between: none was sent, or the way holds" in found["message"]
    assert told == (confidence == "likely")
    assert found["message"].endswith("`bareos-audit sockets` there tells") == told


def test_over_ipv6_the_hop_limit_says_the_same(tmp_path: Path) -> None:
    here, there = "2001:db8::33", "2001:db8::10"
    files = network(dir=edited("dir", FD3, here), fd3=edited("fd3", DIR, there))
    tape = Wire(ttl=62).dial(here, there, 9101, WAITING).silence(40).talk()
    assert only(audit(tmp_path, tape, files), "heartbeat-missing")["confidence"] == "likely"


# ------------------------------------------------------------------ several that may be right

TWO_STORAGES = network(
    dir=edited("dir", "; Heartbeat Interval = 60", "")
    + f"Storage {{ Name = again; Address = {SD1}; Password = sd1pw; Device = d1; Media Type = F\n"
    "  Heartbeat Interval = 9 }\n"
)
TWO_CLIENTS = network(
    dir=edited("dir", "; Heartbeat Interval = 60", "")
    + f"Client {{ Name = again; Address = {FD1}; Password = fd1pw; Heartbeat Interval = 20 }}\n"
    f"Client {{ Name = third; Address = {FD1}; Password = fd1pw; Heartbeat Interval = 9 }}\n"
)


@pytest.mark.parametrize(
    ("files", "end", "beats", "due"),
    [
        (TWO_STORAGES, (SD1, 9103), 9, "9 s or 7200 s (system)"),
        (TWO_CLIENTS, (FD1, 9102), 9, "9 s or 20 s or 7200 s (system)"),
        (TWO_CLIENTS, (FD1, 9102), 20, "9 s or 20 s or 7200 s (system)"),
    ],
)
def test_each_interval_of_a_director_s_resources_for_one_daemon_is_right(
    tmp_path: Path, files: dict[str, str], end: tuple[str, int], beats: int, due: str
) -> None:
    """bareos.md §11: each socket has the interval of the resource that ordered it."""
    result = audit(tmp_path, Wire().dial(DIR, *end, DIRECTOR).beats(beats), files)
    flow = result.flows.iloc[0]
    assert (flow["heartbeat_verdict"], flow["heartbeat_due"]) == ("pass", due)
    lines = {Path(place).name for place in flow["heartbeat_sources"]}
    assert len(lines) == due.count(" or ") + 1, "each has its line"
    assert not failed(result) and not abstained(result)


@pytest.mark.parametrize(
    "tape",
    [
        lambda: Wire().dial(DIR, SD1, 9103, DIRECTOR).silence(40).talk(),
        lambda: Wire().dial(DIR, SD1, 9103, DIRECTOR).silence(5).talk(),
    ],
    ids=["silent for longer than one", "never idle"],
)
def test_what_only_one_of_them_forbids_is_no_doubt(tmp_path: Path, tape: Any) -> None:
    found = judged(tmp_path, tape(), files=TWO_STORAGES)
    assert (found["verdict"], found["failed"], found["abstained"]) == ("unknown", [], [])
    assert "9 s or 7200 s (system) is due" in found["reason"]


@pytest.mark.parametrize(
    ("beats", "wanted"),
    [(60, "pass"), (9, "unknown"), (30, "fail")],
    ids=["its", "another", "no"],
)
def test_an_interval_of_a_name_without_an_address_is_doubtful(
    tmp_path: Path, beats: int, wanted: str
) -> None:
    alone = {
        "dir/bareos-dir.conf": edited("dir", "Name = dir;", "Name = dir;")
        + "Storage { Name = again; Address = sd1.example; Password = sd1pw; Device = d1\n"
        "  Media Type = F; Heartbeat Interval = 9 }\n"
    }
    found = judged(tmp_path, Wire().dial(DIR, SD1, 9103, DIRECTOR).beats(beats), files=alone)
    assert found["verdict"] == wanted
    assert found["failed"] == ["heartbeat-interval-wrong"] * (wanted == "fail")
    assert ("cannot be resolved here" in found["reason"]) == (wanted == "unknown")


def test_a_third_interval_is_none_of_them(tmp_path: Path) -> None:
    """Where no HeartbeatInterval may be in force, another interval may be sysctl's."""
    found = judged(tmp_path, Wire().dial(DIR, SD1, 9103, DIRECTOR).beats(30), files=TWO_STORAGES)
    assert (found["verdict"], found["fault"]) == ("unknown", "interval")
    all_set = network(
        dir=edited("dir", "Name = dir;", "Name = dir;")
        + f"Storage {{ Name = again; Address = {SD1}; Password = sd1pw; Device = d1\n"
        "  Media Type = F; Heartbeat Interval = 9 }\n"
    )
    folder = tmp_path / "set"
    folder.mkdir()
    found = judged(folder, Wire().dial(DIR, SD1, 9103, DIRECTOR).beats(30), files=all_set)
    assert (found["verdict"], found["failed"]) == ("fail", ["heartbeat-interval-wrong"])
    assert "9 s is configured" in found["reason"] and "60 s is configured" in found["reason"]


def test_a_heartbeat_of_another_daemons_file_is_unknown_without_it(tmp_path: Path) -> None:
    found = judged(tmp_path, Wire().dial(*BACKUP).beats(60), files=network(fd1=None))
    assert found["verdict"] == "unknown"
    assert "the configuration of file daemon fd1 is not at hand" in found["reason"]
