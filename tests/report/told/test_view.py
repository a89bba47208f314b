"""An audit as plain rows, as every section reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from audits import CAPTURE, FINDING, FLOW, made

from auditor.report.told.view import View

DAY_NS = 86_400_000_000_000


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ([{}], "2027-01-15"),
        ([{}, {"name": "b"}], "2027-01-15"),
        ([{"last": CAPTURE["first"] + DAY_NS}], ""),
        ([{}, {"first": CAPTURE["first"] - DAY_NS, "last": CAPTURE["first"] - DAY_NS}], ""),
        ([{"first": None, "last": None}], ""),
        ([], ""),
    ],
    ids=["one", "two of a day", "over midnight", "two days", "empty", "none"],
)
def test_a_day_is_told_only_where_all_was_captured_on_it(changes: Any, day: str) -> None:
    assert View(made(captures=[{**CAPTURE, **one} for one in changes])).day == day


def test_flows_and_rules_are_found_by_their_ids_in_order() -> None:
    flows = [{**FLOW, "id": f"f{n}", "connection": number} for n, number in enumerate("1234", 1)]
    found = [{**FINDING, "flow": flow} for flow in ("f3", "", "f2")]
    audit = made(flows=flows, findings=found)
    view = View(audit)
    assert {key: row["connection"] for key, row in view.flow_by_id.items()} == {
        "f2": "2",
        "f3": "3",
    }
    assert list(view.rules) == [rule.id for rule in audit.rules]


def test_places_are_told_below_their_folder_wherever_the_site_file_is() -> None:
    found = [
        {**FINDING, "sources": sources}
        for sources in (["etc/a/x.conf:1"], ["etc/b.conf:2"], ["/other/site.yaml:3"])
    ]
    audit = made(findings=found)
    assert View(audit).folder == "", "a path from the root and one from here have none in common"
    audit = replace(audit, basis=replace(audit.basis, site_file="/other/site.yaml"))
    assert View(audit).folder == "etc"
    assert View(audit).short("see etc/a/x.conf:1, /other/site.yaml:3") == (
        "see a/x.conf:1, /other/site.yaml:3"
    )


def test_coverage_has_the_counts_of_the_summary_and_no_mapping() -> None:
    counts = View(made(flows=[FLOW], findings=[{**FINDING, "verdict": "unknown"}])).coverage()
    assert (counts["flows"], counts["unknowns"], counts["passed"]) == (1, 1, 4)
    assert "heartbeats" not in counts
