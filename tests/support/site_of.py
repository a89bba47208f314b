"""Sites from the text of configurations, and their expectations by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scene import network, planted

from auditor.config.reading import read_configuration
from auditor.config.resources import Source
from auditor.site.build import build_site
from auditor.site.model import Expectation, Site
from auditor.site.resolver import Resolver, read_hosts
from auditor.site.site_file import SiteFile, read_site_file


def site_of(
    folder: Path,
    files: Mapping[str, str] | None = None,
    *,
    site: str = "",
    hosts: str = "",
    **changes: str | None,
) -> Site:
    """Return the site of these files, or of ``network(**changes)``; the system resolves nothing."""
    root = planted(folder / "config", network(**changes) if files is None else files)
    site_file = SiteFile()
    if site:
        (folder / "site.yaml").write_text(site)
        site_file = read_site_file(folder / "site.yaml")
    table: Mapping[str, frozenset[str]] = {}
    if hosts:
        (folder / "hosts").write_text(hosts)
        table = read_hosts(folder / "hosts")
    resolver = Resolver(table, site_file.hosts, system=False)
    return build_site(read_configuration([root]), resolver, site_file)


def ids(site: Site, *numbers: str) -> list[str]:
    """Return the ids of the expectations with these numbers."""
    return [row.id for row in site.expectations if row.connection in numbers]


def row(site: Site, wanted: str) -> Expectation:
    """Return the expectation with that id."""
    found = {row.id: row for row in site.expectations}
    assert wanted in found, sorted(found)
    return found[wanted]


def number(site: Site, connection: str) -> Expectation:
    """Return the only expectation of a number."""
    found = [row for row in site.expectations if row.connection == connection]
    assert len(found) == 1, [row.id for row in found]
    return found[0]


def at(source: Source | None) -> str:
    """Return a source as ``host:line``; empty: none."""
    return "" if source is None else f"{Path(source.file).parent.name}:{source.line}"
