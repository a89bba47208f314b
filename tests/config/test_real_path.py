"""Root follows a link to a configuration only where no stranger chose what it leads to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bareosconf import MINIMAL, plant
from needs import needs
from strangers import STRANGER, folder_of_stranger

from auditor.config.reading import read_configuration
from auditor.config.real_path import real_path
from auditor.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _no_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_UID", raising=False)


@pytest.mark.parametrize(
    "path",
    [
        *("tree/a", "link/a", "chain/a", "absolute/a", "link/../tree/a", "./tree//a/.", "up/a/x"),
        *("gone/a/..", "loose/x", "tree/a/x/y", "", "/", "/proc/self/cwd", "..", "../../../../.."),
    ],
)
def test_it_leads_where_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    plant(tmp_path, {"tree/a/x": "x"})
    for name, leads_to in {
        **{"link": "tree", "chain": "link", "absolute": str(tmp_path / "tree")},
        **{"up": "tree/../tree", "loose": "nowhere/at/all"},
    }.items():
        (tmp_path / name).symlink_to(leads_to)
    monkeypatch.chdir(tmp_path)
    assert real_path(path) == os.path.realpath(path)
    assert real_path(Path(path)) == os.path.realpath(path)


@needs("root")
@pytest.mark.parametrize("links", [40, 41, "endless"])
def test_links_are_counted(tmp_path: Path, links: int | str) -> None:
    (tmp_path / "0").symlink_to("0") if links == "endless" else (tmp_path / "0").mkdir()
    for number in range(1, links + 1 if isinstance(links, int) else 1):
        (tmp_path / str(number)).symlink_to(str(number - 1))
    if links == 40:
        assert real_path(tmp_path / "40") == str(tmp_path / "0")
        return
    with pytest.raises(ConfigurationError, match="too many symbolic links"):
        real_path(tmp_path / (str(links) if isinstance(links, int) else "0"))


def linked(tmp_path: Path, owner: int, at: str) -> Path:
    """Return a path in a stranger's folder that a link of ``owner`` leads to a configuration."""
    plant(tmp_path, {"etc/bareos-fd.conf": MINIMAL["bareos-fd"]})
    folder = folder_of_stranger(tmp_path)
    if at == "file":
        link, given = folder / "bareos-fd.conf", folder / "bareos-fd.conf"
        link.symlink_to(tmp_path / "etc/bareos-fd.conf")
    else:
        link = folder / "config"
        link.symlink_to(tmp_path / "etc")
        given = link / "bareos-fd.conf" if at == "above" else link
    os.chown(link, owner, owner, follow_symlinks=False)
    return given


@needs("root")
@pytest.mark.parametrize("at", ["file", "folder", "above"])
@pytest.mark.parametrize("caller", ["", "12345", "0", "x"])
def test_a_link_of_a_stranger_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, caller: str
) -> None:
    monkeypatch.setenv("SUDO_UID", caller)
    with pytest.raises(ConfigurationError, match=f"this link belongs to user {STRANGER}, neither"):
        read_configuration([linked(tmp_path, STRANGER, at)])


@needs("root")
@pytest.mark.parametrize("at", ["file", "folder", "above"])
@pytest.mark.parametrize(("owner", "caller"), [(0, ""), (0, "12345"), (STRANGER, str(STRANGER))])
def test_a_link_of_root_or_of_who_called_sudo_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, owner: int, caller: str
) -> None:
    monkeypatch.setenv("SUDO_UID", caller)
    assert read_configuration([linked(tmp_path, owner, at)]).programs


@needs("root")
def test_who_is_not_root_reads_what_the_system_lets_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = linked(tmp_path, STRANGER, "folder")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert read_configuration([given]).programs


@needs("root")
def test_a_root_of_includes_is_no_link_of_a_stranger_either(tmp_path: Path) -> None:
    given = linked(tmp_path, STRANGER, "folder")
    with pytest.raises(ConfigurationError, match="this link belongs to user"):
        read_configuration([tmp_path / "etc"], include_root=[given])
