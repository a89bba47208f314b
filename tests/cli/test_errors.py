"""Everything that can be wrong with the input: one sentence on stderr, exit 2, no traceback."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from audits import ROOT
from commandline import HEARTBEAT, TROUBLE, refused, run

from auditor.cli.errors import brief_excepthook

CAPTURE = "captures/trouble/capture.pcap"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of a configuration, to be broken."""
    return Path(shutil.copytree(ROOT / "captures/trouble/config", tmp_path / "config"))


def test_a_capture_that_does_not_exist(tmp_path: Path) -> None:
    assert "nothere.pcap does not exist" in refused("analyze", tmp_path / "nothere.pcap")


def test_a_directory_for_a_capture(tmp_path: Path) -> None:
    assert "has no captures: it is empty" in refused("analyze", tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a capture at all", b"\xd4\xc3\xb2\xa1"])
def test_a_file_that_is_no_capture(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    assert "notes.txt" in refused("analyze", path)


def test_a_configuration_error_names_file_and_line(config: Path) -> None:
    broken = config / "dir/etc/bareos-dir.d/client/fd1.conf"
    broken.write_text(
        "Client {\n  Name = fd1\n  Sausage = yes\n  Address = 10.77.0.31\n  Password = x\n}\n"
    )
    arguments = ("analyze", CAPTURE, "--config", config, "--no-resolve")
    assert f"{broken}:3: " in refused(*arguments, "--strict")
    assert "Sausage" in run(*arguments).stdout


def test_an_include_that_does_not_exist_names_file_and_line(config: Path) -> None:
    broken = config / "dir/etc/bareos-dir.d/client/fd1.conf"
    broken.write_text("\n@/no/such/file.conf\n")
    assert f"{broken}:2: " in refused("expect", "--strict", "--config", config, "--no-resolve")


@pytest.mark.parametrize("command", [("analyze", CAPTURE), ("expect",)])
def test_a_directory_without_any_bareos_configuration(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    assert str(tmp_path) in refused(*command, "--config", tmp_path)


@pytest.mark.parametrize("option", ["--site", "--hosts"])
def test_a_site_or_hosts_file_that_does_not_exist(tmp_path: Path, option: str) -> None:
    path = tmp_path / "nothere"
    assert str(path) in refused(*TROUBLE, option, path)


def test_a_site_file_that_is_wrong_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("sausages: 3\n")
    assert str(path) in refused(*TROUBLE, "--site", path)


def test_a_directory_of_rules_that_does_not_exist(tmp_path: Path) -> None:
    assert "nothere" in refused("rules", "--rules", tmp_path / "nothere")


def test_a_rule_that_is_wrong_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("id: mine\n")
    assert "mine.yaml" in refused(*TROUBLE, "--rules", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("analyze", CAPTURE, "--format", "xml"), "'xml' is not one of 'table', 'json', 'csv'"),
        (("analyze", CAPTURE, "--table", "hosts"), "'hosts' is not one of 'flows'"),
        (("analyze", CAPTURE, "--port", "sd"), "N is a TCP port"),
        (("analyze", CAPTURE, "--port", "sd=0"), "N is a TCP port"),
        (("analyze", CAPTURE, "--port", "sd=99999999999999999999"), "N is a TCP port"),
        (("analyze", CAPTURE, "--port", "sd=٣"), "N is a TCP port"),
        (("analyze", CAPTURE, "--port", "bconsole=9"), "ROLE is one of director, dir"),
        (("analyze",), "Missing argument"),
        (("expect",), "Missing option"),
        (("analyze", "-", "-"), "only once"),
        (("analyze", CAPTURE, "--fast"), "No such option"),
        (("--fast",), "No such option"),
        (("fly",), "there is no command 'fly': there is check, analyze, capture, "),
        (("analyse",), "there is no command 'analyse': did you mean analyze?"),
        (("expct", "-h"), "did you mean expect or excerpt?"),
        (("soket",), "did you mean sockets?"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], said: str) -> None:
    sentence = refused(*arguments)
    assert said in sentence
    assert "--help" in sentence


def test_a_rule_that_does_not_exist_has_close_names() -> None:
    assert "heartbeat-missing" in refused("rules", "heartbeat-mising")


def test_a_rule_that_resembles_none_points_to_the_list() -> None:
    assert "bareos-audit rules lists all" in refused("rules", "zzz")


def test_nothing_from_the_input_moves_the_cursor() -> None:
    assert "\x1b" not in refused("analyze", "a\x1b[2Jb.pcap")


def test_debug_shows_the_traceback_and_the_same_exit_code() -> None:
    result = run("--debug", "analyze", "nothere.pcap")
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert result.stderr.splitlines()[-1].startswith("bareos-audit: nothere.pcap")


def test_debug_leaves_the_unforeseen_to_python() -> None:
    with patch.object(sys, "excepthook", brief_excepthook):
        run("--debug", "rules")
        assert sys.excepthook is sys.__excepthook__


def test_the_unforeseen_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    brief_excepthook(ZeroDivisionError, ZeroDivisionError("a\x1bb"), None)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ZeroDivisionError: a?b" in said
    assert "--debug" in said


def test_the_report_of_a_broken_capture_is_not_half_written(tmp_path: Path) -> None:
    broken, target = tmp_path / "broken.pcap", tmp_path / "report.json"
    broken.write_bytes(b"nothing")
    refused("analyze", broken, "-f", "json", "-o", target)
    assert [path.name for path in tmp_path.iterdir()] == ["broken.pcap"]


def test_an_unwritable_target_is_refused_before_the_work(tmp_path: Path) -> None:
    with patch("auditor.api.audit") as audit:
        assert "does not exist" in refused(*HEARTBEAT, "-o", tmp_path / "no" / "report")
        assert "is a directory" in refused(*HEARTBEAT, "-o", tmp_path)
    audit.assert_not_called()
