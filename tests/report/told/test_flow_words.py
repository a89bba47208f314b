"""One flow in words."""

from __future__ import annotations

from typing import Any

import pytest
from audits import FLOW, made

from auditor.report.cells import records
from auditor.report.told.flow_words import (
    acceptor,
    dialled,
    expected,
    initiator,
    outcome_of,
    seen,
    short,
)
from auditor.report.told.groups import Row


def flow(**changes: Any) -> Row:
    (row,) = records(made(flows=[{**FLOW, "segments": 9, **changes}]).tables["flows"])
    return row


def test_a_daemon_goes_without_the_role_that_its_number_implies() -> None:
    assert (initiator(flow(), "5a"), acceptor(flow(), "5a")) == ("dir", "sd")
    assert short("director dir", "", "initiator") == "director dir"


def test_a_name_from_elsewhere_is_told_with_where_from() -> None:
    assert initiator(flow(identity_elsewhere=True), "5a") == "dir at 192.0.2.10"


def test_whom_nobody_knows_has_no_name() -> None:
    assert acceptor(flow(acceptor_daemon="192.0.2.20"), "") == "-"
    assert dialled(flow(acceptor_address="2001:db8::1")) == "[2001:db8::1]:9103"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ("TLS 1.3", "")),
        ({"transport": "cleartext", "tls_version": ""}, ("cleartext", "unknown")),
        ({"outcome": "refused"}, ("refused", "medium")),
        ({"outcome": "midstream", "tls_version": ""}, ("TLS, no SYN", "")),
        ({"ending": "login-refused"}, ("no login", "medium")),
        ({"ending": "lost"}, ("TLS 1.3, lost", "medium")),
        ({"segments": 0}, ("its socket only", "")),
    ],
)
def test_what_was_seen_of_it(changes: dict[str, Any], told: tuple[str, str]) -> None:
    assert seen(flow(**changes)) == told


def test_its_outcome_is_told_for_people() -> None:
    assert [outcome_of(flow(outcome=one)) for one in ("midstream", "refused")] == [
        "no SYN",
        "refused",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "60 s"),
        ({"heartbeat_expected_s": 0}, "system"),
        ({"heartbeat_expected_s": None, "heartbeat_due": "5 or 9 s"}, "5 or 9 s"),
        ({"heartbeat_expected_s": None}, "?"),
    ],
)
def test_which_interval_is_set(changes: dict[str, Any], told: str) -> None:
    assert expected(flow(**changes)) == told
