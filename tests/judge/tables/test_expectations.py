"""EXPECTATIONS: one row a connection, and whether it had to show itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matching_site import expectation_of

from auditor.config.resources import Source
from auditor.judge.not_decoded import NotDecoded
from auditor.judge.tables.expectations import (
    EXPECTATIONS,
    OBSERVED,
    expectation_row,
    opportunity,
    sight,
)
from auditor.judge.tables.table import build
from auditor.packets.segments import CaptureInfo, UndecodedRun
from auditor.site.heartbeat import Heartbeat
from auditor.site.model import (
    Claim,
    Expectation,
    Peer,
    Permission,
    PlannedJob,
    Role,
    Target,
    TlsPolicy,
)

FD = Peer(Role.FILE_DAEMON, "fd", frozenset({"192.0.2.3", "192.0.2.2"}))
SD = Peer(Role.STORAGE_DAEMON, "sd", frozenset({"192.0.2.20"}))
PLAIN = expectation_of("6", FD, SD, 9103)
REQUIRED = replace(
    expectation_of("4", FD, SD, 9101, permission=Permission.REQUIRED), heartbeat=Heartbeat(30)
)


def test_a_row_has_every_fact_with_its_place() -> None:
    row = replace(
        PLAIN,
        target=Target("sd.example", frozenset({"192.0.2.21"}), 9103, Source("dir.conf", 3)),
        permission_source=Source("dir.conf", 2),
        heartbeat=Heartbeat(30, Source("fd.conf", 1), "as configured"),
        tls=TlsPolicy.REQUIRED,
        tls_source=Source("fd.conf", 4),
        claims=(Claim("a", None), Claim("b", None), Claim("a", Source("x", 1))),
        resources=(Source("dir.conf", 2), Source("sd.conf", 1)),
        director="dir",
        source_address="192.0.2.3",
        jobs=(PlannedJob("job1", Source("dir.conf", 9)),),
    )
    seen = {"exercised": True, "opportunity": False, "opportunity_reason": ""}
    (found,) = build("expectations", [expectation_row(row, seen)]).rows()
    assert dict(found) == {
        "id": "6:fd>sd", "connection": "6",
        "initiator": "file daemon fd", "acceptor": "storage daemon sd",
        "initiator_addresses": ["192.0.2.2", "192.0.2.3"],
        "source_address": "192.0.2.3", "address": "sd.example", "addresses": ["192.0.2.21"],
        "port": 9103,
        "permission": "allowed", "permission_source": "dir.conf:2",
        "heartbeat_s": 30, "heartbeat_known": True, "heartbeat_source": "fd.conf:1",
        "idle_s": 30,
        "heartbeat_reason": "as configured", "tls": "required", "tls_source": "fd.conf:4",
        "identity": "a, b", "jobs": ["job1"], "director": "dir",
        "sources": ["dir.conf:2", "dir.conf:3", "fd.conf:1", "sd.conf:1"],
        **seen,
    }  # fmt: skip


@pytest.mark.parametrize(("seconds", "known"), [(None, False), (0, True), (60, True)])
def test_a_heartbeat_of_0_is_known_and_none_is_not(seconds: int | None, known: bool) -> None:
    row = expectation_row(replace(PLAIN, heartbeat=Heartbeat(seconds)), {})
    assert (row["heartbeat_s"], row["heartbeat_known"]) == (seconds, known)


def test_where_no_address_is_written_those_of_the_acceptor_are_dialled() -> None:
    assert expectation_row(PLAIN, {})["addresses"] == ["192.0.2.20"]


@pytest.mark.parametrize(
    ("permission", "jobs"),
    [(Permission.ALLOWED, ["job1"]), (Permission.REQUIRED, ["job1"]), (Permission.FORBIDDEN, [])],
)
def test_no_job_is_planned_to_use_what_is_forbidden(
    permission: Permission, jobs: list[str]
) -> None:
    planned = (PlannedJob("job1", Source("dir.conf", 9)),)
    row = replace(PLAIN, permission=permission, jobs=planned)
    assert expectation_row(row, {})["jobs"] == jobs


def test_without_captures_only_what_they_fill_is_missing() -> None:
    assert expectation_row(PLAIN, {}).keys() == EXPECTATIONS.keys() - OBSERVED


FD3, OTHER, THIRD = "192.0.2.3", "198.51.100.1", "192.0.2.77"
HERE = [(FD3, OTHER)]
AT_THIRD = f"the capture was made at {THIRD}, where it does not pass"


@pytest.mark.parametrize(
    ("row", "longest", "seen", "reason"),
    [
        (REQUIRED, 34.9, HERE, ""),
        (REQUIRED, 34.8, HERE, "the capture is shorter than its heartbeat of 30 s"),
        (REQUIRED, 99, [(OTHER, THIRD)], "nothing of its host was captured"),
        (REQUIRED, 99, [(FD3, THIRD), (OTHER, THIRD)], AT_THIRD),
        (REQUIRED, 99, [(FD3, THIRD), (FD3, OTHER)], ""),
        (REQUIRED, 99, [(FD3, THIRD), (OTHER, "192.0.2.9")], ""),
        (REQUIRED, 99, [(FD3, THIRD), (OTHER, THIRD), ("::1", "::1")], AT_THIRD),
        (replace(REQUIRED, heartbeat=Heartbeat(0)), 8102, HERE, ""),
        (
            replace(REQUIRED, heartbeat=Heartbeat(None)),
            8101,
            HERE,
            "the capture is shorter than its heartbeat of 7200 s",
        ),
    ],
    ids=[
        "long enough",
        "too short",
        "another host",
        "at a third host",
        "at its own host",
        "at a switch",
        "with loopback",
        "system's timer",
        "not known",
    ],
)
def test_a_waiting_connection_shows_itself_once_a_heartbeat(
    row: Expectation, longest: float, seen: list[tuple[str, str]], reason: str
) -> None:
    """bareos.md §6.4, with the lateness of §9.5: 30 s · 1.125 + 1 s + 0.1 s is 34.85 s."""
    found = opportunity(row, 7200, longest, [sight(seen)])
    assert found["opportunity"] is (not reason)
    assert str(found["opportunity_reason"]).startswith(reason)


def test_where_it_may_have_been_what_was_not_decoded_it_is_not_missing() -> None:
    """In whichever capture that was; but not if it was of others."""
    reason = "2 packets between 192.0.2.2 and 192.0.2.20 that could not be decoded (damaged"
    found = opportunity(REQUIRED, 7200, 99, [sight(HERE), sight([], hidden("192.0.2.20"))])
    assert found["opportunity"] is False
    assert str(found["opportunity_reason"]).startswith(reason)
    for other in (hidden("192.0.2.21"), None):
        assert opportunity(REQUIRED, 7200, 99, [sight(HERE), sight([], other)])["opportunity"]


def hidden(host: str) -> NotDecoded:
    """Return what a capture of a minute could not decode of that host and its peer."""
    middle, end = 30 * 10**9, 60 * 10**9
    run = UndecodedRun("192.0.2.2", host, "damaged IP headers", middle, middle, 2)
    info = CaptureInfo("a", "pcap", "file", "Ethernet", first=0, last=end, runs=(run,))
    return NotDecoded(info)


def test_where_it_may_have_been_what_was_not_read_it_is_not_missing() -> None:
    found = opportunity(REQUIRED, 7200, 99, [sight(HERE)], unread=2)
    assert found["opportunity"] is False
    assert found["opportunity_reason"] == "2 of the captures could not be read, which may hold it"


@pytest.mark.parametrize("permission", [Permission.ALLOWED, Permission.FORBIDDEN])
def test_only_a_required_connection_has_to_show_itself(permission: Permission) -> None:
    row = replace(REQUIRED, permission=permission)
    assert opportunity(row, 7200, 99, [sight(HERE)]) == {
        "opportunity": False,
        "opportunity_reason": "",
    }
