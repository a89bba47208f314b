"""Real processes: start-up, closed pipes, the unforeseen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from audits import ROOT
from commandline import HEARTBEAT, warm_up

HEAVY = ("pandas", "numpy", "numba", "rich", "yaml", "html", "statistics")


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


_RUN = """
import sys
from auditor.cli.main import main
try: main()
except SystemExit as end: code = end.code
"""
_REPORT = """
sys.stderr.write(f"loaded {[m for m in HEAVY if m in sys.modules]}")
raise SystemExit(code)
"""
_FACTS = """
import auditor.capture.sockets.socket_table as table
from auditor.packets.pcapng_comments import SocketFact
ends = ("192.0.2.1", 41000), ("192.0.2.2", 9103)
fact = SocketFact(1, *ends, "ESTABLISHED", True, 60.0, 60.0, 9, True, 7, "bareos-dir")
table.read_sockets = lambda *_, **__: [fact]
"""
_CAPTURE = """
import sys
import auditor.cli.session, auditor.capture.choose, auditor.capture.backends.ebpf
from auditor import live_audit
from auditor.report import Format, reporter
live = live_audit(config="captures/trouble/config", resolve=False)
for form in Format:
    reporter(form).audit(live.warm())
"""
_CONFIG = ["--config=captures/trouble/config", "--no-resolve"]
_RECORDING = "captures/trouble/capture.pcap"


@pytest.mark.parametrize(
    ("arguments", "before", "status", "loaded"),
    [
        (["analyze", _RECORDING, *_CONFIG], "", 14, ["numpy"]),
        (["analyze", _RECORDING, *_CONFIG, "-fjson"], "", 14, ["numpy"]),
        (["analyze", _RECORDING, "-fcsv", "--table=findings"], "", 14, ["numpy"]),
        (["expect", *_CONFIG], "", 0, []),
        (["rules"], "", 0, []),
        (["thin", _RECORDING, "-o", "/dev/null"], "", 0, ["numpy"]),
        (["sockets", *_CONFIG], _FACTS, 0, ["numpy"]),
    ],
)
def test_a_command_loads_no_more_than_it_needs(
    arguments: list[str], before: str, status: int, loaded: list[str]
) -> None:
    warm_up()
    process = start(arguments, f"HEAVY = {HEAVY}\n" + before + _RUN + _REPORT)
    _, errors = process.communicate(timeout=60)
    assert errors.endswith(f"loaded {loaded}")
    assert process.returncode == status


def test_what_records_with_rights_loads_no_pandas() -> None:
    process = start([], _CAPTURE + "assert 'pandas' not in sys.modules")
    assert (process.communicate(timeout=60)[1], process.returncode) == ("", 0)


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
