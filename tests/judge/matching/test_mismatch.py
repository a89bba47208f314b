"""When a name on the wire is not the one that the configuration gives its sender."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from matching_site import expectation_of, flow_of

from auditor.config.resources import Source
from auditor.flows.flow import Flow, Hello, Identity, Transport
from auditor.judge.matching.index import Bucket
from auditor.judge.matching.mismatch import NO_MISMATCH, NameCheck
from auditor.site.model import Claim, Expectation, Peer, PlannedJob, Role

RUN = ".2026-11-22_22.22.37_03"
DIR, FD = "192.0.2.1", "192.0.2.2"
DIRECTOR = Peer(Role.DIRECTOR, "dir", frozenset({DIR}), source=Source("dir.conf", 1))
CLIENT = Peer(Role.FILE_DAEMON, "fd", frozenset({FD}))
STORAGE = Peer(Role.STORAGE_DAEMON, "sd")
CHECK = NameCheck({"dir": frozenset({"job1"})})


def row(*names: str, connection: str = "3", **changes: Any) -> Expectation:
    made = expectation_of(connection, DIRECTOR, CLIENT, 9102, director="dir")
    claims = tuple(Claim(name, Source("fd.conf", line)) for line, name in enumerate(names, 1))
    return replace(made, claims=claims, **changes)


def sent(type_: str, name: str, *, initiator: str = DIR, **changes: Any) -> Flow:
    return flow_of(initiator, FD, 9102, Hello(Transport.TLS, Identity(type_, name), **changes))


def bucket_of(*rows: Expectation) -> Bucket:
    bucket = Bucket()
    for one in rows:
        bucket.add(one)
    return bucket


def test_the_right_name_from_the_right_address_is_no_mismatch() -> None:
    assert CHECK.of_match(sent("R_DIRECTOR", "dir"), [row("dir")]) == NO_MISMATCH


def test_another_name_is_told_with_those_expected_and_their_lines() -> None:
    found = CHECK.of_match(sent("R_DIRECTOR", "evil\n"), [row("dir", "old")])
    shown = "the hello says R_DIRECTOR 'evil?' where the configuration has 'dir', 'old'"
    assert found.reason == shown
    assert found.sources == (Source("fd.conf", 1), Source("fd.conf", 2))


def test_of_many_names_five_are_shown_and_eight_lines() -> None:
    names = [f"dir{n}" for n in range(12)]
    found = CHECK.of_match(sent("R_DIRECTOR", "other"), [row(*names)])
    assert found.reason.endswith("'dir0', 'dir1', 'dir10', 'dir11', 'dir2' and 7 more")
    assert len(found.sources) == 8


def test_a_name_is_wrong_where_any_claim_of_each_row_has_another() -> None:
    """Two resources that should name one sender alike do not."""
    flow = sent("R_DIRECTOR", "dir")
    assert CHECK.of_match(flow, [row("dir", "old")]).sources == (Source("fd.conf", 2),)
    assert CHECK.of_match(flow, [row("dir", "old"), row("dir")]) == NO_MISMATCH


@pytest.mark.parametrize(
    ("initiator", "proven", "wrong"),
    [
        ("192.0.2.9", False, True),
        ("192.0.2.9", True, False),
        (DIR, False, False),
        (FD, False, False),
    ],
    ids=["elsewhere", "the key proves it", "known there", "one machine"],
)
def test_the_right_name_from_another_address_is_a_mismatch_unless_proven(
    initiator: str, proven: bool, wrong: bool
) -> None:
    flow = sent("R_DIRECTOR", "dir", initiator=initiator, proven=proven)
    found = CHECK.of_match(flow, [row("dir")])
    expected = "the hello names director dir, which is known at 192.0.2.1 only"
    assert found.reason == (expected if wrong else "")
    assert found.sources == ((Source("dir.conf", 1),) if wrong else ())


@pytest.mark.parametrize(
    ("job", "director", "wrong"),
    [("job1", "dir", False), ("job9", "dir", True), ("job9", "another", False)],
    ids=["known", "unknown", "of a Director without configuration"],
)
def test_a_job_must_be_one_of_the_directors(job: str, director: str, wrong: bool) -> None:
    """bareos.md §3.4: the identity of 6, 7 and 8 is a job's."""
    planned = (PlannedJob("job1", Source("dir.conf", 7)),)
    data = row(connection="7", director=director, jobs=planned)
    found = CHECK.of_match(sent("R_JOB", job + RUN), [replace(data, director=director)])
    expected = "the hello names a job 'job9' that no Director of the site has"
    assert found.reason == (expected if wrong else "")
    assert found.sources == ((Source("dir.conf", 7),) if wrong else ())


def challenged(**changes: Any) -> Flow:
    return flow_of(DIR, FD, 9102, Hello(Transport.CLEARTEXT, **changes))


OWN = {"acceptor_claims": (Claim("fd", Source("fd.conf", 3)),)}
STARTS = {"initiator_claims": (Claim("sd", Source("sd.conf", 4)),), "connection": "8"}


@pytest.mark.parametrize(
    ("hello", "expected", "reason"),
    [
        ({"acceptor": Identity("R_CLIENT", "fd")}, OWN, ""),
        (
            {"acceptor": Identity("R_CLIENT", "x")},
            OWN,
            "the acceptor calls itself R_CLIENT 'x' where the configuration has 'fd'",
        ),
        ({"acceptor": Identity("R_CLIENT", "x")}, {}, ""),
        ({"acceptor": Identity("", "x")}, OWN, ""),
        ({"challenge_name": "R_STORAGE::sd"}, STARTS, ""),
        (
            {"challenge_name": "R_STORAGE::x"},
            STARTS,
            "the initiator calls itself R_STORAGE 'x' where the configuration has 'sd'",
        ),
        ({"challenge_name": ""}, STARTS, ""),
        ({"challenge_name": None}, STARTS, ""),
    ],
)
def test_in_cleartext_both_ends_name_themselves_too(
    hello: dict[str, Any], expected: dict[str, Any], reason: str
) -> None:
    """bareos.md §3.3; an end whose configuration is not at hand may call itself anything."""
    assert CHECK.of_match(challenged(**hello), [row("dir", **expected)]).reason == reason


@pytest.mark.parametrize(
    ("flow", "reason"),
    [
        (sent("R_DIRECTOR", "dir"), ""),
        (
            sent("R_DIRECTOR", "dir", initiator="192.0.2.9"),
            "the hello names director dir, which is known at 192.0.2.1 only",
        ),
        (
            sent("R_CLIENT", "fd"),
            "the hello says R_CLIENT 'fd', which nothing that dials this port may say",
        ),
        (
            sent("R_DIRECTOR", "x"),
            "the hello says R_DIRECTOR 'x' where the configuration has 'dir'",
        ),
        (
            sent("R_JOB", "job9" + RUN),
            "the hello names a job 'job9' that no Director of the site has",
        ),
        (flow_of(DIR, FD, 9102), ""),
    ],
    ids=["right", "elsewhere", "wrong type", "wrong name", "unknown job", "no hello"],
)
def test_a_hello_that_no_row_of_its_target_explains_is_told(flow: Flow, reason: str) -> None:
    bucket = bucket_of(row("dir"), row(connection="7"))
    assert CHECK.of_target(flow, bucket).reason == reason
    assert CHECK.of_target(flow, None) == NO_MISMATCH
