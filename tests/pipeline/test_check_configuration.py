"""A configuration is judged alone: what was wrong in it, whose it is, and what can be told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from bareosconf import plant
from scene import network, planted

import auditor


def check(folder: Path, **changes: str | None) -> auditor.Check:
    return auditor.check(planted(folder / "config", network(**changes)), resolve=False)


LONG = """
Client { Name = fd2; Heartbeat Interval = 40000 }
Director { Name = dir; Password = fd2pw }
"""


def test_a_clean_configuration_passes_and_says_whose_it_is(tmp_path: Path) -> None:
    found = check(tmp_path)
    assert (found.verdict, found.severity, len(found.findings)) == ("pass", "", 0)
    assert found.described == (
        "director dir",
        "file daemon fd1",
        "file daemon fd2",
        "file daemon fd3",
        "storage daemon sd1",
        "storage daemon sd2",
    )


def test_what_is_wrong_fails_with_its_line(tmp_path: Path) -> None:
    found = check(tmp_path, fd2=LONG)
    assert (found.verdict, found.severity) == ("fail", "medium")
    (finding,) = found.fails.to_dict("records")
    assert finding["rule"] == "heartbeat-too-long"
    assert finding["sources"] == [f"{tmp_path}/config/fd2/bareos-fd.conf:2"]
    assert repr(found) == "<Check fail (medium): 1 fails>"


def test_no_rule_that_needs_a_capture_is_applied_or_counted(tmp_path: Path) -> None:
    found = check(tmp_path)
    assert found.passed.keys() == {rule.id for rule in found.rules}
    assert {rule.about for rule in found.rules} <= {"problems", "expectations", "settings"}


def test_what_describes_no_connection_is_unknown(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-dir.conf": "Schedule { Name = nightly\n}\n"})
    found = auditor.check(tmp_path, resolve=False)
    assert (found.verdict, found.described) == ("unknown", ())


@pytest.mark.parametrize(
    ("until", "waived", "verdict"), [("2027-01-02", 1, "pass"), ("2026-12-31", 0, "fail")]
)
def test_a_waiver_holds_until_its_day(
    until: str, waived: int, verdict: str, tmp_path: Path
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        f"waivers: [{{rule: heartbeat-too-long, daemon: fd2, until: {until}, reason: old}}]"
    )
    root = planted(tmp_path / "config", network(fd2=LONG))
    found = auditor.check(root, site=site, resolve=False, today=dt.date(2027, 1, 1))
    assert (found.summary()["waived"], found.verdict) == (waived, verdict)


def test_a_network_without_a_configuration_is_unknown() -> None:
    found = auditor.check(network=auditor.load_network())
    assert (found.verdict, len(found.findings), found.passed) == ("unknown", 0, {})
