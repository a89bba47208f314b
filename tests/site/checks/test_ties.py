"""Which daemon has which configuration, told without its password."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import SD1, edited
from site_of import site_of

from auditor.config.problem_kinds import ProblemKind

SD = edited("sd1", "Name = sd1", "Name = vault").replace("sd1pw", "other")
DIR = edited("dir", "Name = sd1;", "Name = Vault;").replace("Storage = sd1", "Storage = Vault")


def tied(folder: Path, **changes: str | None) -> bool:
    """Whether the Storage Daemon is held to be that of the Director's Storage."""
    problems = site_of(folder, **changes).problems
    return any(one.kind is ProblemKind.PASSWORD_DIFFERS for one in problems)


def test_the_same_name_ties(tmp_path: Path) -> None:
    assert tied(tmp_path, sd1=edited("sd1", "sd1pw", "other"))


def test_a_device_that_no_other_has_ties(tmp_path: Path) -> None:
    assert tied(tmp_path, dir=DIR, sd1=SD)


def test_a_device_that_another_storage_names_too_ties_nothing(tmp_path: Path) -> None:
    director = DIR.replace("Device = d2", "Device = d1")
    assert not tied(tmp_path, dir=director, sd1=SD, sd2=None)


def test_a_device_that_another_daemon_has_too_ties_nothing(tmp_path: Path) -> None:
    sd2 = edited("sd2", "Name = d2", "Name = d1")
    assert not tied(tmp_path, dir=DIR, sd1=SD, sd2=sd2)


@pytest.mark.parametrize(
    ("address", "expected"), [(SD1, True), ("10.0.0.99", False), ("127.0.0.1", False)]
)
def test_the_address_that_is_dialled_and_listened_on_ties(
    address: str, expected: bool, tmp_path: Path
) -> None:
    sd = SD.replace("Name = vault;", f"Name = vault; Address = {address};").replace("d1;", "d9;")
    assert tied(tmp_path, dir=DIR, sd1=sd, sd2=None) is expected
