"""What an audit says of itself: when it was made, from what, and the lines that it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import DIR, FD1, Wire, audit, network, planted

import auditor
from auditor.judge.tables.table import build
from auditor.pipeline.basis import excerpts, made_now
from auditor.result import Basis
from auditor.version import __version__


def test_the_time_can_be_given_so_that_a_report_is_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert made_now(Basis()) == Basis(made=1_700_000_000_000_000_000, version=__version__)


@pytest.mark.parametrize("wrong", ["", "soon", "-1", "1" * 40, "²"])
def test_otherwise_it_is_now(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
    monkeypatch.setattr("time.time_ns", lambda: 7)
    assert made_now(Basis()).made == 7


def test_an_audit_tells_the_paths_that_were_given(tmp_path: Path) -> None:
    site, hosts, rules = tmp_path / "site.yaml", tmp_path / "hosts", tmp_path / "rules"
    site.write_text("keepalive: {idle: 600}\n")
    hosts.write_text("10.0.0.1 one\n")
    rules.mkdir()
    known = auditor.load_network(
        config=planted(tmp_path / "config", network()),
        site=site,
        hosts=hosts,
        rules=rules,
        resolve=False,
    )
    assert known.basis == Basis(
        configuration=(str(tmp_path / "config"),),
        site_file=str(site),
        hosts_file=str(hosts),
        rules=(str(rules),),
    )


def test_without_a_configuration_none_is_told(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().attempt(DIR, FD1, 9102).rst(), {})
    assert (result.basis.configuration, result.excerpts) == ((), ())


def test_what_findings_speak_of_is_quoted_once(tmp_path: Path) -> None:
    result = audit(tmp_path, Wire().attempt(DIR, FD1, 9102).rst(), strict=False)
    places = {place for every in result.findings["sources"] for place in every}
    assert {one.source for one in result.excerpts} == places
    assert len(result.excerpts) == len(places)
    assert all("fd1pw" not in line for one in result.excerpts for line in one.lines)


def test_so_are_the_lines_of_a_check(tmp_path: Path) -> None:
    own = "Client { Name = fd1; Passive = true }\nDirector { Name = dir; Password = other }\n"
    config = planted(tmp_path, network(fd1=own))
    result = auditor.check(config, resolve=False)
    assert any("Passive = true" in line for one in result.excerpts for line in one.lines)
    assert all("other" not in line for one in result.excerpts for line in one.lines)


def test_of_too_many_places_the_first_are_quoted() -> None:
    rows = [{"sources": [f"a:{number}" for number in range(20_000)]}]
    asked: list[str] = []
    assert excerpts(build("findings", rows), asked.append) == ()  # type: ignore[func-returns-value]
    assert asked == [f"a:{number}" for number in range(10_000)]
