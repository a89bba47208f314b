"""What is handed to others: a capture and a configuration with one key have the same names."""

from __future__ import annotations

from pathlib import Path

import pytest
from paths import CAPTURES

import auditor
from auditor.config.reading import read_configuration
from auditor.errors import CaptureError

CONFIG = CAPTURES / "cases" / "01-shared-password" / "config"
SECRET = b"sixteen letters."


def test_a_key_is_bytes_or_a_file_with_them_and_none_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(SECRET)
    keys: list[bytes | Path | None] = [SECRET, tmp_path / "key", None, None]
    names = []
    for at, key in enumerate(keys):
        made = auditor.anonymize(CONFIG, tmp_path / str(at), key=key)
        programs = read_configuration(made.config).programs
        names.append(tuple(resource.name for one in programs for resource in one.resources))
    assert len(set(names)) == 3
    assert names[0] == names[1]


def test_a_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="7 bytes are too few"):
        auditor.anonymize(CONFIG, tmp_path / "new", key=b"7 bytes")
    assert not (tmp_path / "new").exists()


def test_a_capture_has_the_names_of_its_configuration(tmp_path: Path) -> None:
    source = CONFIG.parent / "capture.pcap"
    auditor.thin(source, tmp_path / "thin", anonymize=SECRET, config=CONFIG)
    made = auditor.anonymize([CONFIG], tmp_path / "new", key=SECRET)
    audit = auditor.audit(tmp_path / "thin", config=made.config, resolve=False)
    true = auditor.audit(source, config=CONFIG, resolve=False)
    assert list(audit.flows["connection"]) == list(true.flows["connection"])
    assert sorted(audit.findings["rule"]) == sorted(true.findings["rule"])
