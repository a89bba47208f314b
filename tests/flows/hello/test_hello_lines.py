"""Every row of the table in bareos.md §3.3, its older forms included."""

from __future__ import annotations

import pytest

from auditor.flows.flow import Identity
from auditor.flows.hello.hello_lines import Claim, name_in_line, read_line

NEW = 'Version="26.0.0"'
FULL = "26.0.0~pre1298.eda204c31.dirty"
JOB = "backup-fd1.2026-11-22_22.27.08_03"
DIRECTOR = "3 5a 5b 10 11"

FORMS = [
    (f'Hello admin calling version {FULL} Version="26.0.0"', "R_CONSOLE admin", "1 9", "26.0.0"),
    ("Hello admin calling version 18.2.5", "R_CONSOLE admin", "1 9", "18.2.5"),
    ("Hello admin calling version 17.2.4 (21 Sep 2017)", "R_CONSOLE admin", "1 9", "17.2.4"),
    ("Hello admin calling", "R_CONSOLE admin", "1 9", ""),
    (
        f'Hello *UserAgent* calling version {FULL} Version="26.0.0"',
        "R_CONSOLE *UserAgent*",
        "2",
        "26.0.0",
    ),
    ("Hello *UserAgent* calling", "R_CONSOLE *UserAgent*", "2", ""),
    (
        'Hello Director bareos-dir calling Version="26.0.0"',
        "R_DIRECTOR bareos-dir",
        DIRECTOR,
        "26.0.0",
    ),
    ("Hello Director bareos-dir calling", "R_DIRECTOR bareos-dir", DIRECTOR, ""),
    (
        'Hello Client fd3 FdProtocolVersion=54 calling Version="26.0.0"',
        "R_CLIENT fd3",
        "4",
        "26.0.0",
    ),
    ("Hello Client fd3 FdProtocolVersion=54 calling", "R_CLIENT fd3", "4", ""),
    ("Hello Client fd3 calling", "R_CLIENT fd3", "4", ""),
    (f'Hello Start Job {JOB} Version="26.0.0"', f"R_JOB {JOB}", "6", "26.0.0"),
    (f"Hello Start Job {JOB}", f"R_JOB {JOB}", "6", ""),
    (f'Hello Storage calling Start Job {JOB} Version="26.0.0"', f"R_JOB {JOB}", "7", "26.0.0"),
    (f"Hello Storage calling Start Job {JOB}", f"R_JOB {JOB}", "7", ""),
    (f'Hello Start Storage Job {JOB} Version="26.0.0"', f"R_JOB {JOB}", "8", "26.0.0"),
    (f"Hello Start Storage Job {JOB}", f"R_JOB {JOB}", "8", ""),
]


@pytest.mark.parametrize(("line", "identity", "connections", "version"), FORMS)
def test_a_form_of_the_table_is_read(
    line: str, identity: str, connections: str, version: str
) -> None:
    kind, name = identity.split(" ", 1)
    expected = Claim(Identity(kind, name), frozenset(connections.split()), version)
    assert read_line(line) == expected


BACULA = [
    ("Hello Director dir1 calling 10002", "R_DIRECTOR dir1", DIRECTOR),
    ("Hello Director dir1 calling 10102 tlspsk=100", "R_DIRECTOR dir1", DIRECTOR),
    ("Hello SD: Bacula Director dir1 calling 10002", "R_DIRECTOR dir1", "5a 5b 11"),
    ("Hello admin calling 102 tlspsk=100", "R_CONSOLE admin", "1 9"),
    (f"Hello Bacula SD: Start Job {JOB} 214 10002 tlspsk=100", f"R_JOB {JOB}", "6"),
    (f"Hello Start Job {JOB} 5", f"R_JOB {JOB}", "6"),
    (f"Hello FD: Bacula Storage calling Start Job {JOB} 3", f"R_JOB {JOB}", "7"),
]


@pytest.mark.parametrize(("line", "identity", "connections"), BACULA)
def test_a_line_that_only_bacula_says_is_told(line: str, identity: str, connections: str) -> None:
    kind, name = identity.split(" ", 1)
    expected = Claim(Identity(kind, name), frozenset(connections.split()), "", bacula=True)
    assert read_line(line) == expected


def name_of(line: str) -> str:
    claim = read_line(line)
    return str(claim.identity) if claim else ""


def test_bashed_blanks_are_restored() -> None:
    assert name_of("Hello Director my\x01dir calling") == "R_DIRECTOR my dir"
    assert name_of("Hello Start Job a\x01job.2026") == "R_JOB a job.2026"


def test_a_file_daemon_sends_its_blanks_as_they_are() -> None:
    line = 'Hello Client my own fd FdProtocolVersion=54 calling Version="26.0.0"'
    assert name_of(line) == "R_CLIENT my own fd"


@pytest.mark.parametrize("name", ["Director", "Client", "Storage", "Start", "Version"])
def test_a_console_may_be_named_like_the_beginning_of_another_form(name: str) -> None:
    assert name_of(f'Hello {name} calling version 26 Version="26.0.0"') == f"R_CONSOLE {name}"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Hello ",
        "Hello",
        "Hello calling",
        "Hello admin",
        "hello admin calling",
        "Hello admin calling you",
        "Hello Start Job ",
        'Hello admin calling Version="26.0.0" more',
    ],
)
def test_a_line_of_no_known_form_claims_nothing(line: str) -> None:
    assert read_line(line) is None


@pytest.mark.parametrize(
    "line", ["Hello {} calling", "Hello Start Job {}", "Hello Director {} calling 1"]
)
def test_the_place_of_a_name_is_found(line: str) -> None:
    found = name_in_line(line.format("a name"))
    assert found == (line.index("{"), line.index("{") + 6)
    assert name_in_line("Hello world") is None
