"""``python -m auditor`` is the command line; importing the module is not."""

from __future__ import annotations

import runpy

import pytest


@pytest.mark.parametrize(("name", "runs"), [("__main__", 1), ("auditor.__main__", 0)])
def test_only_the_program_itself_runs_the_command_line(monkeypatch, name, runs):
    calls = []
    monkeypatch.setattr("auditor.cli.main.main", lambda: calls.append(name))
    runpy.run_module("auditor.__main__", run_name=name)
    assert len(calls) == runs
