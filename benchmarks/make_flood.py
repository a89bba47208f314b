"""Writes floods of connections as pcap: ``python benchmarks/make_flood.py FILE KIND [THOUSANDS]``.

All go to port 9101 and 9103 of one host, 10 microseconds apart. KIND is ``half-open`` (a SYN and no
answer), ``answered`` (SYN and SYN-ACK, never an ACK), ``refused`` (a RST answers), ``empty`` (a
handshake and FINs, no octet of payload), ``hello`` (a cleartext Hello that the acceptor ends),
``mixed`` (these in turn), each from 200 hosts, or ``random`` (SYNs of random sources and ports).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

_START_NS = 1_790_000_000_000_000_000
_GAP_NS = 10_000
_HOSTS = 200
_ACCEPTOR = 0x0A4D0014
_TOGETHER = 20_000
_HELLO = b"\0\0\0\x19Hello Director x calling\0"
_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16

RECORD = np.dtype(
    [
        ("sec", "<u4"), ("usec", "<u4"), ("captured", "<u4"), ("wire", "<u4"),
        ("dst", "S6"), ("src", "S6"), ("ethertype", ">u2"),
        ("version", "u1"), ("tos", "u1"), ("total", ">u2"), ("ident", ">u2"), ("fragment", ">u2"),
        ("ttl", "u1"), ("protocol", "u1"), ("checksum", ">u2"), ("from", ">u4"), ("to", ">u4"),
        ("sport", ">u2"), ("dport", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"),
        ("flags", "u1"), ("window", ">u2"), ("sum", ">u2"), ("urgent", ">u2"),
    ]
)  # fmt: skip

_HEADER = np.array([0xA1B2C3D4, 0x00040002, 0, 0, 65535, 1], "<u4").tobytes()

#: Of each kind its segments: whether the acceptor sends it, flags, payload, octets of the
#: initiator's and of the acceptor's stream before it.
_KINDS = {
    "half-open": [(0, _SYN, b"", 0, 0)],
    "answered": [(0, _SYN, b"", 0, 0), (1, _SYN | _ACK, b"", 1, 0)],
    "refused": [(0, _SYN, b"", 0, 0), (1, _RST | _ACK, b"", 1, 0)],
    "empty": [
        (0, _SYN, b"", 0, 0),
        (1, _SYN | _ACK, b"", 1, 0),
        (0, _ACK, b"", 1, 1),
        (0, _FIN | _ACK, b"", 1, 1),
        (1, _FIN | _ACK, b"", 2, 1),
        (0, _ACK, b"", 2, 2),
    ],
    "hello": [
        (0, _SYN, b"", 0, 0),
        (1, _SYN | _ACK, b"", 1, 0),
        (0, _ACK, b"", 1, 1),
        (0, _PSH | _ACK, _HELLO, 1, 1),
        (1, _FIN | _ACK, b"", 1 + len(_HELLO), 1),
        (0, _FIN | _ACK, b"", 1 + len(_HELLO), 2),
    ],
}


def _summed(packets: np.ndarray, first: str, last: str) -> np.ndarray:
    """Return the sums of the 16-bit words of each header from one field to before another."""
    begin, end = (RECORD.fields[name][1] for name in (first, last))  # type: ignore[index]
    octets = packets.view("u1").reshape(len(packets), RECORD.itemsize)[:, begin:end]
    return np.ascontiguousarray(octets).view(">u2").astype("i8").sum(axis=1)


def _folded(total: np.ndarray) -> np.ndarray:
    for _ in range(2):
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frames(client: np.ndarray, sport: np.ndarray, dport: np.ndarray, step: tuple) -> np.ndarray:
    """Return one segment of each connection, without its time; ``step`` is a line of ``_KINDS``."""
    back, flags, payload, sent, received = step
    packets = np.zeros(len(client), RECORD)
    packets["captured"] = packets["wire"] = 54 + len(payload)
    packets["ethertype"], packets["version"], packets["ttl"] = 0x0800, 0x45, 64
    packets["protocol"], packets["offset"], packets["window"] = 6, 0x50, 64240
    packets["total"], packets["fragment"], packets["flags"] = 40 + len(payload), 0x4000, flags
    ends = (client, np.full_like(client, _ACCEPTOR))
    ports = (sport, dport)
    packets["from"], packets["to"] = ends[back], ends[1 - back]
    packets["sport"], packets["dport"] = ports[back], ports[1 - back]
    first = (client * 2654435761 + sport * 40503) & 0x7FFFFFFF
    numbers = (first + sent, first + 0x1234567 + received)
    packets["seq"] = numbers[back]
    packets["ack"] = numbers[1 - back] if flags & _ACK else 0
    packets["checksum"] = _folded(_summed(packets, "version", "sport"))
    padded = np.frombuffer(payload + b"\0" * (len(payload) % 2), ">u2").astype("i8").sum()
    pseudo = _summed(packets, "from", "sport") + 6 + 20 + len(payload)
    packets["sum"] = _folded(_summed(packets, "sport", "urgent") + pseudo + padded)
    if not payload:
        return packets
    made = np.zeros(len(client), [("head", RECORD), ("data", f"S{len(payload)}")])
    made["head"], made["data"] = packets, payload
    return made


def conversations(kind: str, first: int, count: int) -> list[np.ndarray]:
    """Return the segments of ``count`` connections from number ``first`` on, step after step."""
    number = np.arange(first, first + count)
    if kind == "mixed":
        parts = [
            conversations(one, first + k * (count // 5), count // 5) for k, one in enumerate(_KINDS)
        ]
        return [step for part in parts for step in part]
    client = 0x0A4E0000 + number % _HOSTS
    sport = 1024 + number // _HOSTS % 60_000
    dport = np.where(number // _HOSTS // 60_000 % 2, 9103, 9101)
    if kind == "random":
        draw = np.random.default_rng(first)
        client, sport = draw.integers(1 << 24, 0xE0000000, count), draw.integers(1024, 65536, count)
    return [frames(client, sport, dport, step) for step in _KINDS.get(kind, _KINDS["half-open"])]


def write(path: Path, kind: str, count: int) -> None:
    """Write ``count`` connections of a kind to ``path``."""
    time = _START_NS
    with path.open("wb") as file:
        file.write(_HEADER)
        for first in range(0, count, _TOGETHER):
            for step in conversations(kind, first, min(_TOGETHER, count - first)):
                head = step if step.dtype == RECORD else step["head"]
                times = time + np.arange(len(step)) * _GAP_NS
                head["sec"], head["usec"] = times // 10**9, times % 10**9 // 1000
                time = int(times[-1]) + _GAP_NS
                file.write(step.tobytes())


if __name__ == "__main__":
    thousands = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    write(Path(sys.argv[1]), sys.argv[2], thousands * 1000)
