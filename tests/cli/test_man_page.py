"""The manual page: readers of man(7) take it, and all that --help says is in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import click
import pytest
from commandline import run

from auditor.cli import man_page as module
from auditor.cli.main import cli
from auditor.cli.man_page import man_page

DAY = date(2026, 2, 28)


def shown(page: str, tmp_path: Path) -> str:
    """Return a page as man(1) shows it, without its line breaks."""
    if shutil.which("man") is None:
        pytest.skip("man is not installed")
    file = tmp_path / "page.1"
    file.write_text(page, encoding="ascii")
    settings = {**os.environ, "MANWIDTH": "5000", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"}
    command = ["man", "--local-file", "--warnings", "--nj", "--nh", file]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=settings)
    assert done.stderr == ""
    return " ".join(done.stdout.split())


def commands() -> dict[str, click.Command]:
    context = click.Context(cli)
    found = {name: cli.get_command(context, name) for name in cli.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def test_mandoc_finds_nothing_to_say_against_it() -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not installed")
    command = ["mandoc", "-T", "lint", "-W", "warning"]
    done = subprocess.run(
        command, input=man_page(cli, DAY), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_all_that_the_help_says_is_in_it(tmp_path: Path) -> None:
    text = shown(man_page(cli, DAY), tmp_path)
    for name, command in commands().items():
        assert f"bareos-audit {name} [OPTIONS]" in text
        for paragraph in re.split(r"\n\s*\n", f"{command.help}\n\n{command.epilog or ''}"):
            assert " ".join(paragraph.replace("\b", "").split()) in text
        for option in command.params:
            if isinstance(option, click.Option):
                assert " ".join((option.help or "").split()) in text
                assert max(option.opts, key=len) in text


def test_it_says_of_what_it_is_and_from_when(tmp_path: Path) -> None:
    text = shown(man_page(cli, DAY), tmp_path)
    assert text.startswith(
        "BAREOS-AUDIT(1) User Commands BAREOS-AUDIT(1) NAME bareos-audit - prove"
    )
    assert "2026-02-28" in text
    for heading in ("SYNOPSIS", "OPTIONS -V, --version", "EXIT STATUS", "ENVIRONMENT", "FILES"):
        assert heading in text


@pytest.mark.parametrize(
    "text", [".SH no request", "'nor this", r"C:\fBnot bold\fR", 'a "quoted" word', "Müller – ok"]
)
def test_no_text_is_taken_for_a_request(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FILES", {text: text, "second": f"{text}\n{text}"})
    page = man_page(cli, DAY)
    assert f"{text} {text} second {text} {text}" in shown(page, tmp_path)


def test_the_help_of_options_that_all_have_is_told_once() -> None:
    assert man_page(cli, DAY).count(r"\-\-help\fR") == 1
    assert "-h, --help" in run("check", "--help").stdout
