"""Which Director another program means, and what a program is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import network, planted

from auditor.config.reading import read_configuration
from auditor.site.checks.view import SiteView, label_of
from auditor.site.resolver import Resolver
from auditor.site.site_file import SiteFile
from auditor.site.topology import TopologyBuilder

SECOND = "Director { Name = two; Password = p; Address = 10.0.0.12 }\n"


def view_of(folder: Path, **more: str) -> SiteView:
    """The view of the network and further files."""
    files = {**network(), **{f"{host}/bareos-dir.conf": text for host, text in more.items()}}
    config = read_configuration([planted(folder, files)])
    topology = TopologyBuilder(config, Resolver(system=False), SiteFile())
    return SiteView(config, topology, topology.domains(), frozenset({"bareos-mon"}))


def meant(view: SiteView, name: str) -> str:
    """The Director that the Director resource of that name in bconsole.conf means."""
    (program,) = (one for one in view.config.programs if one.root.endswith("bconsole.conf"))
    (resource,) = (one for one in program.of("Director") if one.name == name)
    domain = view.director_of(resource)
    return str(domain.peer) if domain is not None else ""


def test_a_director_is_meant_by_its_name(tmp_path: Path) -> None:
    assert meant(view_of(tmp_path, dir2=SECOND), "dir") == "director dir"


def test_of_two_of_one_name_the_one_at_the_address_is_meant(tmp_path: Path) -> None:
    other = SECOND.replace("two", "dir")
    assert meant(view_of(tmp_path, dir2=other), "dir") == ""


@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("bareos-dir.conf", "director dir"),
        ("bconsole.conf", "console *UserAgent*"),
        ("tray-monitor.conf", "tray monitor bareos-mon"),
        ("fd2/bareos-fd.conf", "file daemon fd2"),
    ],
)
def test_a_program_is_called_by_its_role_and_name(file: str, label: str, tmp_path: Path) -> None:
    (program,) = (one for one in view_of(tmp_path).config.programs if one.root.endswith(file))
    assert label_of(program) == label
