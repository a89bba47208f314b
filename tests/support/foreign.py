"""Captures in formats of other tools: some byte by byte, the others made by Wireshark's editcap."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

from needs import needs

#: What editcap calls a format that it can write, and what we call it.
WRITABLE = {
    "snoop": "snoop",
    "netmon1": "netmon",
    "netmon2": "netmon",
    "ngsniffer": "ngsniffer",
    "ngwsniffer_1_1": "netxray",
    "ngwsniffer_2_0": "netxray",
    "visual": "visual",
    "5views": "5views",
    "lanalyzer": "lanalyzer",
}


def snoop(packets: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a snoop file (RFC 1761) of (time in ns, Ethernet frame)."""
    parts = [b"snoop\0\0\0" + struct.pack(">II", 2, 4)]
    for time, frame in packets:
        padding = -len(frame) % 4
        sizes = (len(frame), len(frame), 24 + len(frame) + padding, 0)
        parts.append(struct.pack(">IIIIII", *sizes, time // 10**9, time % 10**9 // 1000))
        parts.append(frame + bytes(padding))
    return b"".join(parts)


def iptrace(packets: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a file of AIX' iptrace, version 2, of (time in ns, Ethernet frame)."""
    parts = [b"iptrace 2.0"]
    for time, frame in packets:
        moment = struct.pack(">II", time // 10**9, time % 10**9)
        parts.append(struct.pack(">I24xBB2x", len(frame) + 32, 6, 1) + moment + frame)
    return b"".join(parts)


def erf(packets: Iterable[tuple[int, bytes]], kind: int = 2) -> bytes:
    """Return an ERF file of (time in ns, Ethernet frame)."""
    parts = []
    for time, frame in packets:
        stamp = time // 10**9 << 32 | -(-(time % 10**9 << 32) // 10**9)
        size = 18 + len(frame)
        padding = -size % 8
        head = struct.pack(">BBHHH", kind, 4, size + padding, 0, len(frame) + 4)
        parts.append(struct.pack("<Q", stamp) + head + b"\0\0" + frame + bytes(padding))
    return b"".join(parts)


@needs("tshark")
def converted(source: Path, target: Path, name: str) -> None:
    """Write a capture anew in a format of ``WRITABLE``."""
    subprocess.run(["editcap", "-F", name, source, target], check=True, capture_output=True)
