"""A capture that keeps only the beginning of each packet accuses nobody whose name it cut."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from paths import CAPTURES
from pcapfile import shortened
from scene import DIR, SD1, STRANGER, Wire, audit

import auditor

FORBIDDEN = ("client-dials-director-unasked", "director-dials-forbidden-client")
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


@pytest.mark.parametrize("told", [None, 0, 65535, 262144])
@pytest.mark.parametrize("port", [9101, 9103])
@pytest.mark.parametrize("snaplen", [54, 68, 96])
def test_the_head_of_the_file_or_its_records_say_that_packets_are_cut(
    port: int, snaplen: int, told: int | None, tmp_path: Path
) -> None:
    said = b"\0\0\x01\0" + bytes(256)
    assert verdict(stranger(port, said, snaplen, told, tmp_path)) == ["unknown"]


def test_nobody_on_the_wire_can_seem_to_be_cut(tmp_path: Path) -> None:
    """Neither by an IP header that claims more than there is, nor by what lies ahead."""
    tape = Wire().dial(STRANGER, SD1, 9103, (bytes(2) + b"\1\0", b""))
    tape.segment(tape.initiator, "PA", bytes(200)).segment(tape.initiator, "PA", b"far", shift=900)
    whole = tape.pcap()
    assert verdict(audit(tmp_path / "far", SimpleNamespace(pcap=lambda: whole))) == ["fail"]
    cut = claiming(shortened(whole, 96, 262144))
    assert verdict(audit(tmp_path / "lie", SimpleNamespace(pcap=lambda: cut))) == ["fail"]


def claiming(capture: bytes) -> bytes:
    """Return a capture whose records say that each frame is as long as what is there of it."""
    changed, at = bytearray(capture), 24
    while at < len(changed):
        size = int.from_bytes(changed[at + 8 : at + 12], "little")
        changed[at + 12 : at + 16] = changed[at + 8 : at + 12]
        at += 16 + size
    return bytes(changed)


@pytest.mark.parametrize("told", [None, 262144])
@pytest.mark.parametrize("snaplen", [64, 96, 200])
def test_what_a_cut_frame_would_have_said_forbids_nothing(
    tmp_path: Path, snaplen: int, told: int | None
) -> None:
    """A console may dial from a client's host, and a monitor from the Director's."""
    source, cut = CAPTURES / "refusals", tmp_path / "cut.pcap"
    cut.write_bytes(shortened((source / "capture.pcap").read_bytes(), snaplen, told))
    thin = tmp_path / "thin.pcapng"
    auditor.thin(cut, thin, config=source / "config", resolve=False)
    for capture in (cut, thin):
        found = auditor.audit(capture, config=source / "config", resolve=False).findings
        asked = found[found["rule"].isin(FORBIDDEN)]
        assert (set(asked["verdict"]), asked["count"].sum()) == ({"unknown"}, 4), capture
        assert asked["message"].str.contains(CUT).all()


@pytest.mark.parametrize("said", [b"\0\0\0\x05abcde", b"abc"])
def test_a_hello_that_is_whole_accuses_in_a_capture_that_cuts(said: bytes, tmp_path: Path) -> None:
    result = stranger(9103, said, 54 + len(said), None, tmp_path)
    assert verdict(result) == ["fail"]
    assert not result.flows["hello_cut"].any()
