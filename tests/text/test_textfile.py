"""Small text files are read within bounds, and devices and pipes not at all."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import auditor
from auditor.judge.rules.rule import load_rules
from auditor.site.resolver import read_hosts
from auditor.site.site_file import read_site_file
from auditor.text import read_text


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"caf\xc3\xa9 \xff")
    assert read_text(tmp_path / "x", 7, "replace") == "café \ufffd"
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "x", 7)
    with pytest.raises(OSError, match="larger"):
        read_text(tmp_path / "x", 6)


@pytest.mark.parametrize("kind", ["device", "pipe", "folder"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.yaml"
    if kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    for read in (read_hosts, read_site_file):
        with pytest.raises(auditor.SiteFileError, match=r"cannot be read: .+"):
            read(path)
    if kind != "folder":
        with pytest.raises(auditor.RuleError, match="not a regular file"):
            load_rules([tmp_path])


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody may pass through."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _of_root(folder: Path) -> Path:
    secret = folder / "secret"
    secret.write_text("hunter2: {unknown: yes}\n")
    secret.chmod(0o600)
    return secret


@pytest.mark.root
@pytest.mark.parametrize("way", ["link", "folder", "link to a link"])
def test_through_sudo_no_link_leads_to_what_the_caller_may_not_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Errors quote the file, and the caller reads them."""
    secret, given = _of_root(folder), folder / "site.yaml"
    match way:
        case "link":
            given.symlink_to(secret)
        case "folder":
            (folder / "d").symlink_to(folder)
            given = folder / "d" / "secret"
        case _:
            (folder / "between").symlink_to(secret)
            given.symlink_to("between")
    monkeypatch.setenv("SUDO_UID", "65534")
    for read in (read_hosts, read_site_file):
        with pytest.raises(auditor.SiteFileError) as error:
            read(given)
        assert "may not read" in str(error.value)
        assert "hunter2" not in str(error.value)
    with pytest.raises(auditor.SiteFileError, match="hunter2"):  # named as itself
        read_site_file(secret)
    secret.chmod(0o644)
    with pytest.raises(auditor.SiteFileError, match="hunter2"):  # nothing that he could not read
        read_site_file(given)
    assert os.geteuid() == 0


@pytest.mark.parametrize("caller", ["", "0", "nobody", "99999999999"])
def test_who_called_nobody_follows_links(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caller: str
) -> None:
    (folder / "link").symlink_to(_of_root(folder))
    monkeypatch.setenv("SUDO_UID", caller)
    assert read_text(folder / "link", 99).startswith("hunter2")
