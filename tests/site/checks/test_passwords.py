"""Passwords that two ends must share: named with both lines, and only where it is certain."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import edited
from site_of import at, site_of

from auditor.config.problem_kinds import ProblemKind
from auditor.config.resources import Problem


def differing(folder: Path, **changes: str | None) -> list[Problem]:
    """The problems of this kind in the network with these changes."""
    problems = site_of(folder, **changes).problems
    return [one for one in problems if one.kind is ProblemKind.PASSWORD_DIFFERS]


def test_a_network_whose_passwords_agree_has_no_such_problem(tmp_path: Path) -> None:
    assert differing(tmp_path) == []


@pytest.mark.parametrize(
    ("host", "places", "affects"),
    [
        ("fd1", ["fd1:3", "dir:4"], ["3:director dir>file daemon fd1"]),
        ("sd2", ["sd2:3", "dir:9"], ["5a:director dir>storage daemon sd2"]),
        ("con", ["con:2", "dir:2"], ["2:console *UserAgent*>director dir"]),
    ],
)
def test_both_lines_and_the_connections_are_named(
    host: str, places: list[str], affects: list[str], tmp_path: Path
) -> None:
    password = {"fd1": "fd1pw", "sd2": "sd2pw", "con": "dirpw"}[host]
    (problem,) = differing(tmp_path, **{host: edited(host, f"= {password}", "= other")})
    assert [at(source) for source in problem.sources] == places
    assert [str(one) for one in problem.affects][:1] == affects
    assert str(problem.others[0]) in problem.message
    assert str(problem.others[0]) in problem.remedy


def test_the_password_of_the_director_itself_is_called_that(tmp_path: Path) -> None:
    (problem,) = differing(tmp_path, con=edited("con", "= dirpw", "= other"))
    assert " is not that of director dir (" in problem.message


def test_a_client_initiated_connection_needs_the_same_password(tmp_path: Path) -> None:
    (problem,) = differing(tmp_path, fd3=edited("fd3", "fd3pw", "other"))
    assert "4:file daemon fd3>director dir" in map(str, problem.affects)


def test_the_hash_of_a_password_is_that_password(tmp_path: Path) -> None:
    hashed = '"[md5]' + "9c5c1fbb05d7d5f2e0d5b5a2d6b6a2e3" + '"'
    assert len(differing(tmp_path, fd1=edited("fd1", "fd1pw", hashed))) == 1


NAMED = "Console { Name = admin; Password = adminpw }\n"


@pytest.mark.parametrize(("password", "found"), [("adminpw", 0), ("other", 1)])
def test_a_named_console_has_its_own_password(password: str, found: int, tmp_path: Path) -> None:
    con = edited("con", "dirpw", "unused") + NAMED.replace("adminpw", password)
    problems = differing(tmp_path, con=con)
    assert [str(one) for problem in problems for one in problem.affects] == [
        "1:console admin>director dir"
    ][:found]


def test_a_password_that_was_taken_out_of_a_copy_does_not_differ(tmp_path: Path) -> None:
    assert differing(tmp_path, fd1=edited("fd1", "; Password = fd1pw }", " }")) == []


def test_a_daemon_that_has_the_password_of_another_client_is_not_this_ones(tmp_path: Path) -> None:
    """fd1's name in the file of fd2: which of the two it is cannot be told."""
    fd = edited("fd2", "Name = fd2", "Name = fd1")
    assert differing(tmp_path, fd1=None, fd2=fd) == []
