"""What can only be judged once all resources of a program are known (bareos.md §5.4 to §5.6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from bareosconf import MINIMAL

from auditor.config import checks
from auditor.config.cursor import Text
from auditor.config.lexer import Lexer
from auditor.config.parser import Parser
from auditor.config.resource_builder import ResourceBuilder
from auditor.config.resources import Program
from auditor.errors import ConfigurationError

FD = Program.FILE_DAEMON


def built(text: str, program: Program = Program.DIRECTOR) -> Sequence[ResourceBuilder]:
    return list(Parser(program).read(Lexer(Text("x.conf", "x.conf", text))))


@pytest.mark.parametrize(
    ("program", "base", "name"),
    [
        (Program.DIRECTOR, "bareos-dir", "director dir"),
        (Program.STORAGE_DAEMON, "bareos-sd", "storage daemon sd"),
        (FD, "bareos-fd", "file daemon fd"),
        (Program.TRAY_MONITOR, "tray-monitor", "tray monitor mon"),
        (Program.CONSOLE, "bconsole", ""),
    ],
)
def test_a_program_goes_by_the_name_of_its_own_resource(
    program: Program, base: str, name: str
) -> None:
    """A bconsole without a Console is the default console, which has no name (§1.1)."""
    assert checks.daemon_of(program, built(MINIMAL[base], program)) == name


def test_a_bconsole_goes_by_the_name_of_its_first_console() -> None:
    text = MINIMAL["bconsole"] + "Console { Name = a\n }\nConsole { Name = b\n }\n"
    assert checks.daemon_of(Program.CONSOLE, built(text, Program.CONSOLE)) == "console a"


def test_without_its_own_resource_a_program_has_no_name_and_is_a_part() -> None:
    builders = built("Director { Name = dir\n }\n", FD)
    assert not checks.is_whole(FD, builders)
    assert checks.daemon_of(FD, builders) == ""
    (problem,) = checks.missing_own(FD, builders, Path("etc\n"))
    assert problem.kind == "configuration-partial"
    assert "is only a part of the configuration of a file daemon: it has no Client" in str(problem)
    assert "\n" not in str(problem)


def test_a_program_with_its_own_resource_is_whole() -> None:
    builders = built(MINIMAL["bareos-fd"], FD)
    assert checks.is_whole(FD, builders)
    assert not list(checks.missing_own(FD, builders, Path("etc")))


JOB = "Job { Name = j\n Client = c1\n Storage = s1\n }\n"


def test_a_reference_into_what_was_not_given_is_a_problem_at_its_line() -> None:
    """§5.5: it must exist, but a part of a configuration may have it elsewhere."""
    given = built(JOB + "Storage { Name = s1\n }\n")
    (problem,) = checks.dangling(given, all_given=False)
    assert str(problem) == "x.conf:2: Client names the Client 'c1', which was not given"
    assert problem.resource == "Job j"


def test_a_reference_to_nothing_is_an_error_where_all_was_given() -> None:
    with pytest.raises(ConfigurationError, match="names the Client 'c1', which does not exist"):
        list(checks.dangling(built(JOB), all_given=True))


def test_a_name_is_exact_and_of_one_type() -> None:
    """§5.2: resource names are case-sensitive."""
    given = built(JOB + "Client { Name = C1\n }\nPool { Name = c1\n }\nStorage { Name = s1\n }\n")
    assert len(list(checks.dangling(given, all_given=False))) == 1


def test_of_two_resources_of_a_name_the_second_is_refused_and_the_first_named() -> None:
    twice = built("Pool { Name = p\n }\nPool { Name = P\n }\nPool { Name = p\n }\n")
    with pytest.raises(ConfigurationError, match=r"x\.conf:5: a second Pool named 'p'.*x\.conf:1"):
        checks.refuse_duplicates(twice)
    checks.refuse_duplicates(twice[:2])


@pytest.mark.parametrize(("count", "further"), [(1, []), (3, ["Client b", "Client c"])])
def test_each_further_own_resource_is_a_problem(count: int, further: list[str]) -> None:
    text = "".join(f"Client {{ Name = {name}\n }}\n" for name in "abc"[:count])
    found = list(checks.count_own(FD, built(text, FD)))
    assert [problem.resource for problem in found] == further
    assert all("exactly one Client, and one is at x.conf:1" in str(one) for one in found)


def test_a_bconsole_may_know_several_directors() -> None:
    assert not list(checks.count_own(Program.CONSOLE, built(MINIMAL["bconsole"] * 2)))
