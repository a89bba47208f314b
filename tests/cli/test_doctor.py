"""``bareos-audit doctor``: what works here, and what will be blind."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from commandline import refused, run
from jsonschema import Draft202012Validator
from netns import need, why_no_bpf
from paths import ROOT

from auditor.capture.diagnosis import Check, State
from auditor.cli.unit import doubts, unit

SCHEMA = ROOT / "docs" / "report.schema.json"

WORKS = [
    Check("kernel", State.OK, "Linux 6.1"),
    Check("rights", State.LIMITED, "without CAP_BPF", "Run it as root."),
    Check("AF_PACKET", State.OK, "packet sockets can be opened"),
    Check("BTF", State.MISSING, "it does not exist", "Use another kernel."),
    Check("blind to", State.LIMITED, "keepalive settings", "It takes two hours."),
]
BLIND = [*WORKS[:2], Check("blind to", State.MISSING, "no packets at all", "Elsewhere.")]


def told(checks: list[Check], *arguments: str | Path) -> tuple[int, str]:
    with (
        patch("auditor.capture.doctor.examine", return_value=checks),
        patch("auditor.capture.diagnosis.missing", return_value=()),
    ):
        result = run("doctor", *arguments)
    return result.exit_code, result.stdout


def test_each_check_is_a_line_and_its_hint_another() -> None:
    code, output = told(WORKS)
    assert code == 0
    assert [line.split() for line in output.splitlines()][1:3] == [
        ["limited", "rights", "without", "CAP_BPF"],
        ["Run", "it", "as", "root."],
    ]


def test_where_no_backend_works_it_exits_with_3() -> None:
    assert told(BLIND)[0] == 3


def test_json_has_the_same() -> None:
    code, output = told(BLIND, "--format", "json")
    document = json.loads(output)
    assert code == 3
    assert document["schema"] == "bareos-doctor/1"
    assert document["checks"][1] == {
        "name": "rights",
        "state": "limited",
        "detail": "without CAP_BPF",
        "hint": "Run it as root.",
    }
    assert document["checks"][0]["hint"] is None
    assert document["can_capture"] is False
    assert [one["backend"] for one in document["backends"]] == ["ebpf", "dumpcap", "scapy"]
    assert document["backends"][1]["lacks"] == ["dumpcap"]
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)


def test_it_ends_in_a_conclusion() -> None:
    for checks, begins in (
        (WORKS, "can capture with ebpf; cannot with dumpcap (lacks dumpcap), "),
        (BLIND, "cannot capture: ebpf (lacks AF_PACKET), "),
    ):
        end = told(checks)[1].rpartition("\n\n")[2]
        assert end.startswith(begins)
        assert "\ncannot tell keepalive settings" in end


def test_the_unit_is_printed_with_the_path_of_this_installation() -> None:
    done = run("doctor", "--unit")
    assert done.exit_code == 0
    assert done.stdout == unit()
    assert done.stderr == "".join(f"bareos-audit: {doubt}\n" for doubt in doubts())


@pytest.mark.parametrize("arguments", [["-f", "json"], ["-o", "x.service"]])
def test_the_unit_is_no_report(arguments: list[str]) -> None:
    assert "neither --format nor -o" in refused("doctor", "--unit", *arguments)


def test_it_can_go_to_a_file(tmp_path: Path) -> None:
    code, output = told(WORKS, "-o", tmp_path / "doctor.txt")
    assert (code, output) == (0, "")
    assert "Linux 6.1" in (tmp_path / "doctor.txt").read_text()


@pytest.mark.parametrize("form", ["table", "json"])
def test_here_everything_that_the_tests_need_works(form: str) -> None:
    need(why_no_bpf())
    result = run("doctor", "--format", form)
    assert result.exit_code == 0
    assert "iter/tcp" in result.stdout
