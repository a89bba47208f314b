"""What is wrong in a configuration itself, once."""

from __future__ import annotations

from audits import FINDING, made

from auditor.report.told.problems import by_sentence, left_problems
from auditor.report.told.view import View


def test_equal_sentences_are_one_with_every_place() -> None:
    assert by_sentence(["a.conf:1: odd", "b.conf:2: odd", "nothing was read"]) == {
        "odd": ["a.conf:1", "b.conf:2"],
        "nothing was read": [],
    }


def test_what_is_a_finding_is_told_there() -> None:
    finding = {**FINDING, "message": "odd", "sources": ["a.conf:1"]}
    view = View(made(findings=[finding], problems=["a.conf:1: odd", "a.conf:2: odd"]))
    assert left_problems(view) == {"odd": ["a.conf:2"]}
