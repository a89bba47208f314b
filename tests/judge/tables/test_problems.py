"""A problem as a row that rules judge."""

from __future__ import annotations

from pathlib import Path

from scene import DIR, DIRECTOR, FD1, SD1, Wire, audit, edited, failed, network, refused

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
        "works": False,
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


def test_what_captures_show_to_work_is_that_of_a_connection_concerned() -> None:
    dialled = Affected("3", "director dir", "file daemon fd1")
    problem = Problem(KIND, "odd", None, affects=(dialled, Affected("12")))
    assert problem_row(problem, frozenset({dialled}))["works"]
    assert not problem_row(problem, frozenset({dialled._replace(connection="7")}))["works"]


MAPPED = f"Storage {{ Name = sd1; Address = {SD1}; Port = 19103"


def told(folder: Path, wire: Wire) -> list[str]:
    director = edited("dir", f"Storage {{ Name = sd1; Address = {SD1}", MAPPED)
    result = audit(folder, wire, network(dir=director))
    return [rule for rule in failed(result) if rule == "port-not-listened"]


def test_a_port_that_a_container_forwards_is_no_fault_once_a_login_was_seen(tmp_path: Path) -> None:
    """The tray monitor dials the inner port, the Director the outer one, and is let in there."""
    let_in = Wire().dial(DIR, SD1, 19103, DIRECTOR)
    assert told(tmp_path / "seen", let_in) == []


def test_it_is_one_where_nobody_was_let_in(tmp_path: Path) -> None:
    wrong_key = Wire().dial(DIR, SD1, 19103, refused("R_DIRECTOR\x1edir"))
    assert told(tmp_path / "refused", wrong_key) == ["port-not-listened"]
    elsewhere = Wire().dial(DIR, FD1, 9102, DIRECTOR)
    assert told(tmp_path / "elsewhere", elsewhere) == ["port-not-listened"]
