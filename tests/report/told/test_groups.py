from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from audits import FINDING, FLOW, made

from auditor.report.cells import records
from auditor.report.told.groups import (
    Row,
    broke_off,
    group_findings,
    group_flows,
    group_heartbeats,
    identity,
)


def flows(*changes: dict[str, Any]) -> list[Row]:
    rows = [{**FLOW, "id": f"f{n}", **change} for n, change in enumerate(changes, 1)]
    return records(made(flows=rows).tables["flows"])


def findings(*changes: dict[str, Any]) -> list[Row]:
    return records(made(findings=[{**FINDING, **change} for change in changes]).tables["findings"])


def test_findings_on_the_same_ends_that_differ_in_numbers_are_one() -> None:
    rows = findings(
        {"flow": "f1", "message": "sent 7 SYN"}, {"flow": "f2", "message": "sent 8 SYN"}
    )
    (group,) = group_findings(rows, {f"f{n}": row for n, row in enumerate(flows({}, {}), 1)})
    assert (group.count, list(group.flows), group.first["message"]) == (
        2,
        ["f1", "f2"],
        "sent 7 SYN",
    )


@pytest.mark.parametrize("column", ["initiator_daemon", "acceptor_port", "connection"])
def test_findings_on_other_ends_stay_apart(column: str) -> None:
    other = {"connection": "3"}.get(column, 9)
    both = flows({}, {column: other if column != "initiator_daemon" else "director b"})
    rows = findings({"flow": "f1"}, {"flow": "f2"})
    assert len(group_findings(rows, {"f1": both[0], "f2": both[1]})) == 2


@pytest.mark.parametrize(
    "change", [{"waived": "known"}, {"verdict": "unknown"}, {"message": "other"}]
)
def test_findings_that_say_something_else_stay_apart(change: dict[str, str]) -> None:
    by_id = {"f1": flows({})[0]}
    assert len(group_findings(findings({}, change), by_id)) == 2


def test_findings_about_no_flow_are_told_apart_by_their_message() -> None:
    rows = findings({"flow": "", "message": "a 1"}, {"flow": "", "message": "a 2"})
    assert [group.flow for group in group_findings(rows, {})] == [None, None]


def test_two_findings_on_one_flow_name_it_once() -> None:
    (group,) = group_findings(findings({}, {}), {"f1": flows({})[0]})
    assert (group.count, list(group.flows)) == (2, ["f1"])


def test_flows_are_grouped_in_the_manual_s_order() -> None:
    rows = flows({"connection": ""}, {"connection": "12"}, {"connection": "5b"}, {})
    assert list(group_flows(rows)) == ["5a", "5b", "12", ""]


def test_equal_flows_are_counted_and_their_probes_added() -> None:
    (group,) = group_flows(flows({}, {"heartbeat_observed_s": 61.0}))["5a"]
    assert (group.count, group.probes, group.answered) == (2, 6, 6)
    assert group.observed == [60.5, 61.0]


def test_the_flow_that_was_quiet_longest_speaks_for_its_group() -> None:
    (group,) = group_heartbeats(flows({}, {"longest_quiet_s": 99.0}, {"longest_quiet_s": None}))
    assert group.first["id"] == "f2"


def test_flows_that_never_were_have_no_heartbeat() -> None:
    assert group_heartbeats(flows({"heartbeat_verdict": "notapplicable"})) == []


@pytest.mark.parametrize(
    ("kind", "name", "number", "told"),
    [
        ("", "", "5a", ""),
        ("R_DIRECTOR", "dir", "5a", "dir"),
        ("R_DIRECTOR", "dir", "4", "R_DIRECTOR dir"),
        ("R_DIRECTOR", "dir", "", "R_DIRECTOR dir"),
        ("R_JOB", "backup.2026-11-22_22.22.37_03", "6", "job backup"),
    ],
)
def test_an_identity_is_told_in_short(kind: str, name: str, number: str, told: str) -> None:
    change = {"identity_type": kind, "identity_name": name, "connection": number}
    assert identity(flows(change)[0]) == told


@pytest.mark.parametrize(
    ("ending", "shown"),
    [("lost", "lost"), ("rejected", "rejected"), ("login-refused", "no login")],
)
def test_flows_that_broke_off_stay_apart_from_those_that_did_not(ending: str, shown: str) -> None:
    both = group_flows(flows({}, {"ending": ending}, {"ending": "orderly"}))
    (groups,) = both.values()
    assert [broke_off(group.first) for group in groups] == ["", shown]
    assert [group.count for group in groups] == [2, 1]


@pytest.mark.parametrize("grouped", [group_flows, group_heartbeats])
def test_of_very_many_groups_the_last_are_told_together(
    grouped: Callable[[Iterable[Row]], Any],
) -> None:
    """Who dialled is left out first, then all the rest."""
    many = [
        {"id": f"f{n}", "initiator_daemon": f"198.18.{n // 250}.{n % 250}"} for n in range(3000)
    ]
    many += [
        {"initiator_daemon": f"x{n}", "acceptor_daemon": f"10.0.{n // 250}.{n % 250}"}
        for n in range(3000)
    ]
    rows = flows(*many)
    found = grouped(rows)
    groups = found["5a"] if isinstance(found, dict) else found
    assert len(groups) == 2001
    assert [group.various for group in groups] == [False] * 1000 + [True] * 1001
    assert sum(group.count for group in groups) == 6000
    assert groups[1000].count == 2000


def test_a_finding_on_many_rows_counts_them() -> None:
    (group,) = group_findings(findings({"count": 9000}, {"count": 1}, {}), {"f1": flows({})[0]})
    assert (group.count, group.rows) == (3, 9002)
