"""What is left out of an audit is named, and proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import DIR, DIRECTOR, FD1, SD1, STRANGER, Wire, cleartext, network, planted

import auditor
from auditor.errors import UnknownRuleError
from auditor.judge.rules.selection import left_out

SAID = cleartext("Director dir calling", "R_STORAGE::sd1", "R_DIRECTOR::dir")
IDS = ["capture-incomplete", "heartbeat-missing", "unknown-initiator"]


@pytest.mark.parametrize(
    ("only", "skip", "expected"),
    [
        ((), (), ()),
        (("heartbeat-missing",), (), ("capture-incomplete", "unknown-initiator")),
        ((), ("unknown-initiator",), ("unknown-initiator",)),
        (IDS, ("unknown-initiator",), ("unknown-initiator",)),
        (
            ("heartbeat-missing",),
            ("unknown-initiator",),
            ("capture-incomplete", "unknown-initiator"),
        ),
    ],
)
def test_all_but_what_is_wanted_is_left_out(
    only: tuple[str, ...], skip: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert left_out(IDS, only, skip) == expected


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("heartbeat-mising", "did you mean heartbeat-missing?"),
        ("xyz", "bareos-audit rules lists all."),
        ("", "bareos-audit rules lists all."),
    ],
)
def test_a_name_that_no_rule_has_is_refused(name: str, hint: str) -> None:
    for only, skip in (((name,), ()), ((), (IDS[0], name))):
        with pytest.raises(UnknownRuleError) as error:
            left_out(IDS, only, skip)
        assert str(error.value) == f"there is no rule {name!r}: {hint}"


def test_some_rule_has_to_be_left() -> None:
    for only, skip in ((IDS[:1], IDS[:1]), ((), IDS)):
        with pytest.raises(UnknownRuleError, match="no rule is left to apply"):
            left_out(IDS, only, skip)


@pytest.fixture
def strange(tmp_path: Path) -> dict[str, Path]:
    """A stranger who dials, and cleartext that must not be, beside what may be."""
    capture = tmp_path / "tape.pcap"
    tape = Wire().dial(STRANGER, SD1, 9103).dial(DIR, SD1, 9103, SAID)
    capture.write_bytes(tape.dial(DIR, FD1, 9102, DIRECTOR).pcap())
    return {"captures": capture, "config": planted(tmp_path / "config", network())}


def test_without_a_rule_less_is_said_and_nothing_else(strange: dict[str, Path]) -> None:
    known = {"config": strange["config"], "resolve": False}
    whole = auditor.audit(strange["captures"], **known)  # type: ignore[arg-type]
    skipped = [*whole.findings.query("verdict == 'fail'")["rule"].unique()]
    assert skipped == ["cleartext-though-tls-required"]
    skipped.append("unknown-initiator")
    part = auditor.audit(strange["captures"], skip_rules=skipped, **known)  # type: ignore[arg-type]
    assert (whole.verdict, part.verdict) == ("fail", "pass")
    assert part.proof == whole.proof, "what fails a rule that is left out proves nothing"
    assert part.proof.certain == 1
    assert set(part.findings["id"]) <= set(whole.findings["id"])
    assert not {rule.id for rule in part.rules} & set(skipped)
    assert not part.passed.keys() & set(skipped)
    assert part.basis.left_out == tuple(sorted(skipped))
    assert any("left out on request" in said and skipped[0] in said for said in part.statements)


def test_only_one_rule_is_applied(strange: dict[str, Path]) -> None:
    only = auditor.audit(
        strange["captures"],
        config=strange["config"],
        resolve=False,
        only_rules=["unknown-initiator"],
    )
    assert [rule.id for rule in only.rules] == ["unknown-initiator"]
    assert set(only.findings["rule"]) == {"unknown-initiator"}
    (said,) = [one for one in only.statements if "left out" in one]
    assert " rules were left out on request, and what they would find is not told: " in said
    assert said.endswith(" more")


def test_a_waiver_of_what_is_left_out_is_no_waiver_of_nothing(
    strange: dict[str, Path], tmp_path: Path
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("waivers:\n  - {rule: unknown-initiator, reason: known, until: 2999-01-01}\n")
    skip = ["unknown-initiator"]
    done = auditor.audit(
        strange["captures"], config=strange["config"], resolve=False, site=site, skip_rules=skip
    )
    assert not any("unknown-initiator" in problem for problem in done.problems)


def test_check_leaves_out_rules_of_the_configuration(tmp_path: Path) -> None:
    files = planted(tmp_path / "config", network())
    whole = auditor.check(files, resolve=False)
    some = [rule.id for rule in whole.rules][:3]
    part = auditor.check(files, resolve=False, skip_rules=some)
    assert [rule.id for rule in part.rules] == [rule.id for rule in whole.rules][3:]
    assert part.basis.left_out == tuple(sorted(some))
