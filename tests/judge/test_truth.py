"""Every recorded connection gets the number that is known to be true."""

from __future__ import annotations

import pandas as pd
import pytest
from mutation import CAPTURES, COUNTED, audit_recording
from true_numbers import numbers, truth

import auditor

RECORDINGS = [
    ("modes", ""),
    ("heartbeat", ""),
    ("cleartext", ""),
    ("trouble", ""),
    ("lan-nat-active", "wan"),
    ("lan-nat-active", "lan"),
    ("forgets-no-beat", ""),
    ("refusals", ""),
    ("beat-other", ""),
    ("self-copy", ""),
]

STRANGER = "10.77.0.66"


def counted(audit: auditor.Audit) -> pd.DataFrame:
    return audit.fails[audit.fails["severity"].isin(COUNTED)]


@pytest.mark.parametrize(("recording", "tap"), RECORDINGS)
def test_with_its_configuration_every_connection_gets_its_number(recording: str, tap: str) -> None:
    found = numbers(audit_recording(recording, tap))
    expected = truth(recording, tap)
    assert {ends: found.get(ends) for ends in expected} == expected


@pytest.mark.parametrize(("recording", "tap"), RECORDINGS)
def test_without_a_configuration_every_connection_between_bareos_hosts_gets_its_number(
    recording: str, tap: str
) -> None:
    found = numbers(audit_recording(recording, tap, config=None))
    expected = {e: n for e, n in truth(recording, tap).items() if e.initiator_address != STRANGER}
    assert {ends: found.get(ends) for ends in expected} == expected


def test_without_a_configuration_a_stranger_is_taken_for_what_it_claims_to_be() -> None:
    """Nothing says which names and hosts are good: a Hello that names a Director is a Director's,
    and a host that dials a Storage Daemon's port in silence dials as one of the site's would."""
    found = numbers(audit_recording("trouble", config=None))
    seen = {e.acceptor_port: n for e, n in found.items() if e.initiator_address == STRANGER}
    said = {e.acceptor_address: n for e, n in found.items() if e.initiator_address == STRANGER}
    assert (said["10.77.0.20"], said["10.77.0.31"]) == ("5a", "3")
    assert (seen[9101], seen[5432]) == ("", "")


def test_a_connection_that_began_before_the_capture_gets_its_number() -> None:
    flows = audit_recording("heartbeat").flows.query("outcome == 'midstream'")
    assert flows[["connection", "initiator_daemon", "confidence"]].to_numpy().tolist() == [
        ["4", "file daemon fd3", "likely"]
    ]


@pytest.mark.parametrize(
    ("recording", "tap"),
    [("modes", ""), ("heartbeat", ""), ("lan-nat-active", "wan"), ("lan-nat-active", "lan")],
)
def test_a_network_that_keeps_its_configuration_fails_nothing(recording: str, tap: str) -> None:
    audit = audit_recording(recording, tap)
    assert counted(audit).empty
    assert audit.verdict == "pass"


def test_both_sides_of_the_router_are_audited_together() -> None:
    folder = CAPTURES / "lan-nat-active"
    captures = [folder / tap / "capture.pcap" for tap in ("wan", "lan")]
    audit = auditor.audit(captures, config=folder / "config", resolve=False)
    assert numbers(audit) == truth("lan-nat-active", "wan") | truth("lan-nat-active", "lan")
    assert list(audit.captures["name"]) == [str(capture) for capture in captures]
    assert audit.flows["id"].is_unique
    assert counted(audit).empty


def test_cleartext_is_all_that_fails_where_tls_is_off() -> None:
    audit = audit_recording("cleartext")
    assert set(counted(audit)["rule"]) == {"cleartext-connection"}
    failed = set(counted(audit)["flows"].explode())
    assert failed == set(audit.flows.query("connection != '12'")["id"])


def test_a_stranger_and_dropped_connections_are_all_that_fails_in_the_recorded_trouble() -> None:
    """One stranger is one finding, with the five ports that it dialled and its false name."""
    audit = audit_recording("trouble")
    flows = audit.flows.set_index("id")
    found = counted(audit)
    failed = [
        (rule, sorted(flows.loc[each, ["initiator_address", "acceptor_port"]].to_numpy().tolist()))
        for rule, each in zip(found["rule"], found["flows"], strict=True)
    ]
    assert failed == [
        ("unknown-initiator", [[STRANGER, p] for p in (5432, 9101, 9102, 9103, 9103)]),
        ("connection-unanswered", [["10.77.0.10", 9103]]),
        ("connection-unanswered", [["10.77.0.10", 9102]]),
    ]
    assert found["rules"].iloc[0] == ["unknown-initiator", "identity-mismatch"]
    assert audit.severity == "high"


HEARTBEATS = {
    "2": (9, "con/bconsole.conf:5"),
    "3": (6, "dir/etc/bareos-dir.d/client/fd1.conf:5"),
    "4": (5, "fd3/etc/bareos-fd.d/client/me.conf:5"),
    "5a": (8, "dir/etc/bareos-dir.d/storage/sd1.conf:7"),
    "6": (5, "fd1/etc/bareos-fd.d/client/me.conf:5"),
    "7": (7, "sd1/etc/bareos-sd.d/storage/me.conf:6"),
}


def test_every_initiator_that_probed_kept_its_configured_interval() -> None:
    flows = audit_recording("heartbeat").flows.query("heartbeat_probes > 0")
    assert set(flows["heartbeat_verdict"]) == {"pass"}
    root = f"{CAPTURES}/heartbeat/config/"
    found = {
        (row.connection, row.heartbeat_expected_s, row.heartbeat_source.removeprefix(root))
        for row in flows.itertuples()
    }
    assert found == {(number, *expected) for number, expected in HEARTBEATS.items()}


def test_a_heartbeat_without_an_opportunity_is_unknown_for_a_reason() -> None:
    flows = audit_recording("heartbeat").flows.query("heartbeat_probes == 0")
    assert set(flows["heartbeat_verdict"]) == {"unknown"}
    data = flows.query("connection in ['3', '6']")["heartbeat_reason"]
    assert len(data) == 4
    assert data.str.contains("so no probe could be seen").all()
    catalog = flows.query("connection == '12'")["heartbeat_reason"]
    assert catalog.str.contains("the operating system's timers hold").all()


def test_no_acceptor_sent_a_probe() -> None:
    """As measured: only the initiator carries a HeartbeatInterval (bareos.md §1.0)."""
    assert audit_recording("heartbeat").flows["acceptor_probes"].eq(0).all()
