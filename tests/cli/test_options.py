"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from auditor.cli import options
from auditor.cli.options import RolePort
from auditor.cli.places import Place, Reports
from auditor.cli.report_options import report_options
from auditor.report.formats import Format
from auditor.report.interface import TableName

Given = Callable[..., dict[str, Any]]

ROLES = {
    ("dir", "director"): "director",
    ("fd", "file"): "file daemon",
    ("sd", "storage"): "storage daemon",
    ("db", "catalog"): "catalog",
}


@pytest.mark.parametrize(
    ("written", "role"), [(name, role) for names, role in ROLES.items() for name in names]
)
def test_a_role_by_its_name_or_its_programs(written: str, role: str) -> None:
    assert RolePort().convert(f"{written}=9103", None, None) == (role, 9103)
    assert RolePort().convert(f"{written.upper()}=00001", None, None) == (role, 1)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("tape=9103", "ROLE is one of director, dir, file, fd, storage, sd, catalog, db."),
        ("9103", "ROLE is one of"),
        ("", "ROLE is one of"),
        ("sd", "N is a TCP port, 1 to 65535."),
        *((f"sd={port}", "N is a TCP port") for port in ("", "0", "65536", "-1", "1.0", "٣", " 1")),
        ("sd=9103=1", "N is a TCP port"),
        ("sd=" + "1" * 5000, "N is a TCP port"),  # int() refuses so many digits
    ],
)
def test_what_is_no_port_of_a_role_says_what_is(written: str, reason: str) -> None:
    with pytest.raises(click.BadParameter, match=reason):
        RolePort().convert(written, None, None)


@given(st.sampled_from(["sd", "fd", "dir", "db"]), st.integers(-10, 70000))
def test_a_port_is_what_tcp_has(role: str, port: int) -> None:
    try:
        assert RolePort().convert(f"{role}={port}", None, None)[1] == port
        assert 0 < port < 65536
    except click.BadParameter:
        assert not 0 < port < 65536


def test_a_port_that_is_one_already_stays() -> None:
    assert RolePort().convert(("catalog", 5432), None, None) == ("catalog", 5432)


@pytest.fixture
def told() -> list[dict[str, Any]]:
    """What the command was given, call by call."""
    return []


@pytest.fixture
def command(told: list[dict[str, Any]]) -> click.Command:
    @click.command()
    @options.config_option(required=False)
    @options.site_options
    @report_options(Format.TABLE, Format.JSON, tables=(TableName.PROBES, TableName.FLOWS))
    @options.port_option
    @options.rules_option
    def show(**known: Any) -> None:
        told.append(known)

    return show


@pytest.fixture
def given_by(command: click.Command, told: list[dict[str, Any]]) -> Given:
    def call(*arguments: str) -> dict[str, Any]:
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == 0, result.output
        return told.pop()

    return call


def test_what_nobody_says_is_the_default(given_by: Given) -> None:
    assert given_by() == {
        "config": (),
        "site": None,
        "hosts": None,
        "resolve": True,
        "strict": False,
        "include_root": (),
        "resolve_timeout": 5.0,
        "reports": Reports((Place("-", Format.TABLE),), TableName.PROBES, named=False),
        "ports": (),
        "more_rules": (),
    }


def test_what_may_be_said_several_times_is_collected_in_order(given_by: Given) -> None:
    known = given_by(
        *("-c", "b", "--config", "a", "--port", "sd=1", "--port", "sd=2", "--no-resolve")
    )
    assert (known["config"], known["ports"]) == (
        ("b", "a"),
        (("storage daemon", 1), ("storage daemon", 2)),
    )
    assert known["resolve"] is False


def test_only_the_formats_that_a_command_has_may_be_chosen(
    command: click.Command, given_by: Given
) -> None:
    assert given_by("-f", "json")["reports"].places == (Place("-", Format.JSON),)
    result = CliRunner().invoke(command, ["-f", "csv"])
    assert (result.exit_code, "'table', 'json'" in result.output) == (2, True)
