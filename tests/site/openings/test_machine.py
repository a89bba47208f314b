"""Which daemons a name or an address of a host stands for."""

from __future__ import annotations

from pathlib import Path

import pytest
from scene import DIR, FD1, SD1, edited
from site_of import site_of

from auditor.errors import ConfigurationError
from auditor.site.openings.machine import peers_at, rows_at

SITE = f"daemons: {{director dir: {{addresses: [{DIR}]}}}}\nhosts: {{Backup.example.com: {SD1}}}\n"


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ("sd1", {"storage daemon sd1"}),
        ("storage daemon sd1", {"storage daemon sd1"}),
        (SD1, {"storage daemon sd1"}),
        (f"::ffff:{SD1}", {"storage daemon sd1"}),
        ("backup.example.com.", {"storage daemon sd1"}),
        (DIR, {"director dir"}),
        ("admin", {"console admin"}),
        ("bareos-mon", {"tray monitor bareos-mon"}),
        ("cat", {"catalog cat"}),
    ],
)
def test_a_host_is_called_by_a_name_or_an_address(
    asked: str, who: set[str], tmp_path: Path
) -> None:
    assert {str(peer) for peer in peers_at(site_of(tmp_path, site=SITE), asked)} == who


def test_a_host_name_that_does_not_resolve_is_a_name_all_the_same(tmp_path: Path) -> None:
    site = site_of(tmp_path, dir=edited("dir", SD1, "SD1.example.com"))
    assert {str(peer) for peer in peers_at(site, "sd1.example.com")} == {"storage daemon sd1"}


def test_everybody_at_one_address_is_one_host(tmp_path: Path) -> None:
    site = site_of(tmp_path, dir=edited("dir", SD1, FD1), tray=edited("tray", SD1, FD1))
    everybody = {"storage daemon sd1", "file daemon fd1"}
    for asked in ("fd1", "sd1", FD1):
        assert {str(peer) for peer in peers_at(site, asked)} == everybody
    rows = {row.id for row in rows_at(site, "fd1")}
    assert {"3:dir>fd1", "5a:dir>sd1", "6:fd3>sd1"} <= rows
    assert "3:dir>fd2" not in rows


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("sd9", "did you mean sd"), ("192.0.2.1", "it knows"), ("", "it knows"), ("127.0.0.1", "it")],
)
def test_nobody_of_that_name_is_refused(asked: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        peers_at(site_of(tmp_path), asked)
