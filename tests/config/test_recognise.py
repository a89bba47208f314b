"""Whose configuration a file is, is found by its content where its name says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant

from auditor.config.cursor import Text
from auditor.config.reading import read_configuration
from auditor.config.recognise import recognise_program
from auditor.config.resources import Program
from auditor.errors import ConfigurationError

CONSOLE_FILE = MINIMAL["bconsole"] + "Console { Name = admin; Password = p; Director = dir\n }\n"


@pytest.mark.parametrize(
    ("text", "program"),
    [
        (CONSOLE_FILE, Program.CONSOLE),
        (MINIMAL["bconsole"], Program.CONSOLE),
        (MINIMAL["tray-monitor"], Program.TRAY_MONITOR),
        (MINIMAL["tray-monitor"] + "Client { Name=c;Address=a;Password=p\n}", Program.TRAY_MONITOR),
        (MINIMAL["bareos-fd"] + "Director { Name = d; Password = p\n }", Program.FILE_DAEMON),
        (MINIMAL["bareos-sd"] + "Director { Name = d; Password = p\n }", Program.STORAGE_DAEMON),
        ("Device { Name = d; Media Type = m; Archive Device = /x\n }", Program.STORAGE_DAEMON),
        ("Director { Name = d; Password = p; Query File = q\n }", Program.DIRECTOR),
        ("Client { Name = c; Address = a; Password = p\n }", Program.DIRECTOR),
        ("Storage { Name = s; Address = a; Password = p; Device = d\n }", Program.DIRECTOR),
        ("Job { Name = j; Typo = x; Client = c; Type = Backup\n }", Program.DIRECTOR),
        ("Director { Name = d; Password = p; Address = a; Port = 1 } rubbish", Program.CONSOLE),
        ('Job { Name = j; Client = c; Type = "open quote\n', Program.DIRECTOR),
        ("FileDaemon { Name = x\n }", Program.FILE_DAEMON),
    ],
)
def test_the_content_tells_the_program(text: str, program: Program) -> None:
    guess = recognise_program(Text("x", "x", text))
    assert guess and guess.program is program


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "[Unit]\nDescription = x\n",
        "server {\n  listen 80;\n}\n",
        "Client",
        "Client {\n}",
        "Client { foo = 1; bar = 2; baz = 3\n }",
        'zone "example" { type master; };',
        '{"Client": {"Name": "x"}}',
    ],
)
def test_other_content_is_no_bareos_configuration(text: str) -> None:
    assert recognise_program(Text("x", "x", text)) is None


@pytest.mark.parametrize("name", ["bconsole-admin.conf", "other.conf", "bareos-dir-console.conf"])
def test_a_director_with_consoles_only_is_that_of_a_console(name: str, tmp_path: Path) -> None:
    """A Director needs more than a Console; a second bconsole.conf has no more than that."""
    director = "Director { Name = d; Address = a; Port = 9111; Password = none\n}\n"
    plant(tmp_path, {name: director + "Console { Name = admin; Password = p\n}\n"})
    configuration = read_configuration([tmp_path])
    assert [program.program for program in configuration.programs] == [Program.CONSOLE]
    assert configuration.problems == ()


def test_where_the_content_fits_several_programs_that_is_said(tmp_path: Path) -> None:
    path = plant(tmp_path, {"x.conf": "Director { Name = d; Password = p\n }"}) / "x.conf"
    configuration = read_configuration([path])
    assert configuration.programs[0].program is Program.FILE_DAEMON
    assert (
        "may as well be that of a storage daemon or director" in configuration.problems[0].message
    )


def test_a_file_of_any_name_may_be_given(tmp_path: Path) -> None:
    path = plant(tmp_path, {"my console.txt": CONSOLE_FILE}) / "my console.txt"
    configuration = read_configuration([path])
    assert [p.program for p in configuration.programs] == [Program.CONSOLE]
    assert not configuration.problems


def test_a_named_file_is_refused_where_the_program_would_refuse_it(tmp_path: Path) -> None:
    plant(tmp_path, {"bareos-fd.conf": "server {\n  listen 80;\n}\n"})
    with pytest.raises(ConfigurationError, match="expected a resource of a file daemon"):
        read_configuration([tmp_path])


def test_other_programs_files_beside_are_passed_over(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "bareos-fd.conf": MINIMAL["bareos-fd"],
            "nginx.conf": "server {\n  listen 80;\n}\n",
            "binary.conf": "a\0b",
        },
    )
    configuration = read_configuration([tmp_path])
    assert [p.program for p in configuration.programs] == [Program.FILE_DAEMON]
    assert ["NUL byte" in problem.message for problem in configuration.problems] == [True]


def test_a_file_that_another_includes_is_not_read_by_itself(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "bareos-dir.d/director/d.conf": MINIMAL["bareos-dir"] + "@clients/*.conf\n",
            "clients/c1.conf": "Client { Name = c1; Address = a; Password = p\n }",
        },
    )
    (program,) = read_configuration([tmp_path]).programs
    assert [client.name for client in program.of("Client")] == ["c1"]
