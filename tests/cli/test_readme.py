"""What the README says of the program is what the program says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from audits import ROOT
from commandline import run

from auditor.site.site_file import read_site_file

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


def fenced(beginning: str) -> str:
    """Return the fenced block that begins with these words."""
    (found,) = re.findall(rf"^```\w*\n({re.escape(beginning)}.*?)^```$", readme(), re.M | re.S)
    return str(found)


def test_the_report_in_the_readme_is_what_the_command_says() -> None:
    case = "captures/cases/16-sd-password-differs"
    given = ("analyze", f"{case}/capture.pcap", "--config", f"{case}/config", "--no-resolve")
    said = run(*given, COLUMNS="100")
    assert said.stdout.startswith(fenced("fail (high)"))


def test_the_site_file_in_the_readme_is_one(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(fenced("hosts:"))
    site = read_site_file(tmp_path / "site.yaml")
    assert (len(site.hosts), len(site.waivers)) == (1, 1)


def test_the_commands_in_the_readme_are_those_that_there_are() -> None:
    """Each that is shown begins with a command, and has only options that it has."""
    shown = re.findall(r"(?:^\$ (?:sudo )?|`|\| )bareos-audit ([^#`\n]*)", readme(), re.M)
    assert len(shown) > 10
    for line in shown:
        command, *words = shlex.split(line)
        known = set(re.findall(r"(?<![\w-])--?[a-z-]+", run(command, "--help").stdout))
        assert {word.partition("=")[0] for word in words if word[0] == "-" != word} <= known, line


def test_the_commands_in_the_docs_have_the_options_that_they_show() -> None:
    for path in sorted((ROOT / "docs").glob("*.md")):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"^\$ (?:sudo )?bareos-audit ([^#|\n]*)", text, re.M):
            command, *words = shlex.split(line)
            known = set(re.findall(r"(?<![\w-])--?[a-z-]+", run(command, "--help").stdout))
            used = {word.partition("=")[0] for word in words if word[0] == "-" != word}
            assert used <= known, (path.name, line)


def test_a_help_that_differs_is_noticed() -> None:
    text = f"```console\n$ bareos-audit --help\n{run('--help', COLUMNS='80').stdout}```\n"
    check(text)
    with pytest.raises(AssertionError):
        check(text.replace("analyze", "analyse"))


def test_other_blocks_are_left_alone() -> None:
    assert blocks("```console\n$ bareos-audit analyze x\nanything\n```\n") == []
