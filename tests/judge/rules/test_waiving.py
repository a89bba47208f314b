"""Waivers of every kind on audits, and those that are of no use."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import pytest
from paths import CAPTURES

import auditor

TODAY = dt.date(2027, 1, 1)
END = "until: 2027-03-31, reason: known"
FOLDER = CAPTURES / "trouble"


@cache
def plain() -> auditor.Audit:
    """Return the audit of a recording without waivers."""
    return auditor.audit(
        FOLDER / "capture.pcap", config=FOLDER / "config", resolve=False, today=TODAY
    )


def waived(folder: Path, *selectors: str, end: str = END) -> auditor.Audit:
    """Return the same with these waivers."""
    site = folder / "site.yaml"
    site.write_text("waivers:\n" + "".join(f"- {{{one}, {end}}}\n" for one in selectors))
    return auditor.audit(
        FOLDER / "capture.pcap", config=FOLDER / "config", site=site, resolve=False, today=TODAY
    )


def covered(audit: auditor.Audit) -> set[str]:
    """Return the ids of the findings that a waiver covers."""
    rows = audit.tables["findings"].rows()
    return {row["id"] for row in rows if row["waived"] == "known"}


def told(audit: auditor.Audit, rule: str) -> list[tuple[str, str, list[str]]]:
    """Return verdict, message and places of what is told of waivers."""
    rows = audit.tables["findings"].rows()
    return [(row["verdict"], row["message"], row["sources"]) for row in rows if row["rule"] == rule]


def ids(rule: str) -> list[str]:
    """Return the ids of the findings of a rule."""
    rows = plain().tables["findings"].rows()
    return list(dict.fromkeys(row["id"] for row in rows if row["rule"] == rule))


STRANGER, UNANSWERED = "unknown-initiator", "connection-unanswered"


@pytest.mark.parametrize(
    ("selector", "rules", "some"),
    [
        (f"rule: {UNANSWERED}", {UNANSWERED}, False),
        ("address: 10.77.0.66", {STRANGER}, False),
        ("network: 10.77.0.64/26", {STRANGER}, False),
        ("address: 10.77.0.32", {UNANSWERED}, True),
        (f"rule: {UNANSWERED}, network: 10.77.0.16/28", {UNANSWERED}, True),
        (f"rule: {UNANSWERED}, daemon: fd2", {UNANSWERED}, True),
        (f"rule: {UNANSWERED}, connection: 5a", {UNANSWERED}, True),
        ("rule: catalog-cleartext, connection: 12", {"catalog-cleartext"}, False),
    ],
)
def test_a_waiver_covers_what_fits_and_nothing_else(
    selector: str, rules: set[str], some: bool, tmp_path: Path
) -> None:
    audit = waived(tmp_path, selector)
    found = covered(audit)
    expected = {one for rule in rules for one in ids(rule)}
    assert found < expected if some else found == expected
    assert found
    assert told(audit, "waiver-unused") == []
    assert len(audit.tables["findings"]) == len(plain().tables["findings"])


def test_a_finding_is_waived_by_its_id(tmp_path: Path) -> None:
    (first, second) = ids(UNANSWERED)
    audit = waived(tmp_path, f"finding: {second}")
    assert covered(audit) == {second}
    assert first in {row["id"] for row in audit.tables["findings"].rows()}


def test_what_covers_nothing_is_told_with_its_line(tmp_path: Path) -> None:
    audit = waived(
        tmp_path,
        f"rule: {UNANSWERED}, daemon: fd1",
        f"rule: {UNANSWERED}",
        "address: 10.77.0.99",
        f"finding: {UNANSWERED}-0123456789",
    )
    found = told(audit, "waiver-unused")
    assert [message for _, message, _ in found] == [
        f"the waiver for rule {UNANSWERED}, daemon fd1 covers nothing that was found",
        "the waiver for address 10.77.0.99 covers nothing that was found",
        f"the waiver for finding {UNANSWERED}-0123456789 covers nothing that was found",
    ]
    site = tmp_path / "site.yaml"
    assert [places for _, _, places in found] == [[f"{site}:{line}"] for line in (2, 4, 5)]
    assert {verdict for verdict, _, _ in found} == {"note"}
    assert audit.severity == plain().severity == "high"


def test_a_waiver_of_what_this_audit_does_not_judge_is_not_said_to_be_of_no_use(
    tmp_path: Path,
) -> None:
    # A trifle in a configuration is told by check alone.
    audit = waived(tmp_path, "rule: directive-deprecated", "daemon: fd1")
    assert told(audit, "waiver-unused") == []
    site = tmp_path / "site.yaml"
    check = auditor.check(FOLDER / "config", site=site, resolve=False, today=TODAY)
    assert told(check, "waiver-unused") == []
    assert "known" in set(check.tables["findings"].values("waived"))
    site.write_text(f"waivers: [{{rule: {UNANSWERED}, {END}}}, {{address: 192.0.2.1, {END}}}]")
    check = auditor.check(FOLDER / "config", site=site, resolve=False, today=TODAY)
    assert told(check, "waiver-unused") == []


def test_one_that_has_expired_covers_nothing_and_says_so(tmp_path: Path) -> None:
    audit = waived(tmp_path, f"rule: {STRANGER}", end="until: 2026-12-31, reason: known")
    assert covered(audit) == set()
    assert told(audit, "waiver-unused") == []
    place = f"{tmp_path / 'site.yaml'}:2"
    message = f"the waiver for rule {STRANGER} held until 2026-12-31"
    assert told(audit, "waiver-expired") == [("note", message, [place])]
    assert f"{place}: {message}" in audit.problems


def test_one_of_no_rule_is_told_with_or_without_a_configuration(tmp_path: Path) -> None:
    audit = waived(tmp_path, "rule: gone", "finding: gone-0123456789")
    assert [verdict for verdict, _, _ in told(audit, "waiver-rule-unknown")] == ["fail", "fail"]
    alone = auditor.audit(FOLDER / "capture.pcap", site=tmp_path / "site.yaml", today=TODAY)
    assert len(told(alone, "waiver-rule-unknown")) == 2


def test_a_waiver_of_a_waiver_is_none(tmp_path: Path) -> None:
    audit = waived(tmp_path, "rule: waiver-unused", "address: 10.77.0.99")
    assert [row["waived"] for row in audit.tables["findings"].rows()].count("known") == 1
