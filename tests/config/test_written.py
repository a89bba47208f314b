"""All that a program reads is told, statement by statement, and is what it reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from paths import CAPTURES

from auditor.config.problem_kinds import ProblemKind
from auditor.config.reading import read_configuration, read_written
from auditor.config.resources import Configuration, Program
from auditor.config.written import Closed, Included, Opened, Said, Statement, Unknown

TEXT = """Director { Name = dir1; Password = "p" # a comment
  Heartbeat Interval = 1 min 30
  TlsAllowedCn = "a", b

  Strange = { x = y }
  Messages = M
}
@more/*.conf
Messages {
  Name = M
  Mail = a = all
}
FileSet { Name = f; Include { File = /x } }
"""


def outline(configuration: Configuration) -> list[object]:
    return [
        (one.program, one.whole, [(r.type, r.source, [*r.settings]) for r in one.resources])
        for one in configuration.programs
    ]


def told(folder: Path, text: str = TEXT) -> dict[str, list[Statement]]:
    (folder / "bareos-dir.conf").write_text(text)
    (program,) = read_written([folder])[1]
    return {Path(name).name: [*read] for name, read in program.statements().items()}


def spoken(statements: list[Statement]) -> list[tuple[str, int]]:
    return [
        (one.directive.name if isinstance(one, Said) else type(one).__name__, one.at.line)
        for one in statements
    ]


@pytest.mark.parametrize(
    "config", sorted(CAPTURES.rglob("config")), ids=lambda one: one.parent.name
)
def test_what_is_told_is_what_is_read(config: Path) -> None:
    configuration, programs = read_written([config])
    assert outline(configuration) == outline(read_configuration([config]))
    assert [one.program for one in programs] == [one.program for one in configuration.programs]
    for program, read in zip(programs, configuration.programs, strict=True):
        said = [one for listed in program.statements().values() for one in listed]
        assert sum(isinstance(one, Opened) for one in said) == len(read.resources)
        assert sum(isinstance(one, Closed) for one in said) == len(read.resources)
        kept = {
            (one.directive.name, one.at)
            for one in said
            if isinstance(one, Said) and one.directive.kept
        }
        assert kept >= {(s.name, s.source) for r in read.resources for s in r.settings.values()}


def test_every_statement_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/a.conf").write_text("\nPool {\n Name = p\n}")
    found = told(tmp_path)
    assert spoken(found["a.conf"]) == [("Opened", 2), ("Name", 3), ("Closed", 4)]
    assert spoken(found["bareos-dir.conf"]) == [
        *[("Opened", 1), ("Name", 1), ("Password", 1), ("HeartbeatInterval", 2)],
        *[("TlsAllowedCn", 3), ("Unknown", 5), ("Messages", 6), ("Closed", 7), ("Included", 8)],
        *[("Opened", 9), ("Name", 10), ("Mail", 11), ("Closed", 12)],
        *[("Opened", 13), ("Name", 13), ("Include", 13), ("Closed", 13)],
    ]


def test_a_value_is_told_by_its_tokens(tmp_path: Path) -> None:
    said = {
        one.directive.name: [token.text for token in one.tokens]
        for one in told(tmp_path)["bareos-dir.conf"]
        if isinstance(one, Said)
    }
    assert said["Password"] == ["p"]
    assert said["HeartbeatInterval"] == ["1", "min30"]
    assert said["TlsAllowedCn"] == ["a", "b"]


@pytest.mark.parametrize(
    ("written", "items"),
    [("a, b c, d", ["a", "bc", "d"]), ("e", ["e"]), ('"f" g', ["f"]), ("i, j; # k", ["i", "j"])],
)
def test_a_list_ends_where_it_does(tmp_path: Path, written: str, items: list[str]) -> None:
    text = f"Director {{ Name = n; Password = p\n TlsAllowedCn = {written}\n}}\n"
    (found,) = (
        [token.text for token in one.tokens]
        for one in told(tmp_path, text)["bareos-dir.conf"]
        if isinstance(one, Said) and one.directive.name == "TlsAllowedCn"
    )
    assert found == items


def test_problems_stand_with_what_has_them(tmp_path: Path) -> None:
    text = "Director { Name = a; Password = p\nHeartbeat Interval = 5 m\n@|x\n}\n"
    with_problems = {
        type(one): one.problems
        for one in told(tmp_path, text)["bareos-dir.conf"]
        if isinstance(one, Said | Included) and one.problems
    }
    assert with_problems == {
        Said: {ProblemKind.TIME_IN_MONTHS},
        Included: {ProblemKind.INCLUDE_COMMAND_NOT_RUN},
    }


def test_a_file_that_is_read_twice_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "tls.inc").write_text("TlsEnable = no\nPassword = p\n")
    found = told(
        tmp_path,
        "Director { Name = d\n@tls.inc\n}\nClient { Name = c; Address = a\n@tls.inc\n}\n"
        "Pool { Name = p\n @tls.inc\n}\n",
    )
    assert spoken(found["tls.inc"]) == [("TlsEnable", 1), ("Password", 2)]
    assert sum(isinstance(one, Included) for one in found["bareos-dir.conf"]) == 3


def test_a_run_is_told_by_its_overrides(tmp_path: Path) -> None:
    text = "Pool { Name = p\n}\nSchedule { Name = s\n Run = Level=Full Pool=p sun at 1:00\n}\n"
    (run,) = (
        one.run
        for one in told(tmp_path, text)["bareos-dir.conf"]
        if isinstance(one, Said) and one.directive.name == "Run"
    )
    assert {name: one.value for name, one in run.items()} == {"Level": "Full", "Pool": "p"}


def test_resources_that_only_bacula_has_are_not_told(tmp_path: Path) -> None:
    (tmp_path / "bacula-dir.conf").write_text("Statistics { Name = x }\nPool { Name = p\n}\n")
    (program,) = read_written([tmp_path])[1]
    (statements,) = program.statements().values()
    assert program.program is Program.DIRECTOR
    assert program.bacula
    assert [type(one) for one in statements] == [Opened, Said, Closed]
    assert not any(isinstance(one, Unknown) for one in statements)
