"""What the name of a file asks for, and what no report can be in."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from commandline import refused, run

from auditor.cli.choice import Choice
from auditor.report.formats import Format

CHOICE = Choice((Format.TABLE, Format.HTML))


def test_the_longest_suffix_says_what_is_meant() -> None:
    assert CHOICE.meant("a.sarif.json") is Format.SARIF
    assert CHOICE.meant("A.HTML") is Format.HTML
    assert CHOICE.meant("a.log") is None
    assert CHOICE.names == [".txt", ".html", ".htm"]
    assert CHOICE.format("html") is Format.HTML


@pytest.mark.parametrize("name", ["a.pdf", "a.json.gz", "/x/A.XLSX", "a.yaml"])
def test_a_suffix_that_promises_something_else_is_refused(name: str) -> None:
    with pytest.raises(click.UsageError, match=r"no report has this suffix; name the file \.txt, "):
        CHOICE.refuse_foreign(["a", name])


def test_others_are_plain_text_and_with_a_format_any_name_will_do(tmp_path: Path) -> None:
    (tmp_path / "there.gz").touch()
    CHOICE.refuse_foreign([str(tmp_path / "there.gz")])  # what it is, is said where it is looked at
    CHOICE.refuse_foreign(["a", "report.log", "a.2026-11-26", "/dev/stdout", "-", "a.html"])
    assert "no report has this suffix" in refused("rules", "-o", tmp_path / "a.pdf")
    assert run("rules", "-f", "json", "-o", tmp_path / "a.yaml").exit_code == 0
    assert (tmp_path / "a.yaml").read_text().startswith("{")
