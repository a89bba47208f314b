"""``report``: every face of an audit that was saved."""

from __future__ import annotations

import json
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from commandline import HEARTBEAT, TROUBLE, refused, run
from scene import network, planted

CHECK = ("check", "--config=captures/trouble/config", "--no-resolve")


@pytest.mark.parametrize("made", [TROUBLE, CHECK], ids=["analyze", "check"])
@pytest.mark.parametrize("chosen", ["table", "csv", "json"])
def test_it_shows_what_the_command_would_have_shown(
    made: tuple[str, ...], chosen: str, tmp_path: Path
) -> None:
    saved = str(tmp_path / "audit.json")
    run(*made, "-f", "json", "-o", saved)
    direct, again = run(*made, "-f", chosen), run("report", saved, "-f", chosen)
    assert again.stdout == direct.stdout
    assert again.exit_code == direct.exit_code


@pytest.mark.parametrize("made", [TROUBLE, CHECK], ids=["analyze", "check"])
def test_in_brief_it_is_the_first_screen(made: tuple[str, ...], tmp_path: Path) -> None:
    saved = tmp_path / "audit.json"
    whole = run(*made, "-o", saved, "-o", "-")
    brief = run(*made, "--brief")
    assert brief.exit_code == whole.exit_code
    assert brief.stdout.splitlines()[0] == whole.stdout.splitlines()[0]
    assert len(brief.stdout.splitlines()) < min(40, len(whole.stdout.splitlines()))
    assert run("report", saved, "--brief").stdout == brief.stdout
    assert refused(*made, "--brief", "-f", "json").startswith("--brief shortens --format table")


def test_the_exit_code_can_be_left_out(tmp_path: Path) -> None:
    saved = str(tmp_path / "audit.json")
    assert run(*TROUBLE, "-f", "json", "-o", saved).exit_code > 0
    run("report", saved, "--exit-zero")


def test_what_counts_is_as_the_audit_was_made_with_or_as_is_asked_for(tmp_path: Path) -> None:
    saved, lesser = tmp_path / "audit.json", tmp_path / "lesser.json"
    check = (*CHECK, "--idle-limit=60m")
    assert run(*check, "-o", saved).exit_code == 13
    assert run(*check, "-o", lesser, "--fail-on=high").exit_code == 0
    said = "counts for the exit code (--fail-on "
    for report, options, code in (
        (saved, (), 13),
        (saved, ("--fail-on=high",), 0),
        (lesser, (), 0),
        (lesser, ("--fail-on=medium",), 13),
    ):
        shown = run("report", report, *options, COLUMNS="140")
        assert (shown.exit_code, said in shown.stdout) == (code, code == 0)
        junit = run("report", report, *options, "-f", "junit").stdout
        assert ("<failure" in junit) == (code == 13)
    again = run("report", lesser, "--fail-on=medium", "-f", "json").stdout
    assert json.loads(again)["summary"] == json.loads(saved.read_text())["summary"]
    assert json.loads(again)["basis"]["fail_on"] == "medium"


def test_of_an_earlier_version_s_report_every_fail_counts(tmp_path: Path) -> None:
    saved = tmp_path / "audit.json"
    run(*TROUBLE, "-o", saved)
    saved.write_text(saved.read_text().replace(', "fail_on": "low"', ""))
    assert "fail_on" not in saved.read_text()
    assert run("report", saved).exit_code == 14


def test_what_is_no_saved_audit_is_refused(tmp_path: Path) -> None:
    saved = tmp_path / "audit.json"
    saved.write_text("{}")
    assert "is no report of an audit" in refused("report", str(saved))


def test_only_what_a_baseline_does_not_have_counts(tmp_path: Path) -> None:
    """Last night's report may be the baseline of tonight's: what is known stays so."""
    nights = [str(tmp_path / f"audit-{night}.json") for night in range(3)]
    run(*TROUBLE, "-f", "json", "-o", nights[0])
    known = json.loads(Path(nights[0]).read_text())["findings"]
    for before, saved in pairwise(nights):
        again = run(*TROUBLE, "--baseline", before, "-f", "json", "-o", saved)
        assert again.exit_code == 0
        document = json.loads(Path(saved).read_text())
        fails = [row for row in document["findings"] if row["verdict"] == "fail"]
        assert document["summary"]["coverage"]["known"] == len(fails) == 3
        assert {row["known_since"] for row in fails} == {"2027-01-15T08:00:00.000000000Z"}
        assert len(document["findings"]) == len(known)
    shown = run("report", nights[-1], COLUMNS="100").stdout
    assert shown.startswith("pass (nothing new): ")
    assert shown.splitlines()[0].endswith("; 3 known")
    assert "[known since 2027-01-15]" in shown


def test_what_is_new_counts_beside_a_baseline(tmp_path: Path) -> None:
    saved = str(tmp_path / "audit.json")
    run(*HEARTBEAT, "-f", "json", "-o", saved)
    assert run(*TROUBLE, "--baseline", saved).exit_code == run(*TROUBLE).exit_code == 14


def test_a_check_has_a_baseline_too(tmp_path: Path) -> None:
    config = planted(tmp_path / "config", network(fd2="Client { Name = fd2; Enabled = 1 }"))
    check = ("check", "-c", config, "--no-resolve")
    saved = str(tmp_path / "check.json")
    assert run(*check, "-f", "json", "-o", saved).exit_code > 0
    shown = run(*check, "--baseline", saved)
    assert shown.exit_code == 0
    assert shown.stdout.startswith("pass: nothing is new in what was read")


def test_a_baseline_that_is_no_report_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("[]")
    assert "is no report of an audit" in refused(*TROUBLE, "--baseline", str(other))


def test_times_can_be_those_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "audit.json"
    run(*TROUBLE, "-o", saved)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    shown = run("report", saved, "--local-time").stdout
    assert " 23:35:11 – 23:35:55 CET\n" in shown
    assert " 22:35:11 – 22:35:55 UTC\n" in run("report", saved).stdout
    compared = run("compare", saved, saved, "--local-time").stdout
    assert re.search(r"from [-\d]+ [:\d]+ CES?T to [-\d]+ [:\d]+ CES?T\n", compared)
    monkeypatch.undo()
    time.tzset()
