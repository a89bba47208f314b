"""SARIF: what code scanning reads, held against the published schema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from audits import FINDING as ANY
from audits import FLOW, made, recorded
from forge import EVIL
from jsonschema import Draft4Validator
from paths import CAPTURES

import auditor
from auditor.report import Format, reporter
from auditor.report.sarif import FINGERPRINT
from auditor.result import Audit, Basis

FINDING = {**ANY, "id": "connection-refused-0123456789"}
MADE = 1_800_000_000_000_000_000


@cache
def schema() -> Draft4Validator:
    path = Path(__file__).parent / "published" / "sarif-2.1.0-rtm.5.json"
    return Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


def run_of(text: str) -> dict[str, Any]:
    """Return the run of a log that the published schema takes."""
    log = json.loads(text)
    errors = [f"{error.json_path}: {error.message}" for error in schema().iter_errors(log)]
    assert errors == []
    (run,) = log["runs"]
    return dict(run)


def told(audit: Audit) -> dict[str, Any]:
    return run_of(reporter(Format.SARIF).audit(audit))


def based(audit: Audit, **known: Any) -> Audit:
    object.__setattr__(audit, "basis", Basis(made=MADE, version="1", **known))
    return audit


@pytest.mark.parametrize("name", ["trouble", "heartbeat", "modes", "lan"])
def test_every_finding_is_a_result_with_its_fingerprint(name: str) -> None:
    audit = recorded(name)
    run = told(audit)
    rows = [*audit.tables["findings"].rows()]
    assert [one["partialFingerprints"][FINGERPRINT] for one in run["results"]] == [
        row["id"] for row in rows
    ]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in audit.rules]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert all(rule["help"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    assert run["properties"]["summary"]["verdict"] == audit.verdict


def test_a_check_is_told_too() -> None:
    check = auditor.check(CAPTURES / "trouble" / "config", resolve=False, idle_limit="60m")
    run = run_of(reporter(Format.SARIF).check(check))
    failed = [one for one in run["results"] if one["kind"] == "fail"]
    assert {one["level"] for one in failed} == {"warning"}
    assert len(failed) == 7


def test_an_audit_of_nothing_is_a_log() -> None:
    run = told(made(captures=()))
    assert run["results"] == []


@pytest.mark.parametrize(
    ("verdict", "severity", "kind", "level"),
    [
        ("fail", "high", "fail", "error"),
        ("fail", "medium", "fail", "warning"),
        ("fail", "low", "fail", "note"),
        ("unknown", "high", "review", "none"),
        ("note", "info", "informational", "none"),
    ],
)
def test_kind_and_level_are_verdict_and_severity(
    verdict: str, severity: str, kind: str, level: str
) -> None:
    row = {**FINDING, "verdict": verdict, "severity": severity}
    (one,) = told(made(flows=[FLOW], findings=[row]))["results"]
    assert (one["kind"], one["level"]) == (kind, level)


def location(source: str, *configuration: str) -> tuple[dict[str, Any], dict[str, Any]]:
    audit = based(made(findings=[{**FINDING, "sources": [source]}]), configuration=configuration)
    run = told(audit)
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    return {**physical["artifactLocation"], **physical.get("region", {})}, run["originalUriBaseIds"]


def test_a_place_is_relative_to_the_configuration() -> None:
    where, bases = location("/etc/bareos/bareos-dir.d/a b.conf:7", "/etc/bareos")
    assert where == {"uri": "bareos-dir.d/a%20b.conf", "uriBaseId": "CONFIG", "startLine": 7}
    assert bases == {"CONFIG": {"uri": "file:///etc/bareos/"}}


def test_a_folder_with_a_strange_name_is_a_base_too() -> None:
    where, bases = location("/srv/a?b/fd.conf:3", "/srv/a\u200bb")
    assert where == {"uri": "fd.conf", "uriBaseId": "CONFIG", "startLine": 3}
    assert bases == {"CONFIG": {"uri": "file:///srv/a%3Fb/"}}


@pytest.mark.parametrize("given", ["conf/site", "conf/site/", "./conf/site"])
def test_a_relative_one_lies_below_the_folder_of_the_call(given: str) -> None:
    where, bases = location("conf/site/fd.conf:3", given)
    assert where == {"uri": "fd.conf", "uriBaseId": "CONFIG", "startLine": 3}
    assert bases["CONFIG"] == {"uri": "conf/site/", "uriBaseId": "SRCROOT"}
    assert "uri" not in bases["SRCROOT"]


def test_of_several_paths_each_is_a_base_and_a_file_its_own_name() -> None:
    where, bases = location("/b/bareos-fd.conf:1", "/a", "/b/bareos-fd.conf")
    assert (where["uri"], where["uriBaseId"]) == ("bareos-fd.conf", "CONFIG1")
    assert set(bases) == {"CONFIG", "CONFIG1"}


def test_what_lies_elsewhere_is_named_as_it_is() -> None:
    assert location("/srv/x.conf:2", "/etc/bareos")[0] == {
        "uri": "file:///srv/x.conf",
        "startLine": 2,
    }


def test_without_a_line_there_is_the_capture() -> None:
    row = {**FINDING, "sources": [], "capture": "night/a.pcap"}
    (one,) = told(made(findings=[row]))["results"]
    (place,) = one["locations"]
    assert place == {"physicalLocation": {"artifactLocation": {"uri": "night/a.pcap"}}}


def test_more_lines_are_related() -> None:
    sources = [f"/etc/bareos/{number}.conf:1" for number in range(30)]
    audit = based(made(findings=[{**FINDING, "sources": sources}]), configuration=("/etc/bareos",))
    (one,) = told(audit)["results"]
    assert len(one["locations"]) == 1
    assert [place["id"] for place in one["relatedLocations"]] == list(range(1, 21))


def test_a_waiver_is_a_suppression_with_its_reason() -> None:
    rows = [FINDING, {**FINDING, "waived": "known until spring"}]
    free, waived = told(made(findings=rows))["results"]
    assert "suppressions" not in free
    (one,) = waived["suppressions"]
    assert (one["kind"], one["justification"]) == ("external", "known until spring")


def test_a_baseline_tells_new_from_unchanged() -> None:
    rows = [FINDING, {**FINDING, "known_since": MADE}, {**FINDING, "verdict": "unknown"}]
    results = told(based(made(findings=rows), baseline="old.json", baseline_made=MADE))["results"]
    assert [one.get("baselineState") for one in results] == ["new", "unchanged", None]
    assert "baselineState" not in told(made(findings=rows))["results"][0]


@pytest.mark.parametrize("evil", [*EVIL, "{0} and {x}", "[a](1)", "\ufffe\uffff", "x" * 5000])
def test_a_hostile_text_is_neither_link_nor_placeholder(evil: str) -> None:
    row = {**FINDING, "message": evil, "remedy": evil, "sources": [f"{evil}:1"], "waived": evil}
    audit = based(
        made(
            flows=[{**FLOW, "initiator_daemon": evil}],
            findings=[{**row, "evidence": [evil]}],
            captures=[{"name": evil}],
            problems=[evil],
        ),
        configuration=(evil,),
    )
    text = reporter(Format.SARIF).audit(audit)
    assert text.isascii()
    (one,) = run_of(text)["results"]
    shown = one["message"]["text"]
    bare = shown.replace("\\\\", "").replace("\\[", "").replace("\\]", "")
    assert not set(bare.replace("{{", "").replace("}}", "")) & set("[]{}\x1b\u202e")
    assert len(shown) < 3000


def test_a_result_is_a_line_and_the_log_says_whose_it_is_first() -> None:
    parts = [*reporter(Format.SARIF).audit_parts(recorded("trouble"))]
    assert len(parts) == 2 + len(recorded("trouble").tables["findings"])
    assert all(part.count("\n") == 1 for part in parts[1:-1])
    assert '"runs": [{"tool": {"driver": {"name": "bareos-audit"' in parts[0]


def test_a_result_says_in_which_frames_its_connections_are() -> None:
    run = run_of(reporter(Format.SARIF).audit(recorded("trouble")))
    stranger = next(one for one in run["results"] if one["ruleId"] == "unknown-initiator")
    assert stranger["properties"]["frames"][:2] == [
        "f7: frames 561-568 of captures/trouble/capture.pcap",
        "f8: frames 569-576 of captures/trouble/capture.pcap",
    ]
    run = told(made(findings=[{**ANY, "id": "a-1"}], flows=[FLOW]))
    assert run["results"][0]["properties"]["frames"] == []
