"""Findings of one cause are one finding, which names every flow and every rule."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from scene import DB, DIR, DIRECTOR, FD1, SD1, STRANGER, Wire, audit, only, tls

from auditor.judge.rules.rule import load_configuration_rules, load_rules, read_rule

OTHER = "10.0.0.77"
EVIL = tls("R_DIRECTOR\x1eevil", proven=False)


def strangers(folder: Path, tape: Wire, **options: object) -> pd.DataFrame:
    found = audit(folder, tape, **options).findings
    return found[found["rule"] == "unknown-initiator"]


def test_one_stranger_is_one_finding_with_all_its_flows(tmp_path: Path) -> None:
    tape = Wire().dial(STRANGER, SD1, 9103).dial(DIR, SD1, 9103, DIRECTOR).dial(STRANGER, FD1, 9102)
    (finding,) = strangers(tmp_path, tape.silence(3).other()).itertuples()
    assert (finding.flow, finding.flows) == ("f1", ["f1", "f3"])
    assert finding.message.endswith(f"dialled {SD1} port 9103, also {FD1} port 9102")


def test_two_strangers_are_two(tmp_path: Path) -> None:
    tape = Wire().dial(STRANGER, SD1, 9103).dial(OTHER, SD1, 9103)
    assert list(strangers(tmp_path, tape)["flows"]) == [["f1"], ["f2"]]


def test_equal_attempts_are_counted(tmp_path: Path) -> None:
    tape = Wire()
    for _ in range(3):
        tape.dial(STRANGER, SD1, 9103)
    tape.dial(STRANGER, FD1, 9102).dial(STRANGER, FD1, 9102).silence(3).other()
    (finding,) = strangers(tmp_path, tape).itertuples()
    assert finding.message.endswith(f"{SD1} port 9103 (× 3), also {FD1} port 9102 (× 2)")
    assert len(finding.flows) == 5


def test_a_scan_does_not_fill_the_screen(tmp_path: Path) -> None:
    tape = Wire()
    for number in range(1, 21):
        tape.attempt(STRANGER, f"10.0.0.{200 + number}", 9102).rst()
    tape.attempt(STRANGER, FD1, 9102).rst().attempt(STRANGER, SD1, 9103).rst()
    (finding,) = strangers(tmp_path, tape).itertuples()
    assert len(finding.message) < 400


def test_the_false_name_of_a_stranger_is_told_with_the_stranger(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().dial(STRANGER, SD1, 9103, EVIL).dial(STRANGER, DB, 5432))
    finding = only(result, "identity-mismatch")
    assert finding["rules"] == ["unknown-initiator", "identity-mismatch"]
    assert any(line.startswith("identity-mismatch: ") for line in finding["evidence"])
    assert result.summary()["by_severity"]["high"] == 1  # type: ignore[index]


def test_a_false_name_of_a_known_host_is_not_told_with_a_stranger(tmp_path: Path) -> None:
    tape = Wire().dial(STRANGER, SD1, 9103, EVIL).dial(DIR, FD1, 9102, EVIL)
    found = audit(tmp_path, tape).fails
    assert list(found["rule"]) == ["identity-mismatch", "unknown-initiator"]
    assert list(found["flows"]) == [["f2"], ["f1"]]


def test_what_is_waived_is_not_told_with_what_is_not(tmp_path: Path) -> None:
    site = "waivers: [{rule: identity-mismatch, until: 2999-01-01, reason: known}]"
    result = audit(tmp_path, Wire().dial(STRANGER, SD1, 9103, EVIL), site=site)
    found = result.findings[result.findings["verdict"] == "fail"]
    assert list(found["waived"]) == ["known", ""]


RULES = {rule.id: rule for rule in (*load_rules(), *load_configuration_rules())}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_explains_only_rules_that_there_are(rule: object) -> None:
    assert set(rule.explains) <= RULES.keys()  # type: ignore[attr-defined]


def test_a_rule_that_is_found_once_says_what_to_call_each_row(tmp_path: Path) -> None:
    shipped = Path(RULES["unknown-initiator"].file).read_text()
    path = tmp_path / "unknown-initiator.yaml"
    path.write_text("".join(x for x in shipped.splitlines(True) if not x.startswith("each:")))
    with pytest.raises(Exception, match="once needs each beside it: it says which"):
        read_rule(path)
