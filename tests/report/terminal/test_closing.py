"""How far the captures reached, and what was wrong with the configuration itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from audits import FLOW, made

from auditor.report.interface import RenderOptions
from auditor.report.terminal.closing import render_coverage, render_problems
from auditor.report.terminal.screen import Screen
from auditor.report.told.view import View
from auditor.site.connections import connections

ROW = {
    "id": "4:fd>dir", "connection": "4", "initiator": "file daemon fd",
    "acceptor": "director dir", "permission": "allowed",
}  # fmt: skip


def lines(render: Callable[[Screen, View], None], **rows: Any) -> list[str]:
    screen = Screen(RenderOptions(width=200))
    render(screen, View(made(**rows)))
    return [line.strip(" •") for line in screen.text().splitlines() if line][1:]


def test_without_a_configuration_only_ports_and_hellos_were_judged() -> None:
    unseen = ", ".join(number for number in connections() if number != "5a")
    assert lines(render_coverage, flows=[FLOW, {**FLOW, "id": "f2", "connection": ""}]) == [
        "2 flows, 1 without a number",
        f"numbers not seen: {unseen}",
        "no configuration was given, so only ports and hellos could be judged",
    ]


def test_where_every_number_was_seen_none_is_missing() -> None:
    flows = [{**FLOW, "connection": number} for number in connections()]
    assert not any("not seen" in line for line in lines(render_coverage, flows=flows))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"permission": "required", "opportunity_reason": "the capture is short"},
            "required but not seen: 4 file daemon fd → director dir: the capture is short",
        ),
        ({"permission": "required"}, "required but not seen: 4 file daemon fd → director dir"),
        ({"jobs": ["backup"]}, "planned by jobs but not seen: 4 file daemon fd → director dir"),
        ({"permission": "required", "exercised": True}, None),
        ({"jobs": ["backup"], "exercised": True}, None),
        ({}, None),
    ],
    ids=["why", "no reason", "planned", "required, seen", "planned, seen", "merely possible"],
)
def test_only_what_had_to_come_is_missed(change: dict[str, Any], line: str | None) -> None:
    found = lines(render_coverage, flows=[FLOW], expectations=[{**ROW, **change}])
    seen = int(bool(change.get("exercised")))
    assert found[2] == f"{seen} of 1 connection that the configuration knows were seen"
    assert found[3:] == ([line] if line else [])


def test_a_long_list_of_planned_connections_is_cut() -> None:
    rows = [
        {**ROW, "id": f"{n}", "initiator": f"file daemon fd{n}", "jobs": ["j"]} for n in range(8)
    ]
    last = lines(render_coverage, flows=[FLOW], expectations=rows)[-1]
    assert last.endswith("4 file daemon fd5 → director dir and 2 more")
    assert lines(render_coverage, expectations=rows[:6])[-1].endswith("fd5 → director dir")


def test_a_configuration_without_problems_has_no_section() -> None:
    assert lines(render_problems) == []


def test_equal_sentences_are_written_once_with_all_their_places() -> None:
    problems = ["a.conf:9: X is old", "'h' has no address", "a.conf:2: X is old", "b.conf:1: Y"]
    assert lines(render_problems, problems=problems) == [
        "X is old", "a.conf:2, 9", "'h' has no address", "Y", "b.conf:1",
    ]  # fmt: skip


@pytest.mark.parametrize(("files", "more"), [(3, []), (4, ["… and 1 more file"])])
def test_three_files_are_named_for_one_problem(files: int, more: list[str]) -> None:
    found = lines(render_problems, problems=[f"{n}.conf:1: X is old" for n in range(files)])
    assert found == ["X is old", "0.conf:1", "1.conf:1", "2.conf:1", *more]


@pytest.mark.parametrize(
    ("problems", "last"), [(6, "problem 5"), (7, "… and 1 more (--format json)")]
)
def test_six_problems_are_shown(problems: int, last: str) -> None:
    found = lines(render_problems, problems=[f"problem {n}" for n in range(problems)])
    assert found[-1] == last
