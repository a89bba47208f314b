"""What a call was given: a network, options of one, or an earlier audit."""

from __future__ import annotations

from pathlib import Path

import pytest
from audits import FINDING, FLOW, made, recorded
from scene import network as files
from scene import planted

from auditor.errors import ReportError
from auditor.judge.rules.baseline import Baseline
from auditor.loading import checked, configured, load, load_network, loaded, report_path
from auditor.pipeline.network_options import NetworkOptions, RuleOptions
from auditor.report import Format, reporter


def test_a_saved_audit_is_loaded(tmp_path: Path) -> None:
    saved = tmp_path / "a.json"
    saved.write_text(reporter(Format.JSON).audit(recorded("trouble")))
    assert load(saved) == load(str(saved)) == recorded("trouble")


def test_a_baseline_is_a_file_an_audit_or_what_was_made_of_one(tmp_path: Path) -> None:
    audit = recorded("trouble")
    saved = tmp_path / "a.json"
    saved.write_text(reporter(Format.JSON).audit(audit))
    known = load_network(baseline=audit).baseline
    assert known is not None
    assert known == Baseline.of(audit.tables["findings"], audit.basis.made)
    assert load_network(baseline=known).baseline is known
    read = load_network(baseline=saved)
    assert read.baseline == Baseline(str(saved), known.made, known.known)
    assert (read.basis.baseline, read.basis.baseline_made) == (str(saved), known.made)
    assert load_network().baseline is None
    with pytest.raises(ReportError, match="No such file"):
        load_network(baseline=tmp_path / "none.json")


def test_a_network_or_options_of_one_not_both() -> None:
    known = load_network()
    assert loaded("audit", NetworkOptions, known, {}) is known
    with pytest.raises(TypeError, match=r"not both \(given: strict\)"):
        loaded("audit", NetworkOptions, known, {"strict": True})


def test_a_call_that_needs_a_configuration_says_so(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="check\\(\\) needs a configuration"):
        configured("check", RuleOptions, None, None, {})
    config = planted(tmp_path, files())
    assert configured("check", RuleOptions, config, None, {"resolve": False}).site is not None


def test_a_misspelt_option_is_refused_as_python_does() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'confg'"):
        checked("audit", NetworkOptions, {"confg": "x"})


def test_a_finding_of_a_baseline_made_by_hand_is_known() -> None:
    known = load_network(baseline=made(flows=[FLOW], findings=[{**FINDING, "id": "x-1"}])).baseline
    assert known is not None
    assert list(known.known) == ["x-1"]


def test_a_report_is_told_from_captures_by_what_is_in_it(tmp_path: Path) -> None:
    report, capture = tmp_path / "a.pcap", tmp_path / "b.json"
    report.write_bytes(b' \n{"schema": 1}')
    capture.write_bytes(b"\xd4\xc3\xb2\xa1")
    assert report_path(report) == report_path([str(report)]) == report
    for captures in (capture, [report, report], "-", tmp_path / "gone", tmp_path, "\0"):
        assert report_path(captures) is None
