"""A problem as a row that rules judge."""

from __future__ import annotations

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Affected, Problem, Source
from auditor.judge.tables.problems import PROBLEMS, problem_row

KIND = ProblemKind.PORT_REPEATED


def test_a_problem_fills_every_column() -> None:
    problem = Problem(
        KIND,
        "odd",
        Source("a/fd.conf", 7),
        "Client fd1",
        "file daemon fd1",
        others=(Source("a/dir.conf", 2), Source("a/fd.conf", 7)),
        affects=(Affected("3", "director dir", "file daemon fd1"), Affected("12")),
        remedy="Write it.",
    )
    row = problem_row(problem)
    assert list(row) == list(PROBLEMS)
    assert row == {
        "kind": "port-repeated",
        "level": "warning",
        "daemon": "file daemon fd1",
        "resource": "Client fd1",
        "source": "a/fd.conf:7",
        "file": "a/fd.conf",
        "line": 7,
        "message": "odd",
        "sources": ["a/fd.conf:7", "a/dir.conf:2"],
        "affects": ["3:director dir>file daemon fd1", "12:*>*"],
        "remedy": "Write it.",
    }


def test_a_problem_of_a_file_as_a_whole_has_no_line() -> None:
    row = problem_row(Problem(KIND, "odd", Source("site.yaml", 0)))
    assert (row["source"], row["file"], row["line"]) == ("site.yaml", "site.yaml", None)


def test_a_problem_without_a_place_names_none() -> None:
    row = problem_row(Problem(KIND, "odd", None))
    assert (row["source"], row["file"], row["line"]) == ("", "", None)
    assert row["sources"] == []


def test_a_name_from_a_file_cannot_move_the_cursor() -> None:
    row = problem_row(Problem(KIND, "\x1b[2J", None, "Client \x1b", "file daemon \x1b"))
    assert "\x1b" not in "".join(map(str, row.values()))
