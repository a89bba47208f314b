"""Evidence that is forgotten is written once, for this user alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.engines.passing_folder import PassingFolder
from auditor.errors import OutputError


def test_evidence_lies_there_with_the_name_of_its_series(tmp_path: Path) -> None:
    folder = PassingFolder(str(tmp_path))
    kept = [folder.keep(f"/taps/tap_{n}.pcap", "", b"evidence", 100) for n in (1, 2)]
    files = [Path(one.evidence) for one in kept]
    assert [file.read_bytes() for file in files] == [b"evidence"] * 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert all("tap_" in file.name for file in files) and kept[0].octets == 100
    assert folder.known("/taps/tap_1.pcap", "1:1:1") is None
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot hold the evidence: .*TMPDIR.*--work\.$"):
        PassingFolder(str(tmp_path / "file"))
