"""One directive changed in a healthy configuration: the rule that speaks of it finds it, with its
line, and no other rule says anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from checked import OWN, faults, findings
from mutation import Edit, changed_copy
from paths import CAPTURES
from scene import planted

TO_CLIENT, TO_DIRECTOR = "Connection From Director To Client", "Connection From Client To Director"


def changed(folder: Path, config: Path, edit: Edit) -> tuple[set[str], set[str], str]:
    """The rules that find the change, the places that they name, and the place of the change."""
    copy, (place,) = changed_copy(folder, config, edit)
    found = list(findings(copy))
    places = {str(Path(source).relative_to(folder)) for row in found for source in row["sources"]}
    return {row["rule"] for row in found}, places, place


MODES = {
    Edit("dir/client/fd1", "fd1", "Password", "other"): "password-differs",
    Edit("fd2/director/dir", "bareos-dir", "Password", "other"): "password-differs",
    Edit("dir/storage/sd1", "store1", "Password", "other"): "password-differs",
    Edit("sd2/director/dir", "bareos-dir", "Password", "other"): "password-differs",
    Edit("con/bconsole", "bareos-dir", "Password", "other"): "password-differs",
    Edit("con/named", "admin", "Password", "other"): "password-differs",
    Edit("dir/console/admin", "bareos-mon", "Password", "other"): "password-differs",
    Edit("tray/monitor/mon", "bareos-mon", "Password", "other"): "password-differs",
    Edit("tray/client/fd1", "fd1", "Password", "other"): "password-differs",
    Edit("sd1/director/dir", "bareos-mon", "Password", "other"): "password-differs",
    Edit("fd1/director/dir", "bareos-dir", "Name", "other-dir"): "director-unknown",
    Edit("fd1/director/dir", "bareos-mon", "Name", "other-mon"): "monitor-unknown",
    Edit("con/named", "admin", "Name", "other"): "console-unknown",
    Edit("tray/monitor/mon", "bareos-mon", "Name", "other"): "console-unknown",
    Edit("fd3/client/me", "fd3", "Name", "other"): "client-unknown",
    Edit("fd3/client/me", "fd3", "Name", '"fd 3"'): "client-name-with-blank",
    Edit("dir/client/fd1", "fd1", TO_CLIENT, "no"): "directions-both-off",
    Edit("fd1/director/dir", "bareos-dir", TO_CLIENT, "no"): "directions-both-off",
    Edit("dir/client/fd3", "fd3", TO_DIRECTOR, None): "directions-both-off",
    Edit("fd3/director/dir", "bareos-dir", TO_DIRECTOR, "no"): "directions-both-off",
    Edit("fd3/director/dir", "bareos-dir", "Address", None): "client-initiated-without-address",
    Edit("dir/client/fd3", "fd3", TO_CLIENT, None): "direct-dial-refused",
    Edit("dir/client/fd1", "fd1", TO_DIRECTOR, "yes"): "client-initiated-in-vain",
    Edit("fd3/director/dir", "bareos-dir", "Port", "9102"): "port-not-listened",
    Edit("dir/client/fd1", "fd1", "TLS Enable", "no"): "tls-differs",
    Edit("dir/storage/sd2", "store2", "TLS Enable", "no"): "tls-differs",
    Edit("con/bconsole", "bareos-dir", "TLS Enable", "no"): "tls-differs",
    Edit("sd1/director/dir", "bareos-dir", "TLS Enable", "no"): "tls-off-at-acceptor",
    Edit("dir/storage/sd1", "store1", "Address", "localhost"): "loopback-handed-out",
    Edit("dir/storage/sd2", "store2", "Address", "127.0.0.1"): "loopback-handed-out",
    Edit("dir/client/fd2", "fd2", "Address", "::1"): "loopback-handed-out",
    Edit("con/bconsole", "bareos-dir", "Address", "localhost"): "loopback-doubtful",
    Edit("fd3/director/dir", "bareos-dir", "Address", "localhost"): "loopback-dialled",
    Edit("sd1/storage/me", "sd1", "Address", "127.0.0.1"): "listens-on-loopback",
    Edit("dir/director/bareos-dir", "bareos-dir", "Address", "::1"): "listens-on-loopback",
    Edit("fd1/client/me", "fd1", "Address", "2001:db8::31"): "listens-on-other-family",
    Edit("fd1/client/me", "fd1", "Address", "10.77.0.99"): "listens-elsewhere",
    Edit("dir/director/bareos-dir", "bareos-dir", "Port", "9111"): "port-not-listened",
    Edit("fd1/client/me", "fd1", "Port", "9112"): "port-not-listened",
    Edit("sd2/storage/me", "sd2", "Port", "9113"): "port-not-listened",
    Edit("con/named", "bareos-dir", "Port", "9103"): "port-not-listened",
    Edit("tray/client/fd1", "fd1", "Port", "9999"): "port-not-listened",
    Edit("dir/client/fd1", "fd1", "Port", "99102"): "port-impossible",
    Edit("dir/client/fd2", "fd2", "Port", "9999"): "port-perhaps-forwarded",
    Edit("dir/client/fd1", "fd1", "LanAddress", "10.9.0.31"): "lan-address-unused",
    Edit("fd3/client/me", "fd3", "Source Address", "::1"): "source-address-unusable",
    Edit("dir/director/bareos-dir", "bareos-dir", "Source Address", "2001:db8::10"): (
        "source-address-unusable"
    ),
    Edit("fd1/director/dir", "bareos-mon", "Monitor", None): "monitor-without-flag",
    Edit("sd1/director/dir", "bareos-mon", "Monitor", "no"): "monitor-without-flag",
    Edit("fd2/director/dir", "bareos-dir", "Monitor", "yes"): "director-marked-monitor",
    Edit("con/named", "admin", "Director", "other-dir"): "console-bound-elsewhere",
    Edit("dir/storage/sd1", "store1", "Address", "sd1"): "name-without-dot",
    Edit("dir/client/fd2", "fd2", "Address", "10.77.0.31"): "clients-at-one-address",
    Edit("dir/client/fd1", "fd1", "Protocol", "NDMPv4"): "ndmp-without-port",
    Edit("dir/client/fd3", "fd3", "Heartbeat Interval", "60"): "heartbeat-without-effect",
    Edit("dir/director/bareos-dir", "bareos-dir", "Heartbeat Interval", "60"): (
        "heartbeat-at-director-only"
    ),
    Edit("fd1/client/me", "fd1", "Heartbeat Interval", "12 hours"): "heartbeat-too-long",
    Edit("dir/client/fd3", "fd3", "Heartbeat Interval", "40000"): "heartbeat-too-long",
    Edit("dir/client/fd1", "fd1", "Heartbeat Interval", "5m"): "time-in-months",
    Edit("fd1/client/me", "fd1", "Heartbeat Interval", "1 m"): "time-in-months",
    Edit("fd1/client/me", "fd1", "Heartbeat Interval", "1\tmin"): "time-cut",
    Edit("sd1/storage/me", "sd1", "Heartbeat Interval", "1 min, 30 s"): "time-cut",
}

OTHERS = {
    Edit("dir/client/fd1", "fd1", "Heartbeat Interval", "0"): "heartbeat-zero-ignored",
    Edit("dir/storage/sd1", "store1", "Heartbeat Interval", "0"): "heartbeat-zero-ignored",
}

LAN = {
    Edit("dir/storage/SD_LAN", "SD_LAN", "LanAddress", "192.168.5.20"): "lan-addresses-apart",
    Edit("dir/storage/SD_LAN", "SD_LAN", "LanAddress", None): "lan-address-unused",
    Edit("dir/client/FD_WAN", "FD_WAN", "Address", "8.8.8.8"): "address-private",
}

OWN_CHANGES = {
    Edit("backup/bareos-dir", "lion", "Password", "x"): "password-differs",
    Edit("tape/bareos-sd", "hq-dir", "Password", "x"): "password-differs",
    Edit("desk/bconsole", "operator", "Password", "x"): "password-differs",
    Edit("desk/bconsole", "operator", "Name", "x"): "console-unknown",
    Edit("mouse/bareos-fd", "mouse", "Name", "rat"): "client-unknown",
    Edit("mouse/bareos-fd", "hq-dir", "Port", None): "port-not-listened",
    Edit("desk/bconsole", "hq-dir", "Port", "19102"): "port-not-listened",
    Edit("lion/bareos-fd", "lion", "Port", None): "port-perhaps-forwarded",
    Edit("lion/bareos-fd", "lion", "Address", "10.0.0.31"): "listens-on-other-family",
    Edit("tape/bareos-sd", "tape-sd", "Address", "::1"): "listens-on-loopback",
    Edit("tape/bareos-sd", "tape-sd", "Source Address", "10.0.0.20"): "source-address-unusable",
    Edit("wall/tray-monitor", "lion", "Password", "x"): "password-differs",
    Edit("lion/bareos-fd", "watcher", "Monitor", None): "monitor-without-flag",
    Edit("backup/bareos-dir", "mouse", TO_DIRECTOR, "no"): "directions-both-off",
    Edit("mouse/bareos-fd", "hq-dir", "TLS Enable", "no"): "tls-differs",
    Edit("backup/bareos-dir", "lion", "Address", "lion"): "name-without-dot",
}


@pytest.mark.parametrize(("edit", "rule"), MODES.items(), ids=str)
def test_a_change_in_the_recorded_network(edit: Edit, rule: str, tmp_path: Path) -> None:
    rules, places, place = changed(tmp_path, CAPTURES / "modes" / "config", edit)
    assert rules == {rule}
    assert place in places


@pytest.mark.parametrize(("edit", "rule"), OTHERS.items(), ids=str)
def test_a_change_where_heartbeats_are_set(edit: Edit, rule: str, tmp_path: Path) -> None:
    rules, places, place = changed(tmp_path, CAPTURES / "heartbeat" / "config", edit)
    assert rules == {rule}
    assert place in places


@pytest.mark.parametrize(("edit", "rule"), LAN.items(), ids=str)
def test_a_change_where_a_router_translates(edit: Edit, rule: str, tmp_path: Path) -> None:
    rules, places, place = changed(tmp_path, CAPTURES / "lan-nat-active" / "config", edit)
    assert rules == {rule}
    assert place in places or edit.value is None


@pytest.mark.parametrize(("edit", "rule"), OWN_CHANGES.items(), ids=str)
def test_a_change_in_a_network_of_single_files_and_ipv6(
    edit: Edit, rule: str, tmp_path: Path
) -> None:
    rules, places, place = changed(tmp_path, planted(tmp_path / "own", OWN), edit)
    assert rules == {rule}
    assert place in places or edit.value is None


#: A host with all daemons, whose names resolve nowhere, and one more client.
ALL_IN_ONE = {
    "srv/bareos-dir.conf": """
Director {
  Name = srv-dir
  Password = console-secret
}
Client {
  Name = srv-fd
  Address = localhost
  Password = srv-secret
}
Client {
  Name = mail-fd
  Address = mail.example.net
  Password = mail-secret
}
Storage {
  Name = File
  Address = srv.example.net
  Password = sd-secret
  Device = FileStorage
  Media Type = File
}
""",
    "srv/bareos-fd.conf": """
Client {
  Name = srv-fd
}
Director {
  Name = srv-dir
  Password = srv-secret
}
""",
    "srv/bareos-sd.conf": """
Storage {
  Name = srv-sd
}
Director {
  Name = srv-dir
  Password = sd-secret
}
Device {
  Name = FileStorage
  Media Type = File
  Archive Device = /backup
}
""",
}
ALL_IN_ONE_CHANGES = {
    Edit("srv/bareos-dir", "File", "Address", "localhost"): "loopback-handed-out",
    Edit("srv/bareos-dir", "File", "Address", "srv"): "name-without-dot",
    Edit("srv/bareos-dir", "File", "Port", "9113"): "port-perhaps-forwarded",
    Edit("srv/bareos-sd", "srv-sd", "Port", "9113"): "port-not-listened",
    Edit("srv/bareos-fd", "srv-fd", "Port", "9101"): "port-not-listened",
    Edit("srv/bareos-fd", "srv-dir", "Password", "x"): "password-differs",
}


@pytest.mark.parametrize(("edit", "rule"), ALL_IN_ONE_CHANGES.items(), ids=str)
def test_a_change_on_a_host_with_all_daemons(edit: Edit, rule: str, tmp_path: Path) -> None:
    rules, places, place = changed(tmp_path, planted(tmp_path / "own", ALL_IN_ONE), edit)
    assert rules == {rule}
    assert place in places


def test_two_clients_at_one_file_daemon_are_no_two_hosts(tmp_path: Path) -> None:
    """Of which one is dialled by a name of the Director's own host."""
    text = ALL_IN_ONE["srv/bareos-dir.conf"].replace("srv.example.net", "localhost")
    files = {**ALL_IN_ONE, "srv/bareos-dir.conf": text.replace("mail-secret", "srv-secret")}
    assert "loopback-handed-out" not in faults(planted(tmp_path, files))


HEALTHY = [
    path
    for path in sorted(CAPTURES.iterdir())
    if (path / "config").is_dir() and path.name != "refusals"
]
WITHOUT_FAULT = ["01", "15", "17", "31", "33"]


@pytest.mark.parametrize("recording", HEALTHY, ids=lambda path: path.name)
def test_nothing_in_a_recorded_network_is_a_fault(recording: Path) -> None:
    assert [
        row["rule"] for row in findings(recording / "config") if row["severity"] != "info"
    ] == []


@pytest.mark.parametrize("case", WITHOUT_FAULT)
def test_nothing_in_a_healthy_case_is_a_fault(case: str) -> None:
    (folder,) = (CAPTURES / "cases").glob(f"{case}-*")
    assert faults(folder / "config") == []


def test_nothing_in_the_network_of_single_files_is_found(tmp_path: Path) -> None:
    assert list(findings(planted(tmp_path, OWN))) == []


FAULTS = {
    "10": ("listens-on-loopback", "sd/etc/bareos/bareos-sd.d/storage/me.conf:3"),
    "11": ("port-not-listened", "con/etc/bareos/bconsole.conf:5"),
    "13": ("listens-on-other-family", "web/etc/bareos/bareos-fd.d/client/me.conf:3"),
    "16": ("password-differs", "dir1/etc/bareos/bareos-dir.d/storage/Vault.conf:4"),
    "18": ("loopback-dialled", "web/etc/bareos/bconsole.conf:3"),
    "19": ("heartbeat-without-effect", "dir1/etc/bareos/bareos-dir.d/client/web-fd.conf:6"),
    "20": ("name-without-dot", "dir1/etc/bareos/bareos-dir.d/storage/Vault.conf:3"),
    "27": ("tls-differs", "dir1/etc/bareos/bareos-dir.d/client/web-fd.conf:5"),
    "28": ("loopback-handed-out", "dir1/etc/bareos/bareos-dir.d/storage/Vault.conf:3"),
    "35": ("monitor-without-flag", "web/etc/bareos/bareos-fd.d/director/mon.conf:1"),
}


@pytest.mark.parametrize(("case", "fault"), FAULTS.items(), ids=FAULTS)
def test_what_an_expert_sees_without_a_capture_is_found(case: str, fault: tuple[str, str]) -> None:
    (folder,) = (CAPTURES / "cases").glob(f"{case}-*")
    (row,) = findings(folder / "config")
    assert row["rule"] == fault[0]
    assert str(folder / "config" / fault[1]) in row["sources"]


def test_the_refused_logins_have_two_causes() -> None:
    found = {row["rule"]: row["sources"] for row in findings(CAPTURES / "refusals" / "config")}
    assert found.keys() == {"password-differs", "directions-disagree"}
    config = CAPTURES / "refusals" / "config"
    assert found["password-differs"] == [
        f"{config}/fd1/etc/bareos-fd.d/director/dir.conf:3",
        f"{config}/dir/etc/bareos-dir.d/client/fd1.conf:4",
    ]
