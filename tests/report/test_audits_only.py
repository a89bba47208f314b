"""What is for pipelines tells findings only, and no other command offers it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from audits import made
from commandline import refused

from auditor.judge.tables.table import build
from auditor.report import Report, reporter
from auditor.report.formats import AUDITS_ONLY, LISTINGS, Format


@pytest.mark.parametrize("chosen", sorted(AUDITS_ONLY))
@pytest.mark.parametrize(
    "tell",
    [
        lambda report: report.expectations(made().tables["expectations"]),
        lambda report: report.sockets(build("sockets", ())),
        lambda report: report.idle_limits([]),
        lambda report: report.rules([]),
    ],
)
def test_it_has_nothing_else(chosen: Format, tell: Callable[[Report], str]) -> None:
    with pytest.raises(NotImplementedError, match="tells audits only"):
        tell(reporter(chosen))


def test_every_format_is_of_one_kind() -> None:
    assert {*LISTINGS, *AUDITS_ONLY} == set(Format)


@pytest.mark.parametrize("name", ["a.sarif", "a.xml"])
@pytest.mark.parametrize("command", [("rules",), ("expect", "-c", "captures/trouble/config")])
def test_a_file_for_pipelines_is_refused_by_other_commands(
    command: tuple[str, ...], name: str
) -> None:
    assert "this command writes no " in refused(*command, "-o", name)
