"""Records of Endace cards (link type 197): a header, extension headers, and what they carry."""

from __future__ import annotations

import struct

import pytest
from decoding import ethernet, ipv4, seen
from pcapfile import pcap

from auditor.packets.link_types import ERF

TIME = 1_700_000_000_000_000_000
PADDED_ETHERNET = b"\0\0" + ethernet(b"data")
IP = bytes(ipv4(b"data"))
HDLC = b"\x0f\x00\x08\x00" + IP


def record(kind: int, content: bytes, extensions: int = 0) -> bytes:
    """Return a record with extension headers, each of which says whether one follows."""
    more = 0x80 if extensions else 0
    head = struct.pack("<Q", 0) + struct.pack(">BBHHH", kind | more, 4, 16, 0, len(content))
    rest = [b"\x80" + bytes(7)] * (extensions - 1) + [bytes(8)] * (extensions > 0)
    return head + b"".join(rest) + content


def found(frame: bytes) -> tuple[list[bytes], int]:
    segments, info = seen([pcap([(TIME, frame)], link=ERF)])
    return [segment.payload for segment in segments], info.undecoded


@pytest.mark.parametrize("extensions", [0, 1, 2, 32])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        *((kind, PADDED_ETHERNET) for kind in (2, 11, 16, 20)),
        *((kind, HDLC) for kind in (1, 10, 15, 17, 19)),
        (1, b"\xff\x03\x00\x21" + IP),
        (22, IP),
    ],
)
def test_what_carries_ip_is_read(kind: int, content: bytes, extensions: int) -> None:
    assert found(record(kind, content, extensions)) == ([b"data"], 0)


@pytest.mark.parametrize("kind", [27, 48, 3, 21, 0])
def test_what_carries_none_is_passed_over(kind: int) -> None:
    assert found(record(kind, bytes(60))) == ([], 0)


@pytest.mark.parametrize(
    "frame",
    [
        record(2, b""),
        record(2, PADDED_ETHERNET)[:17],
        record(2, PADDED_ETHERNET, 33),
        record(2, PADDED_ETHERNET, 2)[:20],
        record(22, b"\x45"),
    ],
    ids=["empty", "cut", "extensions without end", "cut extensions", "cut IP"],
)
def test_what_is_cut_is_counted(frame: bytes) -> None:
    assert found(frame) == ([], 1)
