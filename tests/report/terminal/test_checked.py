"""A configuration that was judged alone, as a terminal shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import edited, network, planted

import auditor
from auditor.report import Format, RenderOptions, reporter


def shown(folder: Path, files: dict[str, str], **options: object) -> str:
    check = auditor.check(planted(folder / "config", files), resolve=False, **options)
    return reporter(Format.TABLE, RenderOptions(width=100)).check(check)


def test_a_clean_one_passes_and_says_what_it_was_and_what_it_calls_for(tmp_path: Path) -> None:
    lines = shown(tmp_path, network()).splitlines()
    assert lines[0] == "pass: nothing is wrong in what was read"
    assert lines[1].startswith("Read: the configuration of director dir, file daemons fd1, fd2, ")
    assert any(line.startswith("  1 named console to Director, 2 default") for line in lines)


def test_what_describes_no_connection_could_not_be_looked_at(tmp_path: Path) -> None:
    only = {"dir/bareos-dir.conf": "Messages { Name = msg }\n"}
    assert shown(tmp_path, only).startswith("could not look: what was read describes no connection")


def test_a_grave_thing_that_is_open_is_no_pass(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "doubtful.yaml").write_text(
        "id: doubtful\ntitle: A deprecated directive\nabout: problems\nseverity: high\n"
        "applies: kind == 'heartbeat-too-long'\nfail: kind == 'heartbeat-too-long'\n"
        "doubt: kind == 'heartbeat-too-long'\nabstain: it may be meant\n"
        "message: '{message}'\nwhy: because\nremedy: none\n"
    )
    waiver = "waivers:\n  - {rule: heartbeat-too-long, reason: known, until: 2099-01-01}\n"
    (tmp_path / "site.yaml").write_text(waiver)
    files = network(fd2=edited("fd2", "Heartbeat Interval = 30", "Heartbeat Interval = 40000"))
    text = shown(tmp_path, files, rules=[rules], site=tmp_path / "site.yaml")
    assert text.startswith("unknown: 1 finding that would be high could not be decided; 1 waived")


@pytest.mark.parametrize("include", ["@|/usr/local/bin/clients", "@/nowhere/clients.conf"])
def test_what_an_include_hides_is_told_as_that(include: str, tmp_path: Path) -> None:
    text = shown(tmp_path, network(con=f"{include}\n" + edited("con", "", "")))
    assert "Could not be decided" not in text
    said = text.partition("Not read, and what that hides")[2]
    assert said.count("bconsole.conf:1\n") == 1
    assert "could not be looked at" not in text


def test_where_only_the_end_of_a_director_was_read_it_says_what_was_not_compared(
    tmp_path: Path,
) -> None:
    files = {path: text for path, text in network().items() if path.startswith("dir/")}
    assert "no files of file daemon fd1, fd2, fd3 and storage daemon sd1, sd2" in " ".join(
        shown(tmp_path, files).split()
    )


def test_a_brief_report_is_what_is_wrong_in_short(tmp_path: Path) -> None:
    files = network(fd2=edited("fd2", "Heartbeat Interval = 30", "Heartbeat Interval = 40000"))
    check = auditor.check(planted(tmp_path, files), resolve=False)
    text = reporter(Format.TABLE, RenderOptions(brief=True)).check(check)
    assert text.startswith("fail (medium): 1 finding\n")
    assert text.splitlines()[-1].endswith("(heartbeat-too-long)")
    assert "see " not in text
