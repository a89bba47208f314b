"""A capture that keeps only the beginning of each packet accuses nobody whose name it cut."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from paths import CAPTURES
from pcapfile import shortened
from scene import DIR, SD1, STRANGER, Wire, audit

import auditor

CUT = "the capture kept too little of each packet to have the name in its hello"


def stranger(port: int, said: bytes, snaplen: int, told: int | None, folder: Path) -> auditor.Audit:
    """Audit what a stranger says, of which a capture keeps ``snaplen`` octets a packet."""
    tape = Wire().dial(STRANGER, SD1 if port == 9103 else DIR, port, (said, b""))
    cut = shortened(tape.pcap(), snaplen, told)
    return audit(folder, SimpleNamespace(pcap=lambda: cut))


def verdict(result: auditor.Audit) -> list[str]:
    found = result.findings
    return found[found["rule"] == "unknown-initiator"]["verdict"].tolist()


@pytest.mark.parametrize(("recording", "snaplen"), [("heartbeat", 64), ("cleartext", 66)])
def test_who_is_known_by_a_name_is_no_stranger(
    recording: str, snaplen: int, tmp_path: Path
) -> None:
    full, thin = tmp_path / "cut.pcap", tmp_path / "thin.pcapng"
    source = CAPTURES / recording
    full.write_bytes(shortened((source / "capture.pcap").read_bytes(), snaplen))
    auditor.thin(full, thin, config=source / "config", resolve=False)
    for capture in (full, thin):
        result = auditor.audit(capture, config=source / "config", resolve=False)
        assert set(verdict(result)) == {"unknown"}
        told = result.findings[result.findings["rule"] == "unknown-initiator"]
        assert told["message"].str.contains(CUT).all()


@pytest.mark.parametrize("port", [9101, 9103])
@pytest.mark.parametrize("snaplen", [54, 68, 96])
def test_only_the_file_says_that_packets_are_cut(port: int, snaplen: int, tmp_path: Path) -> None:
    """Segments that claim to be longer than they are acquit nobody."""
    said = b"\0\0\x01\0" + bytes(256)
    assert verdict(stranger(port, said, snaplen, None, tmp_path)) == ["unknown"]
    for told in (0, 65535, 262144):
        assert verdict(stranger(port, said, snaplen, told, tmp_path)) == ["fail"]


@pytest.mark.parametrize("said", [b"\0\0\0\x05abcde", b"abc"])
def test_a_hello_that_is_whole_accuses_in_a_capture_that_cuts(said: bytes, tmp_path: Path) -> None:
    result = stranger(9103, said, 54 + len(said), None, tmp_path)
    assert verdict(result) == ["fail"]
    assert not result.flows["hello_cut"].any()
