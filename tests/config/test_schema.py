"""Which directives each program knows (bareos.md §5.6, §5.8), and the tables that hold them."""

from __future__ import annotations

import pytest

from auditor.config.resources import Program
from auditor.config.schema import (
    DEPRECATED_TYPES,
    OWN_RESOURCE,
    Directive,
    Kind,
    compile_table,
    keyword_set,
    resource_types,
)


def test_a_line_gives_its_names_a_kind_and_an_indented_line_goes_on() -> None:
    table = compile_table("\n    number: Port Count\n      Limit\n    text: Address\n    ")
    assert {key: directive.kind for key, directive in table.items()} == {
        "port": Kind.NUMBER,
        "count": Kind.NUMBER,
        "limit": Kind.NUMBER,
        "address": Kind.TEXT,
    }


@pytest.mark.parametrize(
    ("written", "directive"),
    [
        ("text: Plain", Directive("Plain", Kind.TEXT)),
        ("text: +Kept", Directive("Kept", Kind.TEXT, kept=True)),
        ("text: ~Old", Directive("Old", Kind.TEXT, deprecated=True)),
        ("text: Needed!", Directive("Needed", Kind.TEXT, required=True)),
        ("time: +~Both!", Directive("Both", Kind.TIME, kept=True, required=True, deprecated=True)),
        ("reference Pool: To", Directive("To", Kind.REFERENCE, "Pool")),
    ],
)
def test_signs_around_a_name_are_flags(written: str, directive: Directive) -> None:
    assert compile_table(written) == {directive.name.lower(): directive}


def test_a_target_ends_with_its_line() -> None:
    table = compile_table("reference Pool: Next\n    text: Comment")
    assert (table["next"].target, table["comment"].target) == ("Pool", "")


def test_an_alias_is_another_spelling_of_one_directive() -> None:
    table = compile_table("port: +Port=FdPort!")
    assert table["port"] is table["fdport"]
    assert (table["fdport"].name, table["fdport"].required) == ("Port", True)


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        compile_table("nonsense: Port")


#: By lower-case spelling, the alias included.
TYPES = {
    Program.DIRECTOR: {
        "director", "client", "jobdefs", "job", "storage", "catalog", "schedule", "fileset",
        "pool", "messages", "counter", "profile", "console", "user",
    },
    Program.STORAGE_DAEMON: {"storage", "director", "ndmp", "device", "messages", "autochanger"},
    Program.FILE_DAEMON: {"client", "filedaemon", "director", "messages"},
    Program.CONSOLE: {"director", "console"},
    Program.TRAY_MONITOR: {"monitor", "director", "client", "storage", "consolefont"},
}  # fmt: skip


@pytest.mark.parametrize("program", Program)
def test_each_program_has_the_resource_types_of_section_5_6(program: Program) -> None:
    assert resource_types(program).keys() == TYPES[program]
    assert resource_types.__wrapped__(program) == resource_types(program)  # kept by who asked first
    assert OWN_RESOURCE[program].lower() in TYPES[program]


def test_file_daemon_is_an_old_name_of_the_client_there_only() -> None:
    types = resource_types(Program.FILE_DAEMON)
    assert types["filedaemon"] is types["client"]
    assert "filedaemon" not in resource_types(Program.DIRECTOR)
    assert {"Counter"} == DEPRECATED_TYPES


#: Rows of the table in bareos.md §5.8: how it is written, its canonical name, its kind.
DIRECTIVES = [
    (Program.DIRECTOR, "director", "DirPort", "Port", Kind.PORT),
    (Program.DIRECTOR, "director", "DirSourceAddress", "SourceAddress", Kind.ADDRESS),
    (Program.DIRECTOR, "director", "HEARTBEATINTERVAL", "HeartbeatInterval", Kind.TIME),
    (Program.DIRECTOR, "client", "FdAddress", "Address", Kind.TEXT),
    (Program.DIRECTOR, "client", "FdPort", "Port", Kind.NUMBER),
    (Program.DIRECTOR, "client", "LanAddress", "LanAddress", Kind.TEXT),
    (Program.DIRECTOR, "client", "Passive", "Passive", Kind.BOOLEAN),
    (Program.DIRECTOR, "storage", "SdAddress", "Address", Kind.TEXT),
    (Program.DIRECTOR, "storage", "SdPassword", "Password", Kind.PASSWORD),
    (Program.DIRECTOR, "catalog", "DbPort", "DbPort", Kind.NUMBER),
    (Program.DIRECTOR, "job", "Storage", "Storage", Kind.REFERENCES),
    (Program.DIRECTOR, "schedule", "Run", "Run", Kind.RUN),
    (Program.STORAGE_DAEMON, "storage", "SdAddresses", "Addresses", Kind.ADDRESSES),
    (Program.STORAGE_DAEMON, "director", "Monitor", "Monitor", Kind.BOOLEAN),
    (Program.FILE_DAEMON, "client", "FdSourceAddress", "SourceAddress", Kind.ADDRESS),
    (Program.FILE_DAEMON, "director", "Port", "Port", Kind.NUMBER),
    (Program.CONSOLE, "director", "DirAddress", "Address", Kind.TEXT),
    (Program.CONSOLE, "console", "HeartbeatInterval", "HeartbeatInterval", Kind.TIME),
    (Program.TRAY_MONITOR, "storage", "SdPort", "Port", Kind.NUMBER),
]


@pytest.mark.parametrize(("program", "type_", "written", "name", "kind"), DIRECTIVES)
def test_directives_of_section_5_8_are_known_by_every_spelling(
    program: Program, type_: str, written: str, name: str, kind: Kind
) -> None:
    directive = resource_types(program)[type_].find(written)
    assert directive is not None
    assert (directive.name, directive.kind, directive.kept) == (name, kind, True)


@pytest.mark.parametrize(
    ("program", "type_", "written"),
    [
        (Program.FILE_DAEMON, "director", "FdPort"),  # §5.8: it has no alias
        (Program.TRAY_MONITOR, "director", "HeartbeatInterval"),  # §1.8
        (Program.DIRECTOR, "client", "TlsPskEnable"),  # §3.4
        (Program.DIRECTOR, "client", "AllowClientConnect"),  # §5.8: it is gone
        (Program.DIRECTOR, "client", "Heartbeat-Interval"),  # §5.2
    ],
)
def test_what_bareos_rejects_is_not_known(program: Program, type_: str, written: str) -> None:
    assert resource_types(program)[type_].find(written) is None


def test_keywords_are_found_in_lower_case() -> None:
    assert keyword_set("Level")["incremental"] == "Incremental"
