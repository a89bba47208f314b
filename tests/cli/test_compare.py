"""``compare``: what two audits differ in, with exit codes as of diff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import HEARTBEAT, TROUBLE, refused, run


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("saved")
    paths = str(folder / "heartbeat.json"), str(folder / "trouble.json")
    for made, path in zip((HEARTBEAT, TROUBLE), paths, strict=True):
        run(*made, "-f", "json", "-o", path)
    return paths


def test_what_differs_exits_with_one_as_diff_does(saved: tuple[str, str]) -> None:
    healthy, trouble = saved
    opened = run("compare", healthy, trouble)
    assert opened.exit_code == 1
    assert opened.stdout.startswith("3 opened, 0 closed, 0 unchanged\n")
    closed = run("compare", trouble, healthy)
    assert closed.exit_code == 1
    assert closed.stdout.startswith("0 opened, 3 closed, 0 unchanged\n")
    assert run("compare", healthy, trouble, "--exit-zero").exit_code == 0


@pytest.mark.parametrize("which", [0, 1])
def test_what_does_not_exits_with_zero(saved: tuple[str, str], which: int) -> None:
    assert run("compare", saved[which], saved[which]).exit_code == 0


def test_a_file_takes_what_is_compared(saved: tuple[str, str], tmp_path: Path) -> None:
    target = tmp_path / "compared.json"
    assert run("compare", *saved, "-f", "json", "-o", str(target)).exit_code == 1
    assert json.loads(target.read_text())["summary"] == {"opened": 3, "closed": 0, "unchanged": 0}


def test_what_is_no_report_is_refused(saved: tuple[str, str], tmp_path: Path) -> None:
    assert "No such file" in refused("compare", saved[0], str(tmp_path / "none.json"))


def test_captures_and_a_configuration_alone_are_not_compared(
    saved: tuple[str, str], tmp_path: Path
) -> None:
    check = str(tmp_path / "check.json")
    run("check", TROUBLE[2], "--no-resolve", "-f", "json", "-o", check)
    assert "cannot be compared" in refused("compare", saved[0], check)
