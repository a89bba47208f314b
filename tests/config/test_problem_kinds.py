"""What is wrong in a configuration: its kind, its level, its place and whom it concerns."""

from __future__ import annotations

from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant

from auditor.config.problem_kinds import Level, ProblemKind
from auditor.config.reading import read_configuration
from auditor.config.resources import Problem, Source


def test_the_levels_go_from_worst_to_best() -> None:
    assert [str(level) for level in Level] == ["error", "warning", "note"]
    assert {kind.level for kind in ProblemKind} == set(Level)


def test_a_kind_is_spelt_like_the_id_of_a_rule() -> None:
    for kind in ProblemKind:
        assert kind == kind.name.lower().replace("_", "-")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (Source("fd.conf", 3), "fd.conf:3: odd"),
        (Source("site.yaml", 0), "site.yaml: odd"),
        (None, "odd"),
    ],
)
def test_a_problem_is_a_sentence_that_begins_with_its_place(
    source: Source | None, sentence: str
) -> None:
    assert str(Problem(ProblemKind.TEXT_IGNORED, "odd", source)) == sentence


CLIENT = "Client { Name = fd; Address = My Host; Password = p\n}\n"
FILES = {
    "bareos-dir": MINIMAL["bareos-dir"]
    + "Client { Name = fd; Address = My Host; Password = p\n}\n",
    "bareos-fd": "Client { Name = fd\n}\nDirector { Name = dir; Address = My Host\n}\n",
    "bconsole": MINIMAL["bconsole"] + "Console { Name = admin; Password = My Word\n}\n",
    "tray-monitor": MINIMAL["tray-monitor"] + "Director { Name = dir; Address = My Host\n}\n",
}


@pytest.mark.parametrize(
    ("base", "daemon", "resource"),
    [
        ("bareos-dir", "director dir", "Client fd"),
        ("bareos-fd", "file daemon fd", "Director dir"),
        ("bconsole", "console admin", "Console admin"),
        ("tray-monitor", "tray monitor mon", "Director dir"),
    ],
)
def test_a_problem_names_the_daemon_and_the_resource(
    base: str, daemon: str, resource: str, tmp_path: Path
) -> None:
    plant(tmp_path, {f"{base}.conf": FILES[base]})
    found = read_configuration([tmp_path]).problems
    dropped = [problem for problem in found if problem.kind is ProblemKind.BLANKS_DROPPED]
    assert [(problem.daemon, problem.resource) for problem in dropped] == [(daemon, resource)]


def test_a_problem_of_a_part_without_its_own_resource_names_no_daemon(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.d/director/a.conf": "Director { Name = a; Password = My Word\n}\n"})
    problems = read_configuration([tmp_path]).problems
    assert {(problem.daemon, problem.resource) for problem in problems} == {
        ("", "Director a"),
        ("", ""),
    }


def test_a_resource_is_named_though_its_name_comes_after_the_problem(tmp_path: Path) -> None:
    text = "Client { TLS Enable = true\n Colour = red\n Name = fd\n}\n"
    plant(tmp_path, {"bareos-fd.conf": text})
    problems = read_configuration([tmp_path]).problems
    assert {problem.resource for problem in problems} == {"Client fd"}
