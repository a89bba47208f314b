"""What the README says of the program is what the program says."""

from __future__ import annotations

import re
import shlex

import pytest
from audits import ROOT
from commandline import run

_BLOCK = re.compile(
    r"^```[a-z]*\n\$ bareos-audit(?P<arguments>[^\n]*)\n(?P<output>.*?)^```$", re.M | re.S
)


def blocks(text: str) -> list[tuple[str, str]]:
    """Return (arguments, output) of the fenced blocks that show a command asked for help."""
    found = [(match["arguments"], match["output"]) for match in _BLOCK.finditer(text)]
    return [(arguments, output) for arguments, output in found if "--help" in arguments]


def readme() -> str:
    path = ROOT / "README.md"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def check(text: str) -> None:
    for arguments, output in blocks(text):
        assert run(*shlex.split(arguments), COLUMNS="80").stdout.strip() == output.strip()


def test_every_help_in_the_readme_is_the_program_s_own() -> None:
    check(readme())


def test_a_help_that_differs_is_noticed() -> None:
    text = f"```console\n$ bareos-audit --help\n{run('--help', COLUMNS='80').stdout}```\n"
    check(text)
    with pytest.raises(AssertionError):
        check(text.replace("analyze", "analyse"))


def test_other_blocks_are_left_alone() -> None:
    assert blocks("```console\n$ bareos-audit analyze x\nanything\n```\n") == []
