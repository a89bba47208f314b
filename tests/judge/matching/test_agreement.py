"""How far one flow agrees with one expectation (bareos.md §3.3 to §3.5)."""

from __future__ import annotations

from typing import Any

import pytest
from matching_site import expectation_of, flow_of, site_with

from auditor.flows.flow import Hello, Identity, Transport
from auditor.judge.matching.agreement import (
    Agreement,
    SiteNames,
    address_agreement,
    compare,
    identity_agreement,
    job_name,
)
from auditor.site.model import Peer, Role

CONFLICT, MISMATCH, NO_EVIDENCE, MATCH = Agreement
RUN = ".2026-11-22_22.22.37_03"
DIR, FD, SD = "192.0.2.1", "192.0.2.2", "192.0.2.3"

DIRECTOR = Peer(Role.DIRECTOR, "dir", frozenset({DIR}))
CLIENT = Peer(Role.FILE_DAEMON, "fd", frozenset({FD}))
STORAGE = Peer(Role.STORAGE_DAEMON, "sd", frozenset({SD}))
CONSOLE = Peer(Role.CONSOLE, "admin")
MONITOR = Peer(Role.TRAY_MONITOR, "mon")
CATALOG = Peer(Role.CATALOG, "cat")
ROWS = {
    row.connection: row
    for row in (
        expectation_of("1", CONSOLE, DIRECTOR, 9101, names=["admin"]),
        expectation_of("2", CONSOLE, DIRECTOR, 9101, names=["*UserAgent*"]),
        expectation_of("3", DIRECTOR, CLIENT, 9102, names=["dir"]),
        expectation_of("4", CLIENT, DIRECTOR, 9101, names=["fd"]),
        expectation_of("6", CLIENT, STORAGE, 9103, hello_jobs=["job1"], director="dir"),
        expectation_of("9", MONITOR, DIRECTOR, 9101, names=["mon"]),
        expectation_of("10", MONITOR, CLIENT, 9102, names=["mon"]),
        expectation_of("12", DIRECTOR, CATALOG, 5432),
    )
}
NAMES = SiteNames(site_with([], ROWS.values(), {"dir": frozenset({"job1", "job2"})}))


def hello(type_: str, name: str, **changes: Any) -> Hello:
    return Hello(Transport.TLS, Identity(type_, name), **changes)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (hello("R_DIRECTOR", "dir"), {"3": MATCH, "10": CONFLICT, "1": CONFLICT}),
        (hello("R_DIRECTOR", "mon"), {"3": CONFLICT, "10": MATCH}),
        (hello("R_DIRECTOR", "other"), {"3": MISMATCH, "10": MISMATCH}),
        (hello("R_CONSOLE", "*UserAgent*"), {"1": CONFLICT, "2": MATCH, "9": CONFLICT}),
        (hello("R_CONSOLE", "admin"), {"1": MATCH, "2": CONFLICT, "9": CONFLICT, "4": CONFLICT}),
        (hello("R_CONSOLE", "other"), {"1": MISMATCH, "2": CONFLICT, "9": MISMATCH}),
        (hello("R_CLIENT", "fd"), {"4": MATCH, "1": CONFLICT}),
        (hello("R_JOB", "job2" + RUN), {"6": MATCH, "3": CONFLICT}),
        (hello("R_JOB", "job9" + RUN), {"6": MISMATCH}),
        (Hello(), dict.fromkeys(ROWS, NO_EVIDENCE)),
    ],
    ids=str,
)
def test_type_and_name_of_a_hello_tell_numbers_apart(
    sent: Hello, expected: dict[str, Agreement]
) -> None:
    """bareos.md §3.5 and §9.1: a name that is known of other numbers only is a conflict."""
    assert {
        number: identity_agreement(sent, ROWS[number], NAMES) for number in expected
    } == expected


@pytest.mark.parametrize(
    ("challenge", "expected"),
    [
        ("", {"3": CONFLICT, "10": MATCH}),
        ("R_DIRECTOR::mon", {"10": MISMATCH}),
        (None, {"10": MATCH}),
    ],
)
def test_only_a_tray_monitor_leaves_its_challenge_without_a_name(
    challenge: str | None, expected: dict[str, Agreement]
) -> None:
    """bareos.md §3.3."""
    for number, agreement in expected.items():
        name = "dir" if number == "3" else "mon"
        sent = hello("R_DIRECTOR", name, challenge_name=challenge)
        assert identity_agreement(sent, ROWS[number], NAMES) is agreement


def test_the_form_of_a_cleartext_hello_excludes_numbers() -> None:
    sent = hello("R_JOB", "job1" + RUN, connections=frozenset({"8"}))
    assert identity_agreement(sent, ROWS["6"], NAMES) is CONFLICT


@pytest.mark.parametrize(
    ("transport", "catalog", "other"),
    [
        (Transport.POSTGRESQL, NO_EVIDENCE, CONFLICT),
        (Transport.UNKNOWN, NO_EVIDENCE, NO_EVIDENCE),
        (Transport.TLS, CONFLICT, NO_EVIDENCE),
        (Transport.CLEARTEXT, CONFLICT, NO_EVIDENCE),
    ],
)
def test_only_the_catalog_is_reached_by_postgresql(
    transport: Transport, catalog: Agreement, other: Agreement
) -> None:
    """bareos.md §3.2, shape D."""
    sent = Hello(transport)
    assert identity_agreement(sent, ROWS["12"], NAMES) is catalog
    assert identity_agreement(sent, ROWS["3"], NAMES) is other


def test_without_the_directors_configuration_no_job_can_be_wrong() -> None:
    names = SiteNames(site_with([], ROWS.values()))
    assert identity_agreement(hello("R_JOB", "job9" + RUN), ROWS["6"], names) is NO_EVIDENCE
    assert NAMES.knows_job("job2")
    assert not names.knows_job("job2")


def test_a_row_without_a_name_is_no_evidence_against_one() -> None:
    row = expectation_of("3", DIRECTOR, CLIENT, 9102)
    assert identity_agreement(hello("R_DIRECTOR", "other"), row, NAMES) is NO_EVIDENCE


@pytest.mark.parametrize(
    ("identity", "job"),
    [
        ("job1" + RUN, "job1"),
        ("a.b c" + RUN, "a.b c"),
        ("job1.2026-11-22_22.22.37_103", "job1"),
        ("job1.2026-11-22_22.22.37_3", "job1.2026-11-22_22.22.37_3"),
        ("job1" + RUN + "x", "job1" + RUN + "x"),
        ("job1" + RUN + RUN, "job1" + RUN),
        ("job1", "job1"),
        ("job1.٢٠٢٦-11-22_22.22.37_03", "job1.٢٠٢٦-11-22_22.22.37_03"),
    ],
)
def test_a_job_is_named_by_its_resource_with_time_and_counter(identity: str, job: str) -> None:
    """bareos.md §3.4."""
    assert job_name(identity) == job


@pytest.mark.parametrize(
    ("initiator", "acceptor", "connection", "expected"),
    [
        (DIR, FD, "3", MATCH),
        ("192.0.2.9", FD, "3", MISMATCH),
        (FD, FD, "3", NO_EVIDENCE),
        ("192.0.2.9", DIR, "1", NO_EVIDENCE),
        ("192.0.2.8", DIR, "1", MATCH),
    ],
    ids=["known there", "elsewhere", "one machine", "may be anywhere", "identified there"],
)
def test_the_initiators_address_is_evidence(
    initiator: str, acceptor: str, connection: str, expected: Agreement
) -> None:
    """On one machine the kernel takes the dialled address as the source."""
    identified = {"192.0.2.8": frozenset({"admin"})}
    flow = flow_of(initiator, acceptor, 9102)
    assert address_agreement(flow, ROWS[connection], identified) is expected


def test_a_candidate_has_all_agreements_and_what_was_planned_and_dialled() -> None:
    row = expectation_of(
        "6", CLIENT, STORAGE, 9103, addresses=[SD], hello_jobs=["job1"], director="dir"
    )
    for job, to, planned, dialled in (
        ("job1", SD, True, True),
        ("job2", "192.0.2.9", False, False),
    ):
        flow = flow_of(FD, to, 9103, hello("R_JOB", job + RUN))
        (found,) = compare(flow, [row], NO_EVIDENCE, NAMES, {})
        assert found.agreements == (MATCH, MATCH, NO_EVIDENCE)
        assert (found.planned, found.dialled) == (planned, dialled)
