"""What the first screen of a page shows."""

from __future__ import annotations

from dataclasses import replace

from audits import CAPTURE, FINDING, FLOW, made, recorded

import auditor
from auditor.report.html.sections import audit_sections, check_sections
from auditor.report.told.view import View
from auditor.result import Basis


def test_the_verdict_is_a_word_and_a_sentence() -> None:
    told = audit_sections(View(recorded("trouble")))
    assert (told["verdict"], told["headline"], told["style_of_verdict"]) == (
        "fail", "3 findings (1 high, 2 medium)", "fail"
    )  # fmt: skip
    assert told["rests_on"].startswith("who dials whom: 9 proven")


def test_of_one_severity_the_sentence_says_which() -> None:
    told = audit_sections(View(made(flows=[FLOW], findings=[FINDING, {**FINDING, "flow": "f9"}])))
    assert (told["verdict"], told["headline"]) == ("fail", "2 findings (medium)")
    waived = audit_sections(View(made(flows=[FLOW], findings=[{**FINDING, "waived": "known"}])))
    assert "(" not in waived["headline"]


def test_a_pass_says_what_of_at_once() -> None:
    told = audit_sections(View(recorded("modes")))
    assert (told["verdict"], told["rests_on"]) == ("pass", "")
    assert told["headline"].startswith("who dials whom: ")


def test_it_says_what_was_read_and_when() -> None:
    lost = {**CAPTURE, "incomplete": True, "incomplete_reason": "cut"}
    basis = Basis(made=1_800_000_000_000_000_000, version="9", configuration=("/etc/bareos",))
    told = audit_sections(View(replace(made(captures=[lost] * 5), basis=basis)))
    assert (told["made"], told["made_by"], told["configuration"]) == (
        "2027-01-15 08:00:00", "9", ("/etc/bareos",)
    )  # fmt: skip
    assert told["captures"][0]["size"] == "5 captures, 45 packets, 5 of them incomplete"
    assert len(told["captures"]) == 4
    assert told["captures"][1] == {
        "name": "a.pcap",
        "size": "9 packets, 90 s, 2027-01-15 08:00:00 – 08:01:30 UTC",
        "lost": "cut",
    }


def test_what_is_open_stands_beside_it() -> None:
    rows = [{**FINDING, "verdict": "unknown", "flow": "f9"}, {**FINDING, "waived": "known"}]
    told = audit_sections(View(made(flows=[FLOW], findings=rows)))
    assert told["aside"] == "1 undecided, 1 waived"


def test_a_check_says_whose_configuration_it_read() -> None:
    audit = made(expectations=[{"id": "3:a>b", "connection": "3"}])
    check = auditor.Check(audit.tables, {}, {}, audit.rules, (), described=("director d",))
    told = check_sections(check)
    assert told["rests_on"].startswith("Read: the configuration of director d")
    assert "flows" not in told
