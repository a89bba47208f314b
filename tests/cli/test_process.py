"""Real processes: start-up, closed pipes, the unforeseen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from audits import ROOT
from commandline import HEARTBEAT

HEAVY = ("pandas", "numpy", "numba", "rich", "yaml")


def start(arguments: Sequence[str], code: str = "") -> subprocess.Popen[str]:
    how = ["-c", code] if code else ["-m", "auditor"]
    return subprocess.Popen(
        [sys.executable, *how, *arguments],
        cwd=ROOT,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["analyze", "--help"], ["analyze", "-", "-"]])
def test_whoever_asks_for_help_waits_for_no_heavy_import(arguments: list[str]) -> None:
    code = (
        "import sys; from auditor.cli.main import main\n"
        "try: main()\n"
        f"finally: sys.stdout.write(repr([m for m in {HEAVY} if m in sys.modules]))"
    )
    output, _ = start(arguments, code).communicate(timeout=60)
    assert output.endswith("[]")


def test_json_waits_for_no_terminal() -> None:
    code = (
        "import sys; from auditor.report import *; reporter(Format.JSON); reporter(Format.CSV)\n"
        "assert 'rich' not in sys.modules"
    )
    process = start([], code)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_closed_pipe_is_quiet() -> None:
    process = start(HEARTBEAT)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


def test_the_unforeseen_exits_with_1() -> None:
    code = (
        "import auditor.api; from auditor.cli.main import main\n"
        "def audit(*_, **__): raise ZeroDivisionError('no')\n"
        "auditor.api.audit = audit; main()"
    )
    process = start(["analyze", "x.pcap"], code)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert "ZeroDivisionError: no" in errors
    assert errors.count("\n") == 1
