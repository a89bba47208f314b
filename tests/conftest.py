"""Marks tests by what they need, keeps skips out of CI, and counts coverage by room."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

import needs
import pytest
from hypothesis import settings
from paths import TESTS

#: From so many seconds a test is named that is not marked ``slow``: twice what the marker means,
#: for machines are busy.
LONG = 4.0

#: Rooms of which much is machine code, where no line is seen: their coverage is counted in a second
#: run, with the kernels as plain Python, and the first run goes the faster for it.
PLAIN = {"packets", "flows", "evidence"}
NO_ROOMS = {"support", "tools", "notebooks", "packaging", "fuzz"}
IS_PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

#: Tests that send packets and wait for them: one worker runs them all, one after the other.
NETWORK = "network"


#: How long an example takes says what else the machine does.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Watch what tests start, and let audits be made at one time."""
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1800000000")
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
    """Count coverage by room, and know which test runs."""
    needs.begin(item)
    try:
        with measured(item):
            return (yield)
    finally:
        needs.begin(None)


@contextmanager
def measured(item: pytest.Item) -> Iterator[None]:
    """Count what a test executes for its room, if anything is counted (tools/room_coverage.py)."""
    coverage = sys.modules.get("coverage")
    current = coverage and coverage.Coverage.current()
    if not current:
        yield
    elif counts(item):
        current.switch_context(room_of(item))
        yield
    else:
        current.stop()
        yield
        current.start()


def room_of(item: pytest.Item) -> str:
    """Return the first folder below ``tests/`` that a test lies in; a dot: none."""
    return item.path.parent.relative_to(TESTS).as_posix().partition("/")[0]


def counts(item: pytest.Item) -> bool:
    """Tell whether what a test executes is counted.

    Tracing doubles the time. What hypothesis tries differs from run to run, and what is slow
    executes the same lines over and over, unless it waits for packets.
    """
    if item.get_closest_marker("hypothesis"):
        return False
    if item.get_closest_marker("slow") and not item.get_closest_marker("root"):
        return False
    return room_of(item) not in NO_ROOMS and (IS_PLAIN or room_of(item) not in PLAIN)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what this machine cannot run."""
    for name in needs.MARKERS:
        reason = needs.why_not(name)
        if reason and item.get_closest_marker(name):
            pytest.skip(reason)


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
