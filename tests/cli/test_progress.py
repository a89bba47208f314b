"""A bar for those who wait at a terminal, and for nobody else."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from audits import ROOT

import auditor
from auditor.cli import progress as module
from auditor.cli.progress import progress

#: The fixture ``terminal`` puts another in its place.
IS_COMPILED = module._is_compiled


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "_is_compiled", lambda: True)
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


def test_who_has_to_compile_is_told(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_is_compiled", lambda: False)
    with redirect_stderr(terminal), progress([]):
        pass
    assert "compiling the scanner once" in terminal.getvalue()


@pytest.mark.parametrize(
    ("disabled", "compiled", "told"),
    [("1", False, False), ("0", False, True), ("", False, True), ("0", True, False)],
)
def test_without_jit_there_is_nothing_to_compile(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, disabled: str, compiled: bool, told: bool
) -> None:
    monkeypatch.setattr(module, "_is_compiled", IS_COMPILED)
    monkeypatch.setattr("auditor.kernels.native.is_compiled", lambda _: compiled)
    monkeypatch.setenv("NUMBA_DISABLE_JIT", disabled)
    with redirect_stderr(terminal), progress([]):
        pass
    assert bool(terminal.getvalue()) == told


def test_the_octets_told_add_up_to_the_files() -> None:
    paths = [ROOT / "captures/heartbeat/capture.pcap", ROOT / "captures/trouble/capture.pcap"]
    told: list[int] = []
    auditor.audit(paths, progress=told.append)
    assert sum(told) == sum(path.stat().st_size for path in paths)
