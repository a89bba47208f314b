"""``bareos-audit doctor``: what works here, and what will be blind."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from commandline import run
from netns import need, why_no_bpf

from auditor.capture.doctor import Check, State

WORKS = [
    Check("kernel", State.OK, "Linux 6.1"),
    Check("rights", State.LIMITED, "without CAP_BPF", "Run it as root."),
    Check("blind to", State.LIMITED, "keepalive settings"),
]
BLIND = [*WORKS, Check("blind to", State.MISSING, "no packets at all")]


def told(checks: list[Check], *arguments: str | Path) -> tuple[int, str]:
    with patch("auditor.capture.doctor.examine", return_value=checks):
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
