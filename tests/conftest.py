"""Marks tests by what they need, keeps skips out of CI, and counts coverage by room."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import needs
import pytest
from paths import TESTS

#: From so many seconds a test is named that is not marked ``slow``: twice what the marker means,
#: for machines are busy.
LONG = 4.0

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

#: Tests that send packets and wait for them: one worker runs them all, one after the other.
NETWORK = "network"


def pytest_configure() -> None:
    """Watch what tests start."""
    sys.addaudithook(needs.watch)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the markers of what it reaches, before any are selected by ``-m``."""
    for item in items:
        for name in sorted(needs.needs_of(item)):
            item.add_marker(name)
        if item.get_closest_marker("root"):
            item.add_marker(pytest.mark.xdist_group(NETWORK))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Say whose test runs: coverage is counted by room."""
    coverage = sys.modules.get("coverage")
    measured = coverage and coverage.Coverage.current()
    if measured:
        measured.switch_context(room_of(item.path))
    needs.begin(item)
    try:
        return (yield)
    finally:
        needs.begin(None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run."""
    for name in needs.MARKERS:
        reason = needs.why_not(name)
        if reason and item.get_closest_marker(name):
            pytest.skip(reason)


def room_of(path: Path) -> str:
    """Return the folder of a test below ``tests/``, such as ``flows/hello``."""
    return path.parent.relative_to(TESTS).as_posix()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make an error of a test that is skipped in CI: there everything has to be there."""
    return _unskipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Make an error of a module that is skipped in CI."""
    return _unskipped((yield))


def _unskipped(report: Report) -> Report:
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"nothing may be skipped in CI: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that should be marked ``slow``."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "duration", 0) >= LONG and "slow" not in report.keywords:
                took = f"took {report.duration:.1f} s ({report.when}) and is not marked slow"
                terminalreporter.write_line(f"{report.nodeid} {took}")
