"""The command that judges a configuration, of which nothing is captured."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant
from commandline import refused, run
from paths import CAPTURES, ROOT
from scene import network, planted

FD = MINIMAL["bareos-fd"] + "Director { Name = dir\n Password = p\n}\n"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A network with something medium, something low and a note."""
    text = "Client { Name = fd2; TLS Enable = true; Heartbeat Interval = 40000 }\n"
    files = network(fd2=f"{text}Director {{ Name = dir; Password = fd2pw }}\n")
    return planted(tmp_path / "config", {**files, "fd2/bareos-sd.d/a.conf": ""})


def test_every_format_has_the_same_findings(wrong: Path) -> None:
    told = {
        form: run("check", "-c", wrong, "--no-resolve", "-f", form, COLUMNS="120")
        for form in ("table", "json", "csv")
    }
    assert {result.exit_code for result in told.values()} == {13}
    document = json.loads(told["json"].stdout)
    assert document["schema"] == "bareos-check/1"
    rules = [one["rule"] for one in document["findings"]]
    assert rules == ["heartbeat-too-long", "boolean-deprecated", "folder-empty"]
    assert rules == [row["rule"] for row in csv.DictReader(told["csv"].stdout.splitlines())]
    table = told["table"].stdout
    assert table.startswith("fail (medium): 2 findings (1 medium, 1 low)\n")
    assert table.index("heartbeat-too-long") < table.index("boolean-deprecated")
    assert f"configurationin{wrong}" in "".join(table.split())
    assert "\n  see   fd2/bareos-fd.conf:1   Client { Name = fd2; " in table


@pytest.mark.parametrize(
    ("files", "code", "first"),
    [
        ({"bareos-fd.conf": FD.replace("{", "{ Colour = x\n", 1)}, 13, "fail (medium)"),
        ({"bareos-fd.conf": FD.replace("{", "{ TLS Enable = true\n", 1)}, 12, "fail (low)"),
        ({"bareos-fd.conf": FD + "Client { Name = b\n}\n"}, 14, "fail (high)"),
        ({"bareos-dir.conf": "Schedule { Name = nightly\n}\n"}, 3, "could not look"),
    ],
)
def test_the_exit_code_is_the_worst_severity(
    files: dict[str, str], code: int, first: str, tmp_path: Path
) -> None:
    root = plant(tmp_path, files)
    result = run("check", "-c", root, "--no-resolve")
    assert (result.exit_code, result.stdout.startswith(first)) == (code, True), result.output
    assert run("check", "-c", root, "--no-resolve", "--exit-zero").exit_code == 0


def test_it_says_whose_files_were_read_and_what_the_numbers_mean() -> None:
    text = run("check", "-c", CAPTURES / "trouble" / "config", "--no-resolve").stdout
    said = " ".join(text.split())
    assert "configuration of director bareos-dir, file daemons fd1, fd2, fd3, storage dae" in said
    assert "calls for 33 connections." in said
    numbers = said.partition("The numbers of connections")[2]
    assert "3 Director to File Daemon, 4 File Daemon to Director, 5a Director to" in numbers


def test_a_console_alone_is_no_daemon_s_configuration() -> None:
    path = CAPTURES / "modes" / "config" / "con" / "bconsole.conf"
    said = run("check", "-c", path, "--no-resolve").stdout
    assert "\nRead: no daemon's own files; what was read calls for 1 connection.\n" in said


def test_what_is_good_to_know_says_where_it_stands() -> None:
    text = run("check", "-c", CAPTURES / "trouble" / "config", "--no-resolve").stdout
    said = text.partition("MaximumConcurrentJobs is deprecated × 5\n")[2]
    assert said.startswith("    fd1/etc/bareos-fd.d/client/me.conf:4\n")
    assert "    … and 2 more files\n" in said


def test_what_was_not_read_says_what_that_hides(tmp_path: Path) -> None:
    root = plant(tmp_path, {"bareos-fd.conf": f"@|true\n{FD}"})
    result = run("check", "-c", root, "--no-resolve")
    said = result.stdout.partition("Not read, and what that hides")[2]
    assert "clients or storages may be missing" in " ".join(said.split())


def test_the_site_file_s_waivers_are_honoured(wrong: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    lines = [
        f"  - {{rule: {rule}, until: 2999-01-01, reason: known}}\n"
        for rule in ("heartbeat-too-long", "boolean-deprecated")
    ]
    site.write_text("waivers:\n" + "".join(lines))
    result = run("check", "-c", wrong, "--no-resolve", "--site", site)
    assert result.exit_code == 0
    assert result.stdout.startswith("pass: nothing is wrong in what was read; 2 waived\n")


def test_csv_has_the_expectations_too(wrong: Path) -> None:
    asked = ("-c", wrong, "--no-resolve", "-f", "csv")
    shown = run("check", *asked, "--table", "expectations").stdout
    assert shown == run("expect", *asked).stdout


def test_it_goes_to_a_file_whole(wrong: Path, tmp_path: Path) -> None:
    result = run("check", "-c", wrong, "--no-resolve", "-o", tmp_path / "report", "--exit-zero")
    assert (result.exit_code, result.output) == (0, "")
    assert (tmp_path / "report").read_text().startswith("fail (medium)")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check"], "--config"),
        (["check", "-c", "/nowhere"], "/nowhere"),
        (["check", "-c", "captures/trouble/config", "-o", "/nowhere/report"], "cannot be written"),
        (["check", "-c", "captures/trouble/config", "--table", "flows"], "--table"),
    ],
)
def test_what_it_cannot_do_is_one_sentence(arguments: list[str], sentence: str) -> None:
    assert sentence in refused(*arguments)


@pytest.mark.parametrize("recording", ["trouble", "heartbeat", "modes", "cleartext", "self-copy"])
def test_the_configurations_of_the_recordings_are_not_accused(recording: str) -> None:
    config = Path("captures", recording, "config")
    hosts = ["--hosts", config / "hosts"] if (ROOT / config / "hosts").exists() else []
    result = run("check", "-c", config, "--no-resolve", *hosts)
    assert result.stdout.startswith("pass: "), result.stdout
