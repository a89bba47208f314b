"""Runs ``bareos-audit`` in this process, as a user would from the checkout."""

from __future__ import annotations

from contextlib import chdir, nullcontext
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from audits import ROOT
from click.testing import CliRunner, Result

from auditor.api import live_audit
from auditor.cli.main import cli

TROUBLE = (
    "analyze",
    "captures/trouble/capture.pcap",
    "--config=captures/trouble/config",
    "--no-resolve",
)
HEARTBEAT = (
    "analyze",
    "captures/heartbeat/capture.pcap",
    "--config=captures/heartbeat/config",
    "--no-resolve",
)


def run(*arguments: str | Path, **environment: str) -> Result:
    """Return what ``bareos-audit arguments`` did, where nothing has to be compiled first: whether
    it has, of which there would be a line, depends on what ran before."""
    runner = CliRunner(env=environment)
    with chdir(ROOT), patch("auditor.cli.progress.compilation_told", lambda _: nullcontext()):
        return runner.invoke(cli, [str(a) for a in arguments], prog_name="bareos-audit")


@cache
def warm_up() -> None:
    """Have the machine code of all entry points on disk, so that a process finds it there."""
    with TemporaryDirectory() as folder:
        thinned = f"{folder}/thinned.pcapng"
        for arguments in (TROUBLE, ("thin", TROUBLE[1], "-o", thinned), ("analyze", thinned)):
            run(*arguments)
    live_audit(resolve=False).warm()  # what only a recording under a flood calls


def refused(*arguments: str | Path, code: int = 2) -> str:
    """Run a command that must be refused; return its one sentence."""
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("bareos-audit: ")
    return lines[0].removeprefix("bareos-audit: ")
