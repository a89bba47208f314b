"""Overrides in the ``Run`` of a Schedule: they change who connects to whom (bareos.md §5.6)."""

from __future__ import annotations

import pytest
from bareosconf import parse

from auditor.config.runs import run_target
from auditor.errors import ConfigurationError


def overrides(run: str) -> dict[str, object]:
    parsed = parse(f"Schedule {{\n Name = s\n Run = {run}\n}}\n")
    (found,) = parsed.only.runs
    return {name: setting.value for name, setting in found.items()}


@pytest.mark.parametrize(
    ("run", "kept"),
    [
        ("INCREMENTAL daily at 1:00", {"Level": "Incremental"}),
        ("level = full daily", {"Level": "Full"}),
        ("Full Level=Incremental daily", {"Level": "Incremental"}),
        ('DifferentialPool="my pool" at 1:00', {"DifferentialPool": "my pool"}),
        ("IncrementalPool=i Storage=s", {"IncrementalPool": "i", "Storage": "s"}),
        ("Messages=m SpoolData=yes MaxRunSchedTime=x Priority=7 at 1:00", {}),
        ("at 1:00", {}),
        ("daily, hourly at 0:05; Enabled = yes", {}),
    ],
)
def test_only_what_matters_to_the_network_is_kept(run: str, kept: dict[str, str]) -> None:
    assert overrides(run) == kept


@pytest.mark.parametrize(
    "run", ["Storage=7 at 1:00", "Storage={ at 1:00", f"Pool={'x' * 128}", "Level=Hourly", "at { 1"]
)
def test_what_is_no_override_and_no_time_is_an_error(run: str) -> None:
    with pytest.raises(ConfigurationError):
        overrides(run)


@pytest.mark.parametrize(
    ("name", "target"),
    [("FullPool", "Pool"), ("nextpool", "Pool"), ("Storage", "Storage"), ("Level", "")],
)
def test_an_override_that_names_a_resource_is_a_reference(name: str, target: str) -> None:
    assert run_target(name) == target
