"""``bareos-audit notebook``: what it asks for, where it writes, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commandline import refused, run
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from auditor.errors import ReportError
from auditor.notebook import review
from auditor.notebook.review import Review

FIRST = new_markdown_cell("# Security review of a Bareos network", id="bareos-audit-review")


@pytest.fixture
def outcome() -> list[Any]:
    """Return what the review comes to: the severity, and whether nothing is proven."""
    return ["", False]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, outcome: list[Any]) -> list[tuple[Any, Any]]:
    """Return what the review was asked for; it is not run."""
    calls: list[tuple[Any, Any]] = []

    def instead(captures: Any, options: Any) -> Review:
        calls.append((captures, options))
        notebook = new_notebook(cells=[FIRST, new_code_cell("1")])
        return Review(notebook, *outcome)

    monkeypatch.setattr(review, "run_review", instead)
    return calls


def test_options_are_those_of_an_audit(asked: list[tuple[Any, Any]], tmp_path: Path) -> None:
    target = tmp_path / "r.ipynb"
    result = run(
        "notebook", "a.pcap", "b.pcap", "-c", "conf", "--no-resolve", "--port", "sd=1234",
        "--idle-limit", "60m", "--rules", "own", "--rule", "one", "--skip-rule", "two",
        "--skip-rule", "three", "-o", target,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    ((captures, options),) = asked
    assert captures == ("a.pcap", "b.pcap")
    given = {name: value for name, value in options.items() if value}
    assert given == {
        "config": ("conf",), "resolve_timeout": 5.0, "idle_limit": "60m", "rules": ("own",),
        "ports": {"storage daemon": 1234}, "only_rules": ("one",), "skip_rules": ("two", "three"),
    }  # fmt: skip
    assert options["resolve"] is False
    review.parameters(captures, options)  # all of them are plain


def test_each_suffix_has_its_form_and_an_earlier_review_is_replaced(
    asked: list[tuple[Any, Any]], tmp_path: Path
) -> None:
    page, notebook = tmp_path / "r.html", tmp_path / "r.ipynb"
    for _ in range(2):
        result = run("notebook", "a.pcap", "-o", page, "-o", notebook)
        assert result.exit_code == 0, result.output
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert notebook.read_text().startswith("{")
    assert len(asked) == 2


def test_what_is_no_review_stays(asked: list[tuple[Any, Any]], tmp_path: Path) -> None:
    target = tmp_path / "r.ipynb"
    target.write_text('{"cells": [], "mine": 1}')
    assert "is no report of ours" in refused("notebook", "a.pcap", "-o", str(target))
    assert "mine" in target.read_text() and asked == []
    assert run("notebook", "a.pcap", "-o", target, "--force").exit_code == 0


def test_a_capture_is_never_replaced_by_its_review(
    asked: list[tuple[Any, Any]], tmp_path: Path
) -> None:
    capture = tmp_path / "r.html"
    capture.write_bytes(b"\xd4\xc3\xb2\xa1" + bytes(20))
    refused("notebook", str(capture), "-o", str(capture))
    assert asked == []


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize(
    ("severity", "unknown", "fail_on", "code"),
    [
        ("", False, "low", 0),
        ("", True, "low", 3),
        ("low", False, "low", 12),
        ("medium", False, "low", 13),
        ("high", True, "high", 14),
        ("medium", False, "high", 0),
        ("medium", True, "high", 3),
    ],
)
def test_the_exit_code_is_that_of_the_audit(
    severity: str, unknown: bool, fail_on: str, code: int, outcome: list[Any], tmp_path: Path
) -> None:
    outcome[:] = [severity, unknown]
    target = tmp_path / "r.ipynb"
    assert run("notebook", "a.pcap", "-o", target, "--fail-on", fail_on).exit_code == code
    assert run("notebook", "a.pcap", "-o", target, "--exit-zero").exit_code == 0


def test_standard_input_cannot_be_reviewed() -> None:
    assert "standard input" in refused("notebook", "-")


def test_another_suffix_is_no_format(asked: list[tuple[Any, Any]]) -> None:
    told = refused("notebook", "a.pcap", "-o", "r.json")
    assert "name the file .html, .htm, .ipynb" in told and asked == []


def test_what_cannot_be_run_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: Any) -> Review:
        raise ReportError("a cell of the review failed: KeyError: 'x'")

    monkeypatch.setattr(review, "run_review", fail)
    target = tmp_path / "r.html"
    assert "a cell of the review failed" in refused("notebook", "a.pcap", "-o", str(target))
    assert not target.exists()
