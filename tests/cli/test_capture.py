"""Live capture, as a user has it: real kernels, real packets, real processes."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas
import pytest
from audits import ROOT
from bareosconf import plant
from commandline import refused
from livenet import (
    CLEARTEXT,
    HEARTBEAT_LINE,
    TLS,
    V4,
    V6,
    configuration,
    finished,
    ordering,
    report,
    rules,
    running,
)
from netns import Namespace, join, namespaces, need, why_no_bpf

import auditor
from auditor.capture.rights import seccomp
from auditor.capture.rights.capabilities import Capability
from auditor.cli.stopping import SIGNALS
from auditor.errors import CaptureError

#: What a second is, on a machine that does other things.
A_SECOND = 5.0
#: Connections in the tests that make many: a prime number.
MANY = 13


@pytest.fixture(scope="module")
def ends() -> Iterator[list[Namespace]]:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair)
        yield pair


def dump(folder: Path) -> Path:
    return folder / "evidence.pcapng"


@dataclass(frozen=True)
class Evening:
    """One capture under way over three connections, and what was left of it."""

    lines: list[str]
    status: dict[str, str]
    code: int
    report: Any
    recording: Path
    config: Path

    def flow(self, acceptor: str) -> Any:
        (found,) = (one for one in self.report["flows"] if one["acceptor"]["daemon"] == acceptor)
        return found

    def line(self, *words: str) -> str:
        (found,) = (line for line in self.lines if all(word in line for word in words))
        return found


@pytest.fixture(scope="module")
def evening(ends: list[Namespace], tmp_path_factory: pytest.TempPathFactory) -> Evening:
    """Two right keepalives, of which one over IPv6, and a wrong one; ended by SIGTERM."""
    folder = tmp_path_factory.mktemp("evening")
    config = configuration(folder / "config")
    arguments = ("capture", "wire0", "-c", config, "-w", dump(folder), "--format", "json")
    with running(ends[0], *arguments) as program:
        right = {"idle": 60, "interval": 60}
        with (
            ordering(*ends, **right),
            ordering(*ends, family=V6, **right),
            ordering(*ends, 9102),
        ):
            seen = ("dir → sd1", "dir → sd6", "dir → fd1")
            while not all(any(words in line for line in program.lines) for words in seen):
                program.wait_for("dir → ")
        status = program.status()
        code, output, _ = program.end(signal.SIGTERM)
    return Evening(program.lines, status, code, report(output), dump(folder), config)


@pytest.mark.parametrize(
    ("daemon", "address"), [("sd1", "10.77.0.2:9103"), ("sd6", "[fd77::2]:9103")]
)
def test_a_connection_is_shown_as_it_happens(evening: Evening, daemon: str, address: str) -> None:
    line = evening.line(f"dir → {daemon}")
    assert f"5a dir → {daemon}  {address}  established  TLS 1.3  dir  heartbeat 60 s set" in line
    assert line.endswith("  pass\n")


@pytest.mark.parametrize("daemon", ["storage daemon sd1", "storage daemon sd6"])
def test_the_report_has_it_with_the_socket_s_word(evening: Evening, daemon: str) -> None:
    flow = evening.flow(daemon)
    assert (flow["connection"], flow["outcome"]) == ("5a", "established")
    assert flow["confidence"] == "certain"
    assert flow["socket"]["pid"] == os.getpid()
    assert flow["socket"]["verdict"] == "pass"
    assert flow["heartbeat"]["verdict"] == "unknown", "no probe was due"
    assert flow["heartbeat"]["reason"].endswith("60 s is configured")


def test_a_wrong_keepalive_fails_at_once_and_names_the_line(evening: Evening) -> None:
    line = evening.line("dir → fd1")
    assert "heartbeat 7200 s (system)  FAIL socket-heartbeat-wrong" in line
    assert rules(evening.report) == {"socket-heartbeat-wrong"}
    (finding,) = (
        one for one in evening.report["findings"] if one["rule"] == "socket-heartbeat-wrong"
    )
    assert [Path(place).name for place in finding["sources"]] == [HEARTBEAT_LINE]
    assert evening.code == 13


def test_the_recording_is_judged_as_it_was_live(evening: Evening) -> None:
    live, later = evening.report, auditor.audit(evening.recording, config=evening.config)
    assert [flow["connection"] for flow in live["flows"]] == list(later.flows["connection"])
    assert {finding["message"] for finding in live["findings"]} == set(later.findings["message"])
    assert live["summary"] == later.summary()


def test_every_right_is_gone_while_it_records(evening: Evening) -> None:
    status = evening.status
    sets = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
    assert set(sets.values()) == {0}
    assert "0" not in status["Uid"].split()
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == ("2" if seccomp.available() else "0")


def test_wireshark_reads_the_recording(evening: Evening) -> None:
    fields = ["-T", "json", "-e", "frame.comment"]
    told = subprocess.run(
        ["tshark", "-n", "-r", evening.recording, *fields], check=True, capture_output=True
    )
    comments = [
        comment
        for packet in json.loads(told.stdout)
        for comment in packet["_source"]["layers"].get("frame.comment", [])
    ]
    assert any(f"pid={os.getpid()}" in comment and "idle=60" in comment for comment in comments)


def test_a_duration_ends_it_and_the_report_goes_to_a_file(
    ends: list[Namespace], tmp_path: Path
) -> None:
    there = tmp_path / "report.txt"
    code, output, said = finished(ends[0], "capture", "lo", "--duration", "1s", "-o", there)
    assert (code, output) == (3, "")
    assert said.splitlines() == ["Capturing on lo with backend ebpf; Ctrl-C ends it."]
    told = " ".join(there.read_text(encoding="utf-8").split())
    assert "live capture on lo" in told
    assert "Backend ebpf is the best that works here." in told
    assert "Keepalive settings and processes are known of this host's sockets" in told
    assert "lo: 0 packets seen, 0 of them on the ports, 0 kept, 0 lost." in told


def test_quiet_is_quiet_and_nothing_is_left_behind(ends: list[Namespace], tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    code, output, said = finished(ends[0], "capture", "lo", "--quiet", "--duration", "0.5s")
    assert (code, said) == (3, "")
    assert "could not look" in output
    assert set(tmp_path.iterdir()) == before


def test_nothing_is_loaded_once_rights_are_gone(ends: list[Namespace], tmp_path: Path) -> None:
    """Whoever is left may not be able to read a Python that lives in somebody's home."""
    code = f"""
import sys
import auditor.cli.session as session
from auditor.cli.main import main
loaded, dropped = [], []  # a path that is only named to be allowed is not loaded: O_PATH
def hook(event, arguments):
    if dropped and event == "import":
        loaded.append(arguments[0])
    if dropped and event == "open" and str(arguments[0]).startswith({str(ROOT)!r}) \\
            and not arguments[2] & {os.O_PATH}:
        loaded.append(arguments[0])
sys.addaudithook(hook)
drop = session.drop_everything
session.drop_everything = lambda: (drop(), dropped.append(True))
try:
    main()
finally:
    sys.stderr.write(f"LOADED {{loaded}}\\n")
"""
    config = configuration(tmp_path / "config")
    reports = ("-o", "-", "-o", tmp_path / "a.parquet")
    with running(ends[0], "capture", "wire0", "-c", config, *reports, code=code) as program:
        with ordering(*ends):
            program.wait_for("FAIL socket-heartbeat-wrong")
        exit_code, output, _ = program.end()
    assert [line for line in program.lines if "LOADED" in line] == ["LOADED []\n"]
    assert "socket-heartbeat-wrong" in output
    assert exit_code == 13
    flows = pandas.read_parquet(tmp_path / "a.flows.parquet")
    assert list(flows["socket_verdict"]) == ["fail"]


def test_a_second_ctrl_c_ends_at_once(ends: list[Namespace], tmp_path: Path) -> None:
    """The first is held up by a report that nobody reads."""
    os.mkfifo(tmp_path / "report")
    reader = os.open(tmp_path / "report", os.O_RDONLY | os.O_NONBLOCK)
    held = os.open(tmp_path / "report", os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(held, bytes(65536))
    try:
        arguments = ("capture", "wire0", "--format", "json", "-o", tmp_path / "report")
        with running(ends[0], *arguments) as program:
            program.process.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                program.process.wait(timeout=1.5)
            code, _, said = program.end()
        assert code == 130
        assert "Traceback" not in said
    finally:
        os.close(reader)
        os.close(held)


#: Where the main thread is stuck in machine code, in the words of a program that patches it.
PHASES = {
    "loading": "LiveAudit.warm = stuck",
    "opening": "session.choose_backend = stuck",
    "ending": "Recorder._finish = stuck",
    "judging": "LiveAudit.audit = lambda self, *more: stuck() if more[1:] else judge(self, *more)",
    "rendering": "PreopenedOutput.write = lambda self, parts: stuck(next(iter(parts)))",
}
MOMENTS = [*zip(PHASES, (*SIGNALS, *SIGNALS), strict=False)]


@pytest.mark.parametrize(("phase", "number"), MOMENTS)
def test_a_signal_is_answered_at_once_whatever_a_recording_does(
    ends: list[Namespace], tmp_path: Path, phase: str, number: signal.Signals
) -> None:
    """The first one, but for where it asks for the end of a recording that ends anyway."""
    code = f"""
import ctypes, os
import auditor.cli.session as session
from auditor.cli.main import main
from auditor.cli.preopened_output import PreopenedOutput
from auditor.cli.session import LiveAudit, Recorder
lock, mutex = ctypes.CDLL(None).pthread_mutex_lock, (ctypes.c_char * 64)()
def stuck(*_, **__):
    os.write(2, b"STUCK\\n")
    lock(mutex), lock(mutex)
judge = LiveAudit.audit
{PHASES[phase]}
main()
"""
    arguments = ("capture", "lo", "--duration", "0.1s", "-o", tmp_path / "report")
    with running(ends[0], *arguments, ready="STUCK", code=code) as program:
        begun = time.monotonic()
        if phase == "ending":
            program.process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                program.process.wait(timeout=0.1)
        exit_code, _, said = program.end(number)
    assert time.monotonic() - begun < A_SECOND
    assert exit_code in (128 + number, -number)
    assert "Traceback" not in said
    # In a folder of root the account that is left may not remove the place of the report.
    assert [path.stat().st_size for path in tmp_path.iterdir()] in ([], [0])


def test_an_interface_that_goes_away_ends_it_with_a_sentence_and_a_report(tmp_path: Path) -> None:
    need(why_no_bpf())
    with namespaces(2) as pair:
        join(*pair)
        config = configuration(tmp_path / "config")
        arguments = ("capture", "wire0", "-c", config, "-w", dump(tmp_path), "--format", "json")
        with running(pair[0], *arguments) as program:
            with ordering(*pair):
                program.wait_for("FAIL socket-heartbeat-wrong")
            pair[1].run("ip", "link", "del", "wire0")
            code, output, said = program.end(None)
    assert code == 2
    assert "wire0" in said.splitlines()[-1]
    assert said.splitlines()[-1].startswith("bareos-audit: ")
    assert [flow["connection"] for flow in report(output)["flows"]] == ["5a"]
    assert list(auditor.audit(dump(tmp_path), config=config).flows["connection"]) == ["5a"]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_ends_it_with_a_sentence_and_a_report(
    ends: list[Namespace], tmp_path: Path
) -> None:
    config = configuration(tmp_path / "config")
    with small_disk(tmp_path / "disk") as disk:
        arguments = ("capture", "wire0", "-c", config, "-w", dump(disk), "--format", "json")
        with running(ends[0], *arguments) as program:
            with ordering(*ends, idle=60):
                program.wait_for("5a", "pass")
            for _ in range(2 * MANY):
                with ordering(*ends, idle=60):
                    pass
            code, output, said = program.end(None)
        recorded = auditor.audit(dump(disk), config=config)
    assert code == 2
    assert "the disk is full" in said.splitlines()[-1]
    live = report(output)
    assert 0 < len(recorded.flows) <= 2 * MANY
    assert len(live["flows"]) == len(recorded.flows)
    assert not recorded.captures["incomplete_reason"].str.contains("inside a record").any()


@pytest.mark.parametrize("family", [V4, V6], ids=["ipv4", "ipv6"])
def test_a_connection_that_was_there_and_stays_silent_is_judged_from_the_kernels_table(
    ends: list[Namespace], tmp_path: Path, family: int
) -> None:
    """The classic victim waits without a heartbeat, and not one packet of it is seen."""
    config = configuration(tmp_path / "config")
    arguments = ("capture", "wire0", "-c", config, "-w", dump(tmp_path), "--format", "json")
    with ordering(*ends, family=family), running(ends[0], *arguments) as program:
        line = program.wait_for("FAIL socket-heartbeat-wrong")
        code, output, _ = program.end()
    assert "  no SYN  " in line and "heartbeat 7200 s (system)" in line
    (flow,) = report(output)["flows"]
    assert (flow["connection"], flow["outcome"], flow["segments"]) == ("5a", "midstream", 0)
    assert flow["initiator_evidence"] == "socket"
    assert flow["socket"]["verdict"] == "fail"
    assert rules(report(output)) == {"socket-heartbeat-wrong"}
    assert code == 13
    later = auditor.audit(dump(tmp_path), config=config)
    assert list(later.flows["connection"]) == ["5a"]
    assert list(later.flows["socket_verdict"]) == ["fail"]


@pytest.mark.parametrize("backend", ["ebpf", "dumpcap", "scapy"])
@pytest.mark.parametrize(
    ("there", "route", "router"),
    [
        ("10.99.0.20", "10.99.0.0/24", "10.77.0.2"),
        ("fd99::20", "fd99::/64", "fd77::2"),
    ],
)
def test_a_router_that_rejects_is_named(
    there: str, route: str, router: str, backend: str, ends: list[Namespace], tmp_path: Path
) -> None:
    """The route is one that this kernel itself answers with an ICMP error."""
    version, family = ("-6", socket.AF_INET6) if ":" in there else ("-4", socket.AF_INET)
    forwarding = "ipv6.conf.all.forwarding" if ":" in there else "ipv4.ip_forward"
    limit = "ipv6.icmp.ratelimit" if ":" in there else "ipv4.icmp_ratelimit"
    ends[1].run("sysctl", "-q", "-w", f"net.{forwarding}=1", f"net.{limit}=0")
    ends[1].run("ip", version, "route", "replace", "prohibit", route)
    ends[0].run("ip", version, "route", "replace", route, "via", router)
    config = configuration(tmp_path / "config")
    (file,) = config.rglob("bareos-dir.conf")
    file.write_text(file.read_text().replace(f"Address = {router}\n", f"Address = {there}\n"))
    arguments = ("capture", "wire0", "-c", config, "--backend", backend, "--format", "json")
    with running(ends[0], *arguments, "--packets", "2") as program:
        with ends[0].entered(), socket.socket(family) as one:
            assert one.connect_ex((there, 9103)) != 0
        code, output, _ = program.end(None)
    (finding,) = (f for f in report(output)["findings"] if f["rule"] == "connection-rejected")
    assert "administratively" in finding["message"] and f"from {router}" in finding["message"]
    assert code == 13


@contextlib.contextmanager
def called(name: bytes) -> Iterator[None]:
    """Give this process another name (prctl PR_SET_NAME, 15)."""
    libc, before = ctypes.CDLL(None), Path("/proc/self/comm").read_bytes().strip()
    libc.prctl(15, name)
    try:
        yield
    finally:
        libc.prctl(15, before)


@pytest.mark.parametrize(
    ("process", "own", "number"),
    [
        (b"bareos-fd", ("bareos-fd", "Client"), "6"),
        (b"bareos-sd", ("bareos-sd", "Storage"), "8"),
    ],
)
def test_with_its_own_files_a_host_judges_what_its_daemon_dialled_in_capture_as_in_sockets(
    ends: list[Namespace], tmp_path: Path, process: bytes, own: tuple[str, str], number: str
) -> None:
    program, resource = own
    config = plant(
        tmp_path / "config",
        {
            f"{program}.conf": f"{resource} {{\n  Name = me\n  Heartbeat Interval = 20\n}}\n"
            "Director {\n  Name = dir\n  Password = x\n}\n"
        },
    )
    with called(process), ordering(*ends, idle=5, interval=5):
        with ends[0].entered():
            table = auditor.sockets(config=config, resolve=False)
        arguments = ("capture", "wire0", "-c", config, "--format", "json")
        with running(ends[0], *arguments) as capture:
            capture.wait_for("FAIL socket-heartbeat-wrong")
            code, output, _ = capture.end()
    (flow,) = report(output)["flows"]
    row = table.iloc[0]
    assert (flow["connection"], row["connection"], row["verdict"]) == (number, number, "fail")
    assert flow["initiator"]["daemon"] == row["initiator"]
    assert flow["socket"]["reason"] == row["reason"]
    assert "5 s where 20 s is configured" in row["reason"]
    assert code == 13


def test_what_is_silent_for_a_part_of_the_time_is_one_connection(
    ends: list[Namespace], tmp_path: Path
) -> None:
    config = configuration(tmp_path / "config")
    arguments = ("capture", "wire0", "-c", config, "-w", dump(tmp_path), "--format", "json")
    with ordering(*ends, idle=60) as (initiator, _), running(ends[0], *arguments) as program:
        program.wait_for("5a dir → sd1", "heartbeat 60 s set")
        initiator.sendall(b"at last")
        with ordering(*ends, 9102, idle=60):
            program.wait_for("dir → fd1")
        _, output, _ = program.end()
    assert sorted(flow["connection"] for flow in report(output)["flows"]) == ["3", "5a"]


def test_a_pipe_that_is_closed_ends_it_quietly(ends: list[Namespace], tmp_path: Path) -> None:
    config = configuration(tmp_path / "config")
    with running(ends[0], "capture", "wire0", "-c", config, "-w", "-") as program:
        assert program.process.stdout is not None
        assert program.process.stdout.read(4) == b"\n\r\r\n"
        program.process.stdout.close()
        with ordering(*ends, idle=60):
            code, _, said = program.end(None)
    assert code == 3, "nothing was recorded"
    assert said == program.lines[0]


def test_a_recording_on_standard_output_is_a_capture(ends: list[Namespace], tmp_path: Path) -> None:
    config = configuration(tmp_path / "config")
    arguments = ("capture", "wire0", "-c", config, "-w", "-", "-o", tmp_path / "report.json")
    with running(ends[0], *arguments, "--format", "json") as program:
        with ordering(*ends, idle=60):
            program.wait_for("5a", "pass")
        code, output, _ = program.end()
    dump(tmp_path).write_bytes(output.encode("utf-8", "surrogateescape"))
    assert code == 0
    assert list(auditor.audit(dump(tmp_path), config=config).flows["connection"]) == ["5a"]
    assert report((tmp_path / "report.json").read_text())["summary"]["verdict"] == "pass"


def test_any_sees_every_interface_and_each_packet_once(
    ends: list[Namespace], tmp_path: Path
) -> None:
    arguments = ("capture", "any", "-c", configuration(tmp_path), "--format", "json")
    with running(ends[0], *arguments, ready="Capturing on lo, wire0") as program:
        for _ in range(MANY):
            with ordering(*ends, idle=60):
                pass
        with ordering(*ends, idle=60):
            program.wait_for("5a", "pass")
        _, output, _ = program.end()
    assert {flow["connection"] for flow in report(output)["flows"]} == {"5a"}
    assert len(report(output)["flows"]) == MANY + 1
    assert {flow["duplicates"] for flow in report(output)["flows"]} == {0}


#: What an audit without facts can know as well.
_AGREED = (
    *("initiator_address", "initiator_port", "acceptor_address", "acceptor_port"),
    *("connection", "confidence", "outcome", "transport"),
    *("identity_type", "identity_name", "initiator_daemon", "acceptor_daemon"),
    *("heartbeat_verdict", "heartbeat_fault", "heartbeat_probes", "heartbeat_answered"),
)


@pytest.mark.parametrize("backend", ["ebpf", "dumpcap"])
def test_an_audit_of_everything_on_the_wire_says_the_same(
    ends: list[Namespace], tmp_path: Path, backend: str
) -> None:
    """With one right and one wrong heartbeat, and enough time for probes."""
    full = tmp_path / "full.pcap"
    config = configuration(tmp_path / "config", heartbeat=1)
    with ends[0].entered():
        witness = subprocess.Popen(
            [
                "tcpdump",
                "-i",
                "wire0",
                "-s",
                "4096",
                "-B",
                "16384",
                "--immediate-mode",
                "-U",
                "-w",
                full,
            ],
            stderr=subprocess.PIPE,
        )
    assert witness.stderr is not None
    assert b"listening" in witness.stderr.readline()
    arguments = ("capture", "wire0", "-c", config, "-w", dump(tmp_path), "--backend", backend)
    with running(ends[0], *arguments) as program:
        for number in range(MANY):
            port, said = (9102, 9103)[number % 2], (TLS, CLEARTEXT)[number % 5 == 0]
            idle = (1, 2, 60)[number % 3]
            with ordering(*ends, port, said=said, idle=idle, interval=idle):
                pass
        with ordering(*ends, 9102, idle=1, interval=1), ordering(*ends, idle=2, interval=2):
            program.wait_for("5a", "heartbeat 2 s seen", "heartbeat-interval-wrong")
        code, _, _ = program.end()
    witness.send_signal(signal.SIGINT)
    assert b"\n0 packets dropped by kernel" in witness.communicate()[1]
    ours, theirs = (auditor.audit(path, config=config).flows for path in (dump(tmp_path), full))
    assert len(ours) == len(theirs) == MANY + 2
    for column in _AGREED:
        assert list(ours[column]) == list(theirs[column]), column
    assert set(ours["connection"]) == {"3", "5a"}
    assert {"pass", "fail"} <= set(ours["heartbeat_verdict"])
    assert dump(tmp_path).stat().st_size < full.stat().st_size * 3
    assert code == 14, "some spoke in cleartext"


def test_an_interface_that_does_not_exist_is_a_sentence() -> None:
    said = refused("capture", "eth99")
    assert said.startswith("There is no interface 'eth99' here: choose among lo")
    assert said.endswith(", any.")


def test_missing_rights_are_a_sentence_that_says_how_to_grant_them() -> None:
    lacking = (Capability.CAP_NET_RAW, Capability.CAP_BPF)
    with (
        patch("auditor.cli.session.choose_backend", side_effect=CaptureError("no")),
        patch("auditor.cli.session.missing", return_value=lacking),
    ):
        said = refused("capture", "lo")
    assert said.startswith("CAP_NET_RAW and CAP_BPF missing: run it as root with sudo")
    assert said.endswith("(«bareos-audit doctor --unit»).")


def test_a_backend_that_was_asked_for_and_does_not_work_is_an_error() -> None:
    with patch("auditor.cli.session.choose_backend", side_effect=CaptureError("It is broken.")):
        assert refused("capture", "lo", "--backend", "scapy") == "It is broken."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--ring", "3"], "--filesize and --ring split a recording: name one with -w."),
        (["--duration", "soon"], "'soon': write it like 90s, 10m or 2h (units: s, m, h, d)."),
        (["--filesize", "0K", "-w", "x"], "'0K': write it like 500K, 100M or 2G"),
        (["-o", "/nowhere/report"], "/nowhere/report cannot be written"),
    ],
)
def test_wrong_usage_is_a_sentence(arguments: list[str], sentence: str) -> None:
    assert sentence in refused("capture", "lo", *arguments)


def test_a_report_that_never_came_leaves_no_file(tmp_path: Path) -> None:
    with patch("auditor.cli.session.choose_backend", side_effect=CaptureError("no")):
        refused("capture", "lo", "--backend", "ebpf", "-o", tmp_path / "report")
    assert list(tmp_path.iterdir()) == []
