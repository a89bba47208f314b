"""Options of ``analyze`` reach the audit and the report."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from audits import FLOW, ROOT, made
from commandline import HEARTBEAT, TROUBLE, refused, run

from auditor.report import TableName


def asked(*arguments: str, **environment: str) -> Any:
    """Return the call of the public function that a command line comes to."""
    with patch("auditor.api.audit", return_value=made(flows=[FLOW])) as audit:
        result = run("analyze", *arguments, **environment)
    assert result.exit_code == 0, result.output
    return audit.call_args


def test_defaults_are_those_of_the_public_function() -> None:
    call = asked("a.pcap")
    assert call.args == (["a.pcap"],)
    assert call.kwargs == {
        "config": (), "site": None, "hosts": None, "resolve": True, "strict": False,
        "include_root": (), "resolve_timeout": 5.0,
        "idle_limit": None, "ports": {}, "rules": (), "progress": None,
        "baseline": None, "second_opinion": False, "only_rules": (), "skip_rules": (),
        "decode_as": (), "engine": None, "work": None,
    }  # fmt: skip


def test_every_option_arrives() -> None:
    call = asked(
        "a.pcap", "-", "-c", "x", "--config", "y", "--site", "s", "--hosts", "h", "--no-resolve",
        "--resolve-timeout", "2.5", "--include-root", "r1", "--include-root", "r2",
        "--strict", "--idle-limit", "60m", "--rules", "r", "--port", "fd=1", "--port", "STORAGE=2",
        "--baseline", "b.json", "--rule", "a", "--skip-rule", "b", "--skip-rule", "c",
        "--decode-as", "udp.port==7,vxlan",
    )  # fmt: skip
    assert call.args == (["a.pcap", "-"],)
    assert call.kwargs == {
        "config": ("x", "y"), "site": "s", "hosts": "h", "resolve": False, "strict": True,
        "include_root": ("r1", "r2"), "resolve_timeout": 2.5,
        "ports": {"file daemon": 1, "storage daemon": 2}, "rules": ("r",), "progress": None,
        "idle_limit": "60m", "baseline": "b.json", "second_opinion": False,
        "only_rules": ("a",), "skip_rules": ("b", "c"), "decode_as": ("udp.port==7,vxlan",),
        "engine": None, "work": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("director", "director"),
        ("dir", "director"),
        ("file", "file daemon"),
        ("fd", "file daemon"),
        ("storage", "storage daemon"),
        ("sd", "storage daemon"),
        ("catalog", "catalog"),
        ("db", "catalog"),
    ],
)
def test_every_name_of_a_role_is_known(name: str, role: str) -> None:
    assert asked("a.pcap", f"--port={name}=65535").kwargs["ports"] == {role: 65535}


def test_options_come_from_the_environment_too() -> None:
    call = asked("a.pcap", BAREOS_AUDIT_ANALYZE_CONFIG="/a:/b", BAREOS_AUDIT_ANALYZE_STRICT="1")
    assert call.kwargs["config"] == ("/a", "/b")
    assert call.kwargs["strict"] is True


def test_json_goes_to_standard_output() -> None:
    result = run(*TROUBLE, "-f", "json")
    assert json.loads(result.stdout)["summary"]["verdict"] == "fail"
    assert result.stderr == ""


@pytest.mark.parametrize("table", TableName)
def test_csv_writes_the_table_that_is_asked_for(table: TableName) -> None:
    with patch("auditor.api.audit", return_value=made(flows=[FLOW])):
        text = run("analyze", "a.pcap", "-f", "csv", "--table", table).stdout
    assert len(list(csv.reader(io.StringIO(text)))) == (2 if table in {"flows", "captures"} else 1)


def test_a_capture_comes_through_standard_input(tmp_path: Path) -> None:
    from commandline import CliRunner, cli

    data = (ROOT / "captures/heartbeat/capture.pcap").read_bytes()
    arguments = ["analyze", "-", "-f", "json", "-o", str(tmp_path / "r.json")]
    result = CliRunner().invoke(cli, arguments, input=data)
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["captures"][0]["packets"] == 2146


def test_expect_shows_the_connections() -> None:
    text = run("expect", "-c", "captures/trouble/config", "--no-resolve").stdout
    assert "Director to File Daemon" in text
    assert "forbidden" in text


def test_help_is_short_too() -> None:
    for command in ((), ("analyze",), ("expect",), ("rules",)):
        assert run(*command, "-h").stdout == run(*command, "--help").stdout


def test_the_version_is_the_package_s() -> None:
    from auditor import __version__

    assert run("-V").stdout == f"bareos-audit {__version__}\n"


def test_heartbeat_passes() -> None:
    told = " ".join(run(*HEARTBEAT).stdout.split())
    assert told.startswith("pass: who dials whom: 24 proven, 1 likely; ")
    assert "heartbeats: 13 proven, 12 not observable" in told


@pytest.mark.tshark
def test_a_second_opinion_is_a_section_of_the_report() -> None:
    text = run(*TROUBLE, "--second-opinion").stdout
    assert "What TShark (Wireshark) " in text
    assert "  • SYNs: 29 agree\n" in text


def test_standard_input_has_no_second_opinion() -> None:
    assert "give a file" in refused("analyze", "-", "--second-opinion")


def test_that_nobody_can_give_a_second_opinion_is_said_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    told = refused("analyze", tmp_path / "none.pcap", "--second-opinion")
    assert "tshark is not installed: install the package tshark" in told
