"""The environment variables that are documented are those that are read, and do what is said."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from commandline import run
from paths import ROOT

from auditor.cli.environment import VARIABLES, name_options, page

#: What click, the width of a terminal and the C library are read from.
OF_OTHERS = {"BAREOS_AUDIT_COMMAND_OPTION", "COLUMNS", "TZ"}


def names_read(file: Path) -> Iterator[str]:
    """Yield the variables that a module asks the environment for by name."""
    text = file.read_text(encoding="utf-8")
    if "environ" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="environ")),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name
            case ast.Subscript(
                value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))
            ):
                yield name


def test_each_that_is_read_is_documented() -> None:
    read = {name for file in (ROOT / "auditor").rglob("*.py") for name in names_read(file)}
    assert read >= {"BAREOS_AUDIT_CACHE", "NO_COLOR", "SUDO_UID"}
    assert read <= VARIABLES.keys()


def test_each_that_is_documented_is_read() -> None:
    files = [path for path in (ROOT / "auditor").rglob("*.py") if path.name != "environment.py"]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    assert {
        name for name in VARIABLES if f'"{name}"' not in source and f"'{name}'" not in source
    } <= (OF_OTHERS)


def test_the_page_is_up_to_date() -> None:
    command = "python -m auditor.cli.environment > docs/environment.md"
    assert (ROOT / "docs" / "environment.md").read_text(encoding="utf-8") == page(), command


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--idle-limit", "BAREOS_AUDIT_CHECK_IDLE_LIMIT"),
        ("-f --format chosen", "BAREOS_AUDIT_CHECK_FORMAT"),
        ("--rules more_rules", "BAREOS_AUDIT_CHECK_RULES"),
    ],
)
def test_an_option_has_the_variable_of_its_own_name(option: str, name: str) -> None:
    command = click.Command("check", params=[click.Option(option.split())])
    name_options(command, "check")
    assert command.params[0].envvar == name


def test_options_are_taken_from_the_environment() -> None:
    told = json.loads(run("rules", "login-refused", BAREOS_AUDIT_RULES_FORMAT="json").stdout)
    assert told["schema"] == "bareos-rules/1"
    plain = run("rules", "login-refused", "-f", "table", BAREOS_AUDIT_RULES_FORMAT="json").stdout
    assert plain.startswith("login-refused")


@pytest.mark.parametrize(("given", "asked"), [("1", False), ("true", False), ("0", True)])
def test_a_flag_that_denies_denies_from_the_environment_too(
    given: str, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, object] = {}
    monkeypatch.setattr("auditor.api.check", lambda **known: seen.update(known) or 1 / 0)
    run("check", "-c", "captures/trouble/config", BAREOS_AUDIT_CHECK_NO_RESOLVE=given)
    assert seen["resolve"] is asked


def test_several_paths_are_separated_by_colons(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}
    monkeypatch.setattr("auditor.api.check", lambda **known: seen.update(known) or 1 / 0)
    run("check", BAREOS_AUDIT_CHECK_CONFIG="/a:/b", BAREOS_AUDIT_CHECK_RULES="/c")
    assert (seen["config"], seen["rules"]) == (("/a", "/b"), ("/c",))
