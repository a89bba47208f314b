"""Frames to decode, and what our decoder makes of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple

from auditor.packets import CaptureInfo, Decoder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # scapy's optional cryptography warns of old ciphers
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import Ether
    from scapy.packet import Packet

PORTS = (9101, 9102, 9103)
SECOND = 1_000_000_000


class Seen(NamedTuple):
    """One decoded segment, for people."""

    time: int
    src: str
    dst: str
    sport: int
    dport: int
    flags: int
    seq: int
    ack: int
    window: int
    ttl: int
    ident: int
    length: int
    payload: bytes


def seen(chunks: Iterable[bytes], ports: Iterable[int] = PORTS) -> tuple[list[Seen], CaptureInfo]:
    """Feed ``chunks`` to a decoder; return the segments and the account of the capture."""
    decoder = Decoder(list(ports), "test")
    found = [
        _person(row, batch.buffer)
        for c in chunks
        for batch in decoder.feed(c)
        for row in batch.segments
    ]
    return found, decoder.finish()


def rows(data: bytes, ports: Iterable[int] = PORTS) -> list[tuple[Any, Any]]:
    """Return the rows of dtype SEGMENT of a capture, each with the buffer it points into."""
    batches = Decoder(list(ports), "test").feed(data)
    return [(row.copy(), batch.buffer) for batch in batches for row in batch.segments]


def only(data: bytes) -> Seen:
    """Decode a capture with exactly one segment of interest and nothing to complain of."""
    (segment,), info = seen([data])
    assert (info.undecoded, info.short, info.fragments, info.truncated) == (0, 0, 0, False)
    return segment


def tcp(payload: bytes = b"", **fields: Any) -> Packet:
    """Return a TCP header to port 9102, with its payload, to be put on an IP header."""
    return TCP(**{"sport": 40000, "dport": 9102, "flags": "A", "window": 500, **fields}) / payload


def ipv4(payload: bytes = b"", **fields: Any) -> Packet:
    """Return an IPv4 packet with a segment to port 9102."""
    return IP(src="10.0.0.1", dst="10.0.0.2", **fields) / tcp(payload)


def ethernet(payload: bytes = b"", **fields: Any) -> bytes:
    """Return an Ethernet frame with an IPv4 packet with a segment to port 9102."""
    return bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ipv4(payload, **fields))


def ipv6(inner: Packet, **fields: Any) -> bytes:
    """Return an Ethernet frame with an IPv6 packet that carries ``inner``."""
    header = IPv6(src="2001:db8::1", dst="2001:db8::2", **fields)
    return bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / header / inner)


def pieces(data: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    """Cut ``data`` at the given offsets."""
    begin = 0
    for cut in sorted(cuts):
        yield data[begin:cut]
        begin = cut
    yield data[begin:]


def _person(row: Any, buffer: Any) -> Seen:
    begin = int(row["payload"])
    assert begin + int(row["captured"]) <= len(buffer)
    return Seen(
        time=int(row["time"]),
        src=_address(row["src_hi"], row["src_lo"]),
        dst=_address(row["dst_hi"], row["dst_lo"]),
        payload=buffer[begin : begin + int(row["captured"])].tobytes(),
        **{
            name: int(row[name])
            for name in (
                "sport",
                "dport",
                "flags",
                "seq",
                "ack",
                "window",
                "ttl",
                "ident",
                "length",
            )
        },
    )


def _address(high: Any, low: Any) -> str:
    address = IPv6Address((int(high) << 64) | int(low))
    mapped: IPv4Address | None = address.ipv4_mapped
    return str(mapped or address)
