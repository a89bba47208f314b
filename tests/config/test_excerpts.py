"""What reports show of a configuration: the lines, and never a secret in them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.config.excerpts import MAX_CHARACTERS, Texts, hidden
from auditor.config.reading import read_configuration

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('Password = "hunter2"', "Password = …"),
        ("Pass word=hunter2 # hunter2", "Pass word=…# …"),
        ('pAsSwOrD = "a\\"hunter2}" ; Port = 9102', "pAsSwOrD = … ; Port = 9102"),
        ('Password = "hunter2\n  hunter2"\nName = fd1', "Password = …\n\nName = fd1"),
        ('Password = "x"\n "hunter2"\n', "Password = …\n …\n"),
        ("Password = Port=hunter2", "Password = …"),
        ("Password = Name = hunter2", "Password = …"),
        ("Password\n = hunter2", "…\n …"),
        ("DbPassword = hunter2", "DbPassword = …"),
        ('DbName = "host=db password=hunter2"', "DbName = …"),
        ('Plugin Options = "python:password=hunter2"', "Plugin Options = …"),
        ("# the old one was hunter2", "# …"),
        ('Description = "hunter2"', "Description = …"),
        ("@|\"sh -c 'echo hunter2'\"", "…"),
        ('@"/etc/hunter2 x"', "…"),
        ("Unheard Of = hunter2", "Unheard Of = …"),
        ("Mail Command = hunter2", "Mail Command = …"),
        ('Name = "fd1"\n"hunter2"', 'Name = "fd1"\n…'),
        ('Password = "hunter2', "Password = …"),
        ('Key Encryption Key = "hunter2"', "Key Encryption Key = …"),
        ("mail = hunter2@x = all, !skipped", "mail = …"),
        ("hunter2", "…"),
    ],
)
def test_what_may_be_secret_is_hidden(written: str, shown: str) -> None:
    assert hidden(written) == shown


@pytest.mark.parametrize(
    "line",
    [
        "Client {",
        "Heart beat Interval = 60",
        'Name = "fd1"; Address = 192.0.2.1; Passive = yes }',
        "  Connection From Client To Director = no",
        "Addresses = {",
        "ipv6 = { addr = 2001:db8::1; port = 9102 }",
        "@/etc/bareos/bareos-dir.d/extra.conf",
        "Maximum Concurrent Jobs = 20",
        "TLS Require = no",
        "",
    ],
)
def test_what_decides_a_connection_is_shown(line: str) -> None:
    shown = hidden(line)
    assert shown in {line, line.replace("ipv6 = {", "ipv6 = …{")}


MARKS = ["=", " = ", "{", "}", ";", "\n", '"', "\\", "#", "@", "@|", ",", " ", "\t", "\r"]
WORDS = st.sampled_from(["Name", "Password", "Pass Word", SECRET, "Port", "Client", *MARKS])


@given(st.lists(WORDS, max_size=40))
def test_as_many_lines_are_shown_as_there_are(parts: list[str]) -> None:
    text = "".join(parts)
    assert hidden(text).count("\n") == text.count("\n")


@given(st.lists(WORDS, max_size=12))
def test_the_value_of_a_password_is_never_shown(before: list[str]) -> None:
    """Whatever stands before it, unless that is a quote or comment which it is a part of."""
    begun = "".join(before)
    if '"' in begun or SECRET in begun:
        return
    assert SECRET not in hidden(f"{begun}\nPassword = {SECRET}\n")


def texts(**files: str) -> Texts:
    kept = Texts()
    for name, content in files.items():
        kept.keep(name, content)
    return kept


def test_an_excerpt_has_the_line_and_those_around_it() -> None:
    found = texts(a="".join(f"Port = {number}\n" for number in range(1, 10))).excerpt("a:5")
    assert found is not None
    assert (found.source, found.line, found.first) == ("a:5", 5, 3)
    assert found.lines == tuple(f"Port = {number}" for number in range(3, 8))


@pytest.mark.parametrize(("source", "first", "last"), [("a:1", 1, "Port = 3"), ("a:9", 7, "")])
def test_at_an_end_of_the_file_it_is_shorter(source: str, first: int, last: str) -> None:
    found = texts(a="".join(f"Port = {number}\n" for number in range(1, 9))).excerpt(source)
    assert found is not None
    assert (found.first, found.lines[-1]) == (first, last)


@pytest.mark.parametrize("source", ["a", "a:", "a:0", "a:3", "b:1", "a:x", "a:²", "a:99999999999"])
def test_what_was_not_read_has_none(source: str) -> None:
    assert texts(a="Port = 1\n").excerpt(source) is None


def test_nothing_in_it_moves_a_cursor() -> None:
    found = texts(a="Name = a\x1b[31m\u202eb\t\r\n").excerpt("a:1")
    assert found is not None
    assert found.lines[0].isprintable()


def test_a_long_line_is_cut() -> None:
    found = texts(a="Name = " + "a" * 100_000).excerpt("a:1")
    assert found is not None
    assert len(found.lines[0]) <= 1000


def test_a_file_beyond_all_measure_is_not_quoted() -> None:
    kept = texts(a="Port = 1\n", b="x" * MAX_CHARACTERS, c="Port = 3\n")
    assert kept.excerpt("a:1") is not None
    assert kept.excerpt("b:1") is None


def test_a_configuration_shows_what_was_read_included_files_too(tmp_path: Path) -> None:
    more = tmp_path / "more.conf"
    more.write_text(f"Console {{ Name = c; Password = {SECRET} }}\n")
    file = tmp_path / "bareos-dir.conf"
    file.write_text(f"Director {{ Name = dir; Password = {SECRET}\n}}\n@{more}\n")
    configuration = read_configuration([tmp_path])
    for place, shown in (
        (f"{file}:1", "Director { Name = dir; Password = …"),
        (f"{more}:1", "Console { Name = c; Password = …}"),
    ):
        found = configuration.excerpt(place)
        assert found is not None
        assert found.lines[0] == shown
    assert SECRET not in repr(configuration)
