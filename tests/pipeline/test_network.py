"""What captures are held against, as the options of the public calls describe it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from scene import FD1, edited, network, planted

from auditor.errors import ConfigurationError, SiteFileError
from auditor.pipeline.network import load_network
from auditor.site.model import Role


def test_dialled_and_listening_ports_are_both_looked_at(tmp_path: Path) -> None:
    """bareos.md §0: they are two settings in two files, and may legitimately differ."""
    files = network(
        dir=edited("dir", f"Address = {FD1};", f"Address = {FD1}; Port = 19102;"),
        fd1=edited("fd1", "Name = fd1;", "Name = fd1; Port = 29102;"),
    )
    ports = load_network(config=planted(tmp_path, files), resolve=False).ports
    assert ports[19102] is ports[29102] is Role.FILE_DAEMON


def test_without_a_configuration_there_is_no_site() -> None:
    known = load_network(today=dt.date(2027, 1, 1))
    assert (known.site, known.site_file.path, known.today) == (None, "", dt.date(2027, 1, 1))


@pytest.mark.parametrize("listed", [False, True], ids=["one path", "a list"])
def test_a_configuration_is_one_path_or_several(tmp_path: Path, listed: bool) -> None:
    root = planted(tmp_path, network())
    known = load_network(config=[root] if listed else root, resolve=False)
    assert known.site is not None
    assert any(row.id == "3:dir>fd1" for row in known.site.expectations)


def test_the_hosts_file_is_asked_before_the_site_file(tmp_path: Path) -> None:
    files = network(dir=edited("dir", f"Address = {FD1}", "Address = client.example"))
    config = planted(tmp_path / "config", files)
    hosts, site = tmp_path / "hosts", tmp_path / "site.yaml"
    hosts.write_text("192.0.2.1 client.example\n")
    site.write_text("hosts: {client.example: [192.0.2.2]}\n")
    found = []
    for options in ({"hosts": hosts, "site": site}, {"site": site}, {}):
        known = load_network(config=config, resolve=False, **options)
        assert known.site is not None
        (row,) = (row for row in known.site.expectations if row.id == "3:dir>fd1")
        found.append(set(row.addresses))
    assert found == [{"192.0.2.1"}, {"192.0.2.2"}, set()]


@pytest.mark.parametrize("strict", [False, True])
def test_what_is_odd_in_a_configuration_is_an_error_if_strict(tmp_path: Path, strict: bool) -> None:
    files = network(fd1=edited("fd1", "Heartbeat Interval = 30", "Heartbeat Interval = 12 hours"))
    config = planted(tmp_path, files)
    if strict:
        with pytest.raises(ConfigurationError, match="32767"):
            load_network(config=config, resolve=False, strict=True)
    else:
        site = load_network(config=config, resolve=False).site
        assert site is not None
        assert any("32767" in problem.message for problem in site.problems)


def test_a_site_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SiteFileError):
        load_network(site=tmp_path / "nothing.yaml")


@pytest.mark.parametrize("form", [str, Path, lambda path: [path]])
def test_one_folder_of_rules_may_be_given_without_a_list(
    form: Callable[[Path], str | Path | list[Path]], tmp_path: Path
) -> None:
    assert list(map(str, load_network(rules=form(tmp_path)).rule_directories)) == [str(tmp_path)]


def test_the_shipped_rules_are_read_once_and_apart_from_those_on_configurations() -> None:
    shipped = load_network()
    assert "socket-heartbeat-wrong" in {rule.id for rule in shipped.rules}
    assert shipped.configuration_rule_ids.isdisjoint(rule.id for rule in shipped.rules)
    assert shipped.rules is shipped.rules
