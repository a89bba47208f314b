"""A test has the markers of all that it can reach; what was overlooked fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import livenet
import needs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netns import Namespace, namespaces, why_no_bpf


@needs.needs("slow")
def waits() -> int:
    """Stand for a helper that takes its time."""
    return 1


@cache
def cached() -> int:
    """Reach the helper behind a decorator."""
    return waits()


@needs.needs("slow")
@contextmanager
def waiting() -> Iterator[int]:
    """Declare a need above a decorator."""
    yield 1


class Waiting:
    """Reach the helper in a property."""

    @property
    def value(self) -> int:
        """Wait."""
        return waits()


class Inherited(Waiting):
    """Reach it in a base class."""


@pytest.fixture
def waited() -> int:
    """Reach the helper in a fixture."""
    return waits()


@pytest.fixture
def twice(waited: int) -> int:
    """Reach it in a fixture of a fixture."""
    return waited * 2


@pytest.fixture
def marks(request: pytest.FixtureRequest) -> set[str]:
    """Return the markers of the test that come from here."""
    return {mark.name for mark in request.node.iter_markers()} & needs.MARKERS


def test_a_test_that_needs_nothing_has_no_marker(marks: set[str]) -> None:
    assert marks == set()


def test_a_helper_that_is_called_counts(marks: set[str]) -> None:
    assert waits() and marks == {"slow"}


def test_what_a_helper_calls_counts(marks: set[str]) -> None:
    assert cached() and marks == {"slow"}


def test_a_need_above_a_decorator_counts(marks: set[str]) -> None:
    with waiting() as value:
        assert value and marks == {"slow"}


def test_a_fixture_counts_and_what_it_needs(marks: set[str], twice: int) -> None:
    assert twice and marks == {"slow"}


def test_methods_and_base_classes_count(marks: set[str]) -> None:
    assert Inherited().value and marks == {"slow"}


def test_a_call_in_a_function_inside_counts(marks: set[str]) -> None:
    assert [waits() for _ in range(2)] and sorted([1], key=lambda _: waits())
    assert marks == {"slow"}


@pytest.mark.parametrize("helper", [waits])
def test_a_helper_among_the_parameters_counts(marks: set[str], helper) -> None:
    assert helper() and marks == {"slow"}


@settings(max_examples=1)
@given(st.just(1))
def test_a_property_test_is_looked_into(number: int) -> None:
    assert needs._current is not None
    assert needs._current.get_closest_marker("slow") and number == waits()


def test_a_name_in_a_module_of_helpers_counts(marks: set[str]) -> None:
    assert livenet.Program and marks == {"slow"}


def reached(*things: object) -> set[str]:
    """Return what these things need."""
    return {
        name for thing in needs.reached(things) for name in vars(thing).get("needs", frozenset())
    }


def test_bpf_and_namespaces_need_root() -> None:
    assert reached(why_no_bpf) == {"bpf", "root"}
    assert reached(namespaces) == reached(Namespace) == {"root"}


def test_what_lies_outside_of_the_tests_is_not_looked_into() -> None:
    assert list(needs.reached([subprocess.run, Path, 7, None])) == []


def test_whoever_runs_tshark_needs_it(marks: set[str]) -> None:
    if sys.argv == ["never"]:
        subprocess.run(["tshark", "-r", "x"], check=True)
    assert marks == {"tshark"}


def test_whoever_only_names_tshark_does_not(marks: set[str]) -> None:
    assert marks == set() and "tshark" in needs.MARKERS


def test_a_helper_fails_a_test_that_lacks_its_marker() -> None:
    with pytest.raises(AssertionError, match=r"::test_a_helper_fails.* needs bpf and lacks the ma"):
        needs.check("bpf")


def test_tshark_fails_a_test_that_lacks_its_marker() -> None:
    started = ("/usr/bin/tshark", ["tshark", "-r", "x"], None, None)
    with pytest.raises(AssertionError, match="needs tshark and lacks the marker"):
        needs.watch("subprocess.Popen", started)
    needs.watch("os.listdir", started)
    needs.watch("subprocess.Popen", ("/usr/bin/tshark", ["tshark", "--version"], None, None))
    needs.watch("subprocess.Popen", ("/usr/bin/tcpdump", ["tcpdump"], None, None))


def test_outside_of_tests_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "_current", None)
    needs.check("bpf")


def test_a_marker_that_nobody_knows_is_refused() -> None:
    with pytest.raises(AssertionError):
        needs.needs("windows")


def test_what_a_machine_lacks_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(needs.shutil, "which", lambda _: None)
    assert needs.why_not("root") == "it needs root"
    assert needs.why_not("tshark") == "tshark is not installed"
    assert needs.why_not("browser") == "chromium is not installed"
    assert needs.why_not("slow") == ""
    monkeypatch.undo()
    monkeypatch.setattr(needs.os, "geteuid", lambda: 0)
    assert needs.why_not("root") == ""
