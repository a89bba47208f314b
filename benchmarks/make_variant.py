"""Writes the packets of ``make_capture.py`` as other networks have them:
``python benchmarks/make_variant.py FILE KIND [MILLIONS]``.

KIND is ``full`` (nothing is cut: 1514 bytes a packet of data, so 1.28 million are 1.5 GB),
``vlans`` (each of the 256 channels in a VLAN of its own), ``ipv6``, or ``elsewhere`` (the same at
the same time between other hosts).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from make_capture import _CHANNELS, _HEADER, _MSS, RECORD, bulk, opening

_FIELDS: list[tuple[str, Any]] = [(name, RECORD[name]) for name in RECORD.names or ()]
_AT_IP = next(place for place, field in enumerate(_FIELDS) if field[0] == "ethertype")
_AT_TCP = next(place for place, field in enumerate(_FIELDS) if field[0] == "sport")
_TAGGED = np.dtype([*_FIELDS[:_AT_IP], ("tag", ">u2"), ("vlan", ">u2"), *_FIELDS[_AT_IP:]])
_SIX: list[tuple[str, Any]] = [
    ("version6", ">u4"), ("length", ">u2"), ("next", "u1"), ("hops", "u1"),
    ("from6", ">u4", 4), ("to6", ">u4", 4),
]  # fmt: skip
_IPV6 = np.dtype([*_FIELDS[: _AT_IP + 1], *_SIX, *_FIELDS[_AT_TCP:]])
_WHOLE = np.dtype([*_FIELDS[:-1], ("payload", f"S{_MSS}")])
#: Every fourth packet is an ACK.
_FOUR = np.dtype([("data", _WHOLE, 3), ("ack", RECORD)])


def full(packets: np.ndarray) -> np.ndarray:
    """Return packets whose payload is there: as many as a multiple of four."""
    fours = packets.reshape(-1, 4)
    found = np.zeros(len(fours), _FOUR)
    _copy(fours[:, :3], found["data"])
    found["data"]["captured"] = found["data"]["wire"]
    found["ack"] = fours[:, 3]
    return found


def vlans(packets: np.ndarray) -> np.ndarray:
    """Return packets with a tag: the VLAN of a channel is told by the client's port."""
    found = np.zeros(packets.shape, _TAGGED)
    _copy(packets, found)
    found["tag"] = 0x8100
    client = np.where(packets["sport"] >= 40000, packets["sport"], packets["dport"])
    found["vlan"] = 1 + client - 40000
    return _longer(found, 4)


def ipv6(packets: np.ndarray) -> np.ndarray:
    """Return packets from and to addresses that end in the four octets they had."""
    found = np.zeros(packets.shape, _IPV6)
    _copy(packets, found)
    found["ethertype"], found["version6"] = 0x86DD, 0x60000000
    found["length"], found["next"], found["hops"] = packets["total"] - 20, 6, 64
    for name in ("from", "to"):
        found[f"{name}6"][:, 0], found[f"{name}6"][:, 3] = 0x20010DB8, packets[name]
    return _longer(found, 20)


def elsewhere(packets: np.ndarray) -> np.ndarray:
    """Return packets between hosts of another network."""
    for name in ("from", "to"):
        packets[name] ^= 0x00400000
    return packets


def _copy(source: np.ndarray, target: np.ndarray) -> None:
    for name in set(source.dtype.names or ()) & set(target.dtype.names or ()):
        target[name] = source[name]


def _longer(packets: np.ndarray, octets: int) -> np.ndarray:
    packets["captured"] += octets
    packets["wire"] += octets
    return packets


def main() -> None:
    """Write the file named on the command line."""
    path, kind = Path(sys.argv[1]), sys.argv[2]
    change = {"full": full, "vlans": vlans, "ipv6": ipv6, "elsewhere": elsewhere}[kind]
    count = int(float(sys.argv[3]) * 1e6) if len(sys.argv) > 3 else 10_000_000
    sent = np.zeros(_CHANNELS, np.int64)
    header = np.frombuffer(_HEADER, "<u4").copy()
    header[4] = 65535
    with path.open("wb") as file:
        file.write(header.tobytes())
        begin = opening()  # cut even where the rest is not
        file.write((begin if kind == "full" else change(begin)).tobytes())
        for first in range(0, count, 100_000):
            file.write(change(bulk(100_000, first, sent)).tobytes())


if __name__ == "__main__":
    main()
