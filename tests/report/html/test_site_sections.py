"""Sections on the site itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from audits import CAPTURE, FLOW, made, recorded
from markupsafe import Markup
from pages import page_of, rows_of

from auditor.opinion import Agreement, Difference, Opinion
from auditor.report.html import site_sections
from auditor.report.html.site_sections import (
    coverage_section,
    heartbeat_section,
    mode_section,
    opinion_section,
    problem_section,
    recording_section,
    topology_section,
)
from auditor.report.told.view import View


def test_a_table_says_all_that_a_picture_shows() -> None:
    found = topology_section(View(recorded("trouble")))
    assert found["strangers"] == ["10.77.0.66"]
    assert ("3", "fail", "director bareos-dir", "file daemon fd2", "10.77.0.32:9102", "1") in (
        found["table"].rows
    )
    assert found["picture"].startswith("<svg")


@pytest.mark.parametrize("error", [ImportError("no matplotlib"), OSError("no cache")])
def test_without_a_picture_the_page_is_complete(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> Markup:
        raise error

    monkeypatch.setattr(site_sections, "inline", fail)
    page = page_of(recorded("heartbeat"))
    assert page.find("svg", of_class="plot") == []
    assert len(rows_of(page, "edges")) > 5
    assert len(rows_of(page, "heartbeats")) > 5


def test_modes_show_what_was_seen_beside_what_may_be() -> None:
    first, second, _ = mode_section(View(recorded("modes"))).rows
    told = ("as allowed", "file daemon fd1", "bareos-dir", "default", "3, 6", "4, 7")
    assert first == ("3 6", *told, "3 × 3, 6 × 2")
    assert second[4] == "passive"
    row = {"id": "3:d>f", "connection": "3", "acceptor": "file daemon f", "initiator": "director d"}
    (unseen,) = mode_section(View(made(expectations=[row]))).rows
    assert unseen[1] == "not seen"
    flow = {**FLOW, "connection": "7", "acceptor_daemon": "file daemon f"}
    (odd,) = mode_section(View(made(expectations=[row], flows=[flow]))).rows
    assert odd[:2] == ("3 7", "not allowed: 7")


def test_of_very_many_captures_those_that_lost_something_come_first() -> None:
    rows = [{**CAPTURE, "name": f"{n}.pcap", "incomplete": n == 70} for n in range(80)]
    page = page_of(made(captures=rows))
    names = [one.find("h3")[0].text for one in page.find("article", of_class="recording")]
    assert (len(names), names[0]) == (50, "70.pcap")
    assert "and 30 more captures" in page.text


def test_heartbeats_say_what_each_connection_survives() -> None:
    rows = heartbeat_section(View(recorded("heartbeat")))["table"].rows
    (row,) = [row for row in rows if row[0] == "4"]
    assert row[1:9] == (
        "pass", "file daemon fd3", "director bareos-dir",
        "5 s", "5.6 s", "5.1 s", "38 of 38", "5.1 s",
    )  # fmt: skip
    assert row[-1] == "fd3/etc/bareos-fd.d/client/me.conf:5"


def test_coverage_counts_what_it_lists() -> None:
    found = coverage_section(View(recorded("trouble")))
    assert sum(times for _, times in found["counts"]) == found["total"] == 33
    assert dict(found["counts"])["exercised"] == 7
    assert [row[1] for row in found["table"].rows].count("impossible from this tap") == 1


def test_how_it_was_recorded_and_what_was_lost() -> None:
    lost = {
        **CAPTURE, "backend": "dumpcap", "dropped": 7, "incomplete": True,
        "incomplete_reason": "7 packets were dropped", "notes": ["a note"],
    }  # fmt: skip
    first, second = recording_section(View(made(captures=[lost, {"name": "-"}])))
    assert dict(first["facts"])["Dropped by the recorder"] == "7"
    assert (first["incomplete"], first["notes"]) == ("7 packets were dropped", ["a note"])
    assert dict(second["facts"])["Dropped by the recorder"] == "it does not say"
    assert "Time" not in dict(second["facts"])


def test_what_is_wrong_in_the_configuration_itself_is_told_once() -> None:
    view = View(made(flows=[FLOW], problems=["a.conf:1: odd", "a.conf:2: odd"]))
    assert problem_section(view) == [{"sentence": "odd", "places": ["a.conf:1, 2"]}]


def test_what_another_program_sees_is_a_section_where_it_was_asked() -> None:
    assert opinion_section(View(made())) is None
    difference = Difference(
        "SYNs", False, "a.pcap", 7, FLOW["started"], "10.0.0.1:5 → 10.0.0.2:9103", "because"
    )
    agreements = (Agreement("SYNs", 2, 3, 2), Agreement("probes", 4, 4, 4))
    audit = replace(
        made(flows=[FLOW]),
        opinion=Opinion("TShark 4", agreements, (difference,), more=7, incomplete="cut"),
    )
    found = opinion_section(View(audit))
    assert found is not None
    assert [one["mark"] for one in found["agreements"]] == ["unknown", "pass"]
    assert found["table"].rows == [
        ("–", "only there", "SYNs", difference.ends, "7", "08:00:00", "because", "a.pcap")
    ]
    (section,) = page_of(audit).find("section", id="opinion")
    assert "SYNs: 2 agree; 0 only here, 1 only there" in section.text
    assert "Not all could be compared: cut" in section.text
    assert "and 7 more differences" in section.text
