"""How connections ended in recordings of real networks and in rebuilt trouble cases."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from scene import DIR, FD3, Wire, failed, network, tls
from scene import audit as scene_audit

import auditor
from auditor.evidence.thin_file import thin_capture
from auditor.judge.rules.rule import load_rules

CAPTURES = Path(__file__).parents[2] / "captures"
FORGETS = CAPTURES / "forgets-no-beat"
OURS = ["connection-rejected", "connection-reset", "idle-connection-lost", "path-mtu"]
LOST = "idle-connection-lost"


def audited(capture: Path, config: Path) -> auditor.Audit:
    return auditor.audit(capture, config=config, resolve=False)


def found(result: auditor.Audit, rule: str) -> pd.DataFrame:
    return result.fails[result.fails["rule"] == rule]


@pytest.mark.parametrize(
    ("capture", "config", "numbers"),
    [
        ("capture.pcap", "", ["3", "6"]),
        ("live-fd1-fd1_etc.pcapng", "", ["3", "6"]),
        ("live-fd1-fd1_etc.pcapng", "fd1", ["3", "6"]),
        ("live-sd1-sd1_etc.pcapng", "", ["6"]),
        ("live-sd1-sd1_etc.pcapng", "sd1", [""]),  # which of 6 and 8 it is nothing tells there
        ("live-dir-all.pcapng", "", ["3"]),
        ("live-dir-all.pcapng", "dir", ["3"]),
    ],
)
def test_a_router_that_forgets_is_named_with_each_connection_that_it_broke(
    capture: str, config: str, numbers: list[str]
) -> None:
    result = audited(FORGETS / capture, FORGETS / "config" / config)
    lost = found(result, LOST)
    flows = result.flows.set_index("id").loc[list(lost["flow"])]
    assert list(flows["connection"]) == numbers
    assert set(lost["severity"]) == {"high"}
    assert flows["lost_after_s"].min() > 40


def test_the_directive_of_the_file_daemon_is_named() -> None:
    result = audited(FORGETS / "live-fd1-fd1_etc.pcapng", FORGETS / "config")
    message = found(result, LOST)["message"].iloc[1]
    assert "Write HeartbeatInterval = 5 into the File Daemon's Client resource (" in message
    assert "fd1/etc/bareos-fd.d/client/me.conf:1)" in message


def test_with_the_files_of_its_host_alone_the_line_is_named_and_no_daemon() -> None:
    """Another host may have the same files: only on the host itself they are surely its own."""
    result = audited(FORGETS / "live-fd1-fd1_etc.pcapng", FORGETS / "config/fd1")
    lost = found(result, LOST).iloc[1]
    assert "Write HeartbeatInterval = 5 into the File Daemon's Client resource" in lost["message"]
    assert "10.78.0.31 lost connection 6" in lost["message"]
    assert [place.rpartition("/config/")[2] for place in lost["sources"]] == [
        "fd1/etc/bareos-fd.d/client/me.conf:1"
    ]


@pytest.mark.parametrize(
    ("recording", "config"),
    [
        ("modes/capture.pcap", "modes"),
        ("heartbeat/capture.pcap", "heartbeat"),
        ("cleartext/capture.pcap", "cleartext"),
        ("lan-nat-active/wan/capture.pcap", "lan-nat-active"),
        ("lan-nat-active/lan/capture.pcap", "lan-nat-active"),
        ("self-copy/capture.pcap", "self-copy"),
        ("beat-other/capture.pcap", "beat-other"),
        ("trouble/capture.pcap", "trouble"),
        ("refusals/capture.pcap", "refusals"),
    ],
)
def test_nothing_of_that_is_said_of_other_recordings(recording: str, config: str) -> None:
    result = audited(CAPTURES / recording, CAPTURES / config / "config")
    assert not set(failed(result)) & set(OURS)
    assert not set(result.flows["ending"]) & {"lost", "rejected", "reset"} - {"reset"}


def case(number: int) -> auditor.Audit:
    (folder,) = CAPTURES.glob(f"cases/{number}-*")
    return audited(folder / "capture.pcap", folder / "config")


def test_a_waiting_4_is_lost_after_900_s_and_its_file_daemon_needs_a_heartbeat() -> None:
    finding = found(case(19), LOST).iloc[0]
    assert "lost connection 4 to director dir1" in finding["message"]
    assert "after 900.0 s of silence; that host lived on" in finding["message"]
    assert "web/etc/bareos/bareos-fd.d/client/me.conf:1" in finding["message"]
    assert finding["confidence"] == "certain"


def test_a_firewall_that_rejects_is_named_and_never_called_silent() -> None:
    result = case(17)
    rejected = found(result, "connection-rejected")
    assert not rejected.empty
    said = "answered by ICMP host administratively prohibited (type 3 code 10) from 10.1.0.20"
    assert rejected["message"].str.contains(said, regex=False).all()
    assert not result.findings["message"].str.contains("no answer reached it").any()


@pytest.mark.parametrize(
    ("capture", "config"),
    [
        (FORGETS / "capture.pcap", FORGETS / "config"),
        *(
            (folder / "capture.pcap", folder / "config")
            for number in (10, 17, 19)
            for folder in CAPTURES.glob(f"cases/{number}-*")
        ),
    ],
    ids=lambda path: path.parent.name,
)
def test_a_thinned_recording_tells_the_same(capture: Path, config: Path, tmp_path: Path) -> None:
    thin = tmp_path / "thin.pcapng"
    thin_capture(str(capture), str(thin), [5432, 9101, 9102, 9103])
    whole, again = audited(capture, config), audited(thin, config)
    columns = ["rule", "verdict", "confidence", "flow", "message"]
    for rule in OURS:
        assert found(again, rule)[columns].to_numpy().tolist() == (
            found(whole, rule)[columns].to_numpy().tolist()
        )
    endings = ["ending", "ending_by", "icmp_name", "silence_survived_s"]
    assert again.flows[endings].equals(whole.flows[endings])


def test_every_rule_of_an_ending_is_shipped() -> None:
    assert set(OURS) < {rule.id for rule in load_rules()}


def test_a_pair_that_loses_its_connection_night_after_night_is_one_finding(tmp_path: Path) -> None:
    tape = Wire()
    for _ in range(3):
        tape.dial(FD3, DIR, 9101, tls("R_CLIENT\x1efd3")).talk().silence(42)
        tape.send(tape.initiator, b"late")
        for gap in (0.2, 0.4, 0.8, 1.6):
            tape.silence(gap).resend(tape.initiator)
    lost = found(scene_audit(tmp_path, tape, network()), LOST)
    assert list(lost["flows"].map(len)) == [3]
    assert "lost connection 4 to director dir" in lost["message"].iloc[0]
