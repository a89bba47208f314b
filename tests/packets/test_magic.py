"""A capture is told by its first bytes, whatever packed it."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
import zstandard
from packed import PACKERS
from paths import CAPTURES

from auditor.packets.magic import recognise

FULL = (CAPTURES / "trouble" / "capture.pcap").read_bytes()
#: As much as is read of a file.
HEAD = 5 << 20
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    **PACKERS,
    "zstd, one block": lambda data: zstandard.compress(data, 19),
}
SECTION = b"\n\r\r\n" + struct.pack("<II", 28, 0x1A2B3C4D) + bytes(16)


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize(
    ("capture", "format_"),
    [
        (FULL, "pcap"),
        (FULL[3::-1] + FULL[4:], "pcap"),
        (bytes.fromhex("4d3cb2a1") + FULL[4:], "pcap"),
        (SECTION, "pcapng"),
        (SECTION[:4], "pcapng"),
        (FULL[:4], "pcap"),
    ],
    ids=["little", "big", "nanoseconds", "pcapng", "cut pcapng", "cut pcap"],
)
def test_a_capture_is_known_by_its_beginning(
    capture: bytes, format_: str, pack: Callable[[bytes], bytes]
) -> None:
    assert recognise(pack(capture)[:HEAD]) == format_


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("text", [b"", b"\n", b"\n\r\r", FULL[:3], b'{"schema": 1}', bytes(24)])
def test_nothing_else_is_one(text: bytes, pack: Callable[[bytes], bytes]) -> None:
    assert recognise(pack(text)) is None


@pytest.mark.parametrize("magic", [pack(b"")[:6] for pack in PACKERS.values()], ids=PACKERS)
@pytest.mark.parametrize("rest", [b"", b"\0", b"\xff" * 40])
def test_what_only_begins_as_if_it_were_packed_is_none(magic: bytes, rest: bytes) -> None:
    assert recognise(magic + rest) is None
