"""Small text files are read within bounds, and devices and pipes not at all."""

import os
from pathlib import Path

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
