"""Writes a large, realistic pcap: backups of many clients on one switch, cut at 84 bytes.

``python benchmarks/make_capture.py FILE [MILLIONS]`` writes MILLIONS (default 10) million packets
of 100 bytes each with their record headers, so 10 million are 1 GB. 95 % are data and ACKs of 256
data channels on port 9103, in bursts as a switch delivers them, the rest is a web server's traffic
on port 443. Every channel has its handshake, a ClientHello with a job's identity, bulk data with
right sequence numbers, ACKs, and an orderly end.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

_CHANNELS = 256
_BURST = 32
_SNAP = 84
_MSS = 1448
_START_NS = 1_790_000_000_000_000_000
_GAP_NS = 12_000

RECORD = np.dtype(
    [
        ("sec", "<u4"), ("usec", "<u4"), ("captured", "<u4"), ("wire", "<u4"),
        ("dst", "S6"), ("src", "S6"), ("ethertype", ">u2"),
        ("version", "u1"), ("tos", "u1"), ("total", ">u2"), ("ident", ">u2"), ("fragment", ">u2"),
        ("ttl", "u1"), ("protocol", "u1"), ("checksum", ">u2"), ("from", ">u4"), ("to", ">u4"),
        ("sport", ">u2"), ("dport", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"),
        ("flags", "u1"), ("window", ">u2"), ("sum", ">u2"), ("urgent", ">u2"), ("options", "S12"),
        ("payload", "S18"),
    ]
)  # fmt: skip

_HEADER = np.array([0xA1B2C3D4, 0x00040002, 0, 0, _SNAP, 1], "<u4").tobytes()


def bulk(count: int, first: int, sent: np.ndarray) -> np.ndarray:
    """Return ``count`` packets of established channels; ``sent`` carries each channel's bytes."""
    packets = np.zeros(count, RECORD)
    index = np.arange(first, first + count)
    burst = index // _BURST
    channel = (burst * 2654435761 % 2**32 // 65536) % _CHANNELS
    web = (index % 20) == 19
    is_ack = (index % 4) == 3
    length = np.where(is_ack, 0, _MSS)
    time = _START_NS + index * _GAP_NS
    packets["sec"], packets["usec"] = time // 10**9, time % 10**9 // 1000
    packets["captured"] = _SNAP
    packets["wire"] = np.maximum(_SNAP, 66 + length)  # short frames carry a trailer
    packets["ethertype"], packets["version"], packets["ttl"] = 0x0800, 0x45, 64
    packets["protocol"], packets["offset"], packets["window"] = 6, 0x80, 501
    packets["total"], packets["ident"] = 52 + length, index & 0xFFFF
    packets["fragment"] = 0x4000
    client, server = 0x0A4D0100 + channel, 0x0A4D0014
    packets["from"] = np.where(is_ack, server, client)
    packets["to"] = np.where(is_ack, client, server)
    port = np.where(web, 443, 9103)
    source = 40000 + channel
    packets["sport"], packets["dport"] = (
        np.where(is_ack, port, source),
        np.where(is_ack, source, port),
    )
    data = ~is_ack & ~web
    order = np.argsort(channel, kind="stable")
    grown = np.where(data, length, 0)[order]
    total = np.cumsum(grown)
    starts = np.r_[0, np.flatnonzero(np.diff(channel[order])) + 1]
    base = np.repeat(total[starts] - grown[starts], np.diff(np.r_[starts, count]))
    before = np.empty(count, np.int64)
    before[order] = total - grown - base
    position = 1001 + 517 + sent[channel] + before
    packets["seq"] = np.where(is_ack, 5001, position) & 0xFFFFFFFF
    packets["ack"] = np.where(is_ack, position, 5001) & 0xFFFFFFFF
    packets["flags"] = np.where(is_ack, 0x10, 0x18)
    np.add.at(sent, channel[data], _MSS)
    return packets


def opening() -> np.ndarray:
    """Return SYN, SYN-ACK, ACK and a ClientHello (cut at the snap length) of every channel."""
    packets = np.zeros(_CHANNELS * 4, RECORD)
    channel = np.repeat(np.arange(_CHANNELS), 4)
    step = np.tile(np.arange(4), _CHANNELS)
    back = step == 1
    time = _START_NS - 10**9 + np.arange(len(packets)) * 100_000
    packets["sec"], packets["usec"] = time // 10**9, time % 10**9 // 1000
    packets["captured"] = _SNAP
    packets["wire"] = np.where(step == 3, 66 + 517, _SNAP)
    packets["total"] = np.where(step == 3, 52 + 517, 52)
    packets["ethertype"], packets["version"], packets["ttl"] = 0x0800, 0x45, 64
    packets["protocol"], packets["offset"], packets["window"] = 6, 0x80, 64240
    client, server = 0x0A4D0100 + channel, 0x0A4D0014
    packets["from"], packets["to"] = np.where(back, server, client), np.where(back, client, server)
    packets["sport"] = np.where(back, 9103, 40000 + channel)
    packets["dport"] = np.where(back, 40000 + channel, 9103)
    packets["seq"] = np.select([step == 0, step == 1], [1000, 5000], 1001)
    packets["ack"] = np.select([step == 0, step == 1], [0, 1001], 5001)
    packets["flags"] = np.select([step == 0, step == 1, step == 2], [0x02, 0x12, 0x10], 0x18)
    packets["payload"] = np.where(step == 3, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"")
    return packets


def main() -> None:
    """Write the file named on the command line."""
    path = Path(sys.argv[1])
    millions = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    left, first = int(millions * 1e6) - _CHANNELS * 4, 0
    sent = np.zeros(_CHANNELS, np.int64)
    with path.open("wb") as file:
        file.write(_HEADER)
        file.write(opening().tobytes())
        while left:
            count = min(left, 500_000)
            file.write(bulk(count, first, sent).tobytes())
            first, left = first + count, left - count


if __name__ == "__main__":
    main()
