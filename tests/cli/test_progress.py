"""A bar for those who wait at a terminal, and for nobody else."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from audits import ROOT
from click.testing import CliRunner

import auditor
from auditor.cli import progress as module
from auditor.cli.main import cli
from auditor.cli.progress import progress
from auditor.errors import CaptureError
from auditor.kernels import native


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@pytest.fixture
def large(tmp_path: Path) -> str:
    path = tmp_path / "large.pcap"
    with path.open("wb") as file:
        file.truncate(module.LARGE)
    return str(path)


def test_no_terminal_no_bar(large: str) -> None:
    with progress([large]) as advance:
        assert advance is None


def test_a_small_capture_has_no_bar(terminal: Terminal, tmp_path: Path) -> None:
    with redirect_stderr(terminal), progress([str(tmp_path / "missing"), "-"]) as advance:
        assert advance is None
    assert terminal.getvalue() == ""


def test_a_large_capture_has_a_bar(terminal: Terminal, large: str) -> None:
    with redirect_stderr(terminal), progress([large]) as advance:
        assert advance is not None
        advance(module.LARGE // 2)
    assert "67.1" in terminal.getvalue()


def test_who_has_to_compile_is_told_once_and_nobody_else(terminal: Terminal) -> None:
    with redirect_stderr(terminal), progress([]):
        assert terminal.getvalue() == ""
        native._tell()
        native._tell()
    native._tell()  # nobody waits any more
    assert terminal.getvalue().splitlines() == [module._COMPILING]


def test_a_log_says_too_why_the_first_run_takes_so_long(large: str) -> None:
    """Of cron, of a pipeline: one line, and no bar."""
    with redirect_stderr(io.StringIO()) as log, progress([large]) as advance:
        assert advance is None
        native._tell()
        native._tell()
    assert log.getvalue() == f"{module._COMPILING}\n"


def test_the_program_says_so_while_it_judges_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiles(*_: object, **__: object) -> None:
        native._tell()
        raise CaptureError("is no capture")

    monkeypatch.setattr("auditor.api.audit", compiles)
    said = CliRunner().invoke(cli, ["analyze", "x.pcap"]).stderr
    assert said == f"{module._COMPILING}\nbareos-audit: is no capture\n"


def test_the_octets_told_add_up_to_the_files() -> None:
    paths = [ROOT / "captures/heartbeat/capture.pcap", ROOT / "captures/trouble/capture.pcap"]
    told: list[int] = []
    auditor.audit(paths, progress=told.append)
    assert sum(told) == sum(path.stat().st_size for path in paths)
