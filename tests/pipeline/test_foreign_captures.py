"""A recording in the format of another tool has the findings of the original."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from foreign import WRITABLE, converted
from paths import CAPTURES

import auditor

#: By name: a folder of ``captures/``.
RECORDINGS = ["trouble", "modes"]


def told(audit: auditor.Audit) -> list[tuple[Any, ...]]:
    rows = audit.tables["findings"].rows()
    return sorted((row["id"], row["rule"], row["verdict"], row["severity"]) for row in rows)


@pytest.fixture(scope="module")
def networks() -> dict[str, Any]:
    return {
        name: auditor.load_network(config=str(CAPTURES / name / "config"), resolve=False)
        for name in RECORDINGS
    }


@pytest.mark.parametrize("recording", RECORDINGS)
@pytest.mark.parametrize("name", ["snoop", "netmon2", "ngsniffer", "ngwsniffer_2_0"])
def test_the_findings_are_those_of_the_original(
    tmp_path: Path, networks: dict[str, Any], recording: str, name: str
) -> None:
    capture = CAPTURES / recording / "capture.pcap"
    converted(capture, tmp_path / "other", name)
    ours, theirs = (
        auditor.audit(path, network=networks[recording]) for path in (capture, tmp_path / "other")
    )
    assert told(theirs) == told(ours)
    (row,) = theirs.tables["captures"].rows()
    assert (row["format"], row["incomplete"]) == (WRITABLE[name], False)
    assert f"of the format {WRITABLE[name]}, which TShark" in row["notes"][0]


def test_its_packets_can_be_excerpted_and_thinned(tmp_path: Path, networks: dict[str, Any]) -> None:
    converted(CAPTURES / "trouble" / "capture.pcap", tmp_path / "other", "snoop")
    found = auditor.audit(tmp_path / "other", network=networks["trouble"])
    first = next(row for row in found.tables["findings"].rows() if row["flows"])
    auditor.excerpt(found, first["id"], tmp_path / "excerpt.pcapng")
    auditor.thin(tmp_path / "other", tmp_path / "thin.pcapng")
    thinned = auditor.audit(tmp_path / "thin.pcapng", network=networks["trouble"])
    assert told(thinned) == told(found)
    assert (tmp_path / "excerpt.pcapng").stat().st_size > 1000
