"""Writes connections that were let in: ``make_accepted.py FOLDER KIND COUNT``.

Each has its handshake, a ClientHello with the identity of a key, a ServerHello that takes it, a
login and an answer in sealed records, and FINs; one every 2.6 s, which makes a million in a month.
All that a program draws at random is drawn at random. KIND is ``polls`` (a monitor and nine
consoles ask one Director), ``clients`` (2 000 clients dial one Director), or ``unlike`` (a flood:
each comes from another host with another name, 10 microseconds after the one before). The
configuration of the network stands beside the capture.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from make_flood import _ACK, _FIN, _HEADER, _PSH, _START_NS, _SYN, RECORD, _folded, _summed

_GAP_NS = {"polls": 2_600_000_000, "clients": 2_600_000_000, "unlike": 10_000}
_STEP_NS = {"polls": 300_000, "clients": 300_000, "unlike": 500}
_TOGETHER = 20_000
_DIRECTOR = 0x0A4D0014
_HOSTS = {"polls": 10, "clients": 2000, "unlike": 1 << 29}


def _vector(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def _hello(kind: int, body: bytes, extensions: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """Return a record with a hello, and where its random octets and session are."""
    body = b"\3\3" + bytes(32) + _vector(1, bytes(32)) + body + _vector(2, extensions)
    message = bytes([kind]) + _vector(3, body)
    return b"\x16\3\1" + _vector(2, message), [(11, 43), (44, 76)]


def _client_hello(identity: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    share = _vector(2, b"\0\x1d" + _vector(2, bytes(32)))
    before = b"\0\x2b\0\5\4\3\4\3\3\0\x2d\0\2\1\1\0\x33" + _vector(2, share)
    offered = _vector(2, _vector(2, identity) + bytes(4)) + _vector(2, _vector(1, bytes(32)))
    extensions = before + b"\0\x29" + _vector(2, offered)
    suites = _vector(2, b"\x13\2\x13\3\x13\1\0\xa9") + b"\1\0"
    text, places = _hello(1, suites, extensions)
    key = text.index(b"\0\x1d\0\x20") + 4
    return text, [*places, (key, key + 32), (len(text) - 32, len(text))]


def _server_hello() -> tuple[bytes, list[tuple[int, int]]]:
    share = b"\0\x1d" + _vector(2, bytes(32))
    extensions = b"\0\x2b\0\2\3\4\0\x33" + _vector(2, share) + b"\0\x29\0\2\0\0"
    text, places = _hello(2, b"\x13\2\0", extensions)
    key = text.index(b"\0\x1d\0\x20") + 4
    sealed, more = _sealed(23, 53)
    moved = [(a + len(text), b + len(text)) for a, b in more]
    return text + sealed, [*places, (key, key + 32), *moved]


def _sealed(*sizes: int) -> tuple[bytes, list[tuple[int, int]]]:
    text, places = b"", []
    for size in sizes:
        text += b"\x17\3\3" + _vector(2, bytes(size))
        places.append((len(text) - size, len(text)))
    return text, places


def _steps(identity: bytes) -> list[tuple[int, int, tuple[bytes, list[tuple[int, int]]]]]:
    """Return the segments of a connection: whether the acceptor sends it, flags, payload."""
    nothing: tuple[bytes, list[tuple[int, int]]] = (b"", [])
    return [
        (0, _SYN, nothing),
        (1, _SYN | _ACK, nothing),
        (0, _ACK, nothing),
        (0, _PSH | _ACK, _client_hello(identity)),
        (1, _PSH | _ACK, _server_hello()),
        (0, _PSH | _ACK, _sealed(53, 61, 72, 66, 40)),
        (1, _PSH | _ACK, _sealed(234, 72, 61, 66, 400)),
        (0, _ACK, nothing),
        (0, _FIN | _ACK, nothing),
        (1, _FIN | _ACK, nothing),
        (0, _ACK, nothing),
    ]


def _frames(
    number: np.ndarray,
    client: np.ndarray,
    step: tuple[int, int, np.ndarray],
    numbers: list[np.ndarray],
) -> np.ndarray:
    """Return a segment of each connection; ``numbers`` are the sequence numbers of both sides."""
    back, flags, data = step
    size = data.shape[1]
    packets = np.zeros(len(number), RECORD)
    packets["captured"] = packets["wire"] = 54 + size
    packets["ethertype"], packets["version"], packets["ttl"] = 0x0800, 0x45, 64
    packets["protocol"], packets["offset"], packets["window"] = 6, 0x50, 64240
    packets["total"], packets["fragment"], packets["flags"] = 40 + size, 0x4000, flags
    ends, ports = (client, np.full_like(client, _DIRECTOR)), (1024 + number % 60_000, 9101)
    packets["from"], packets["to"] = ends[back], ends[1 - back]
    packets["sport"], packets["dport"] = ports[back], ports[1 - back]
    packets["seq"] = numbers[back] & 0xFFFFFFFF
    packets["ack"] = numbers[1 - back] & 0xFFFFFFFF if flags & _ACK else 0
    packets["checksum"] = _folded(_summed(packets, "version", "sport"))
    padded = np.pad(data, ((0, 0), (0, size % 2))).astype("i8")
    octets = padded[:, ::2].sum(axis=1) * 256 + padded[:, 1::2].sum(axis=1)
    pseudo = _summed(packets, "from", "sport") + 6 + 20 + size
    packets["sum"] = _folded(_summed(packets, "sport", "urgent") + pseudo + octets)
    numbers[back] = numbers[back] + size + (flags & (_SYN | _FIN) != 0)
    return packets


def _identity(kind: str, host: int) -> bytes:
    if kind == "unlike":
        return b"R_CONSOLE\x1e%08x" % host
    if kind == "clients":
        return b"R_CLIENT\x1efd%04d" % host
    return b"R_CONSOLE\x1emon" if host == 0 else b"R_CONSOLE\x1e*UserAgent*"


def _conversations(kind: str, number: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return the octets of connections, a row each; their hellos are equally long."""
    host = number % _HOSTS[kind]
    if kind == "unlike":
        host = host * 2654435761 % _HOSTS[kind]
    said = [_identity(kind, one) for one in host.tolist()]
    numbers = [draw.integers(0, 1 << 32, len(number)) for _ in range(2)]
    parts = []
    for k, (back, flags, (payload, places)) in enumerate(_steps(said[0])):
        data = np.tile(np.frombuffer(payload, "u1"), (len(number), 1))
        for begin, end in places:
            data[:, begin:end] = draw.integers(0, 256, (len(number), end - begin), "u1")
        if (at := payload.find(said[0])) >= 0:
            data[:, at : at + len(said[0])] = np.frombuffer(b"".join(said), "u1").reshape(
                len(number), -1
            )
        heads = _frames(number, 0x0A4E0000 + host, (back, flags, data), numbers)
        times = _START_NS + number * _GAP_NS[kind] + k * _STEP_NS[kind]
        heads["sec"], heads["usec"] = times // 10**9, times % 10**9 // 1000
        parts += [heads.view("u1").reshape(len(number), -1), data]
    return np.hstack(parts)


def _write_configuration(folder: Path, kind: str) -> None:
    director = "Director { Name = dir; Password = console; Heartbeat Interval = 60; }\n"
    director += "Console { Name = mon; Password = watched; }\n"
    for host in range(_HOSTS[kind] if kind == "clients" else 0):
        address = f"10.78.{host >> 8}.{host & 255}"
        director += f"Client {{ Name = fd{host:04}; Address = {address}; Password = p{host};\n"
        director += "Connection From Client To Director = yes; }\n"
    tray = "Monitor { Name = mon; Password = watched; }\n"
    tray += "Director { Name = dir; Address = 10.77.0.20; }\n"
    for name, text in (("dir/bareos-dir.conf", director), ("tray/tray-monitor.conf", tray)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def write(folder: Path, kind: str, count: int) -> Path:
    """Write ``count`` connections of a kind and the network's configuration; return the capture."""
    _write_configuration(folder / "config", kind)
    draw = np.random.default_rng(1)
    path = folder / "capture.pcap"
    with path.open("wb") as file:
        file.write(_HEADER)
        for first in range(0, count, _TOGETHER):
            number = np.arange(first, min(first + _TOGETHER, count))
            rows: dict[int, bytes] = {}
            of_first = number % _HOSTS[kind] == 0
            for some in filter(len, (number[of_first], number[~of_first])):
                made = _conversations(kind, some, draw)
                rows.update(zip(some.tolist(), map(bytes, made), strict=True))
            file.write(b"".join(rows[one] for one in sorted(rows)))
    return path


def set_clients(hosts: int, count: int) -> None:
    """Let so many clients dial in a day, ``count`` times in all; 10 000 at most."""
    _HOSTS["clients"], _GAP_NS["clients"] = hosts, 86_400_000_000_000 // count


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
