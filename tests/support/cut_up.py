"""IP fragments of one TCP segment, some of which may lie, and what a decoder makes of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from pcapfile import pcap
from tape import Endpoint, Frame, Tape

from auditor.packets import Decoder

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.inet import IP, TCP
    from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
    from scapy.layers.l2 import Ether

V4 = IP(src="10.77.0.31", dst="10.77.0.20", id=7, proto=6)
V6 = IPv6(src="2001:db8::31", dst="2001:db8::20")
LINK = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
TRUTH, LIE = b"the truth, to its end", b"lies\0lies\0lies\0lies\0!"


def carried(version: int, data: bytes, seq: int = 7, sport: int = 40001) -> bytes:
    """Return a TCP segment with its checksum."""
    tcp = TCP(sport=sport, dport=9103, seq=seq, ack=9, flags="PA")
    packet = (V4 if version == 4 else V6) / tcp / data
    return bytes(type(packet)(bytes(packet)).payload)


def piece(
    version: int, begin: int, data: bytes, *, more: bool = True, ttl: int = 64, **changes: Any
) -> bytes:
    """Return the frame of one fragment."""
    if version == 4:
        fields = {**V4.fields, "flags": int(more), "frag": begin // 8, "ttl": ttl, **changes}
        return bytes(LINK / IP(**fields) / data)
    head = IPv6ExtHdrFragment(offset=begin // 8, m=int(more), nh=changes.get("nh", 6), id=77)
    return bytes(LINK / IPv6(**{**V6.fields, "hlim": ttl}) / head / data)


def pieces(version: int, payload: bytes, *places: int, ttl: int = 64) -> list[bytes]:
    """Return the frames of a datagram that is cut at these places, multiples of 8."""
    bounds = [0, *places, len(payload)]
    return [
        piece(version, begin, payload[begin:end], more=end < len(payload), ttl=ttl)
        for begin, end in pairwise(bounds)
    ]


def read(frames: Iterable[bytes], ports: set[int] | None = None) -> tuple[list[Any], int]:
    """Return payload and ``torn`` of what was whole, and how many fragments are of nothing."""
    decoder = Decoder(ports or {9103})
    found = []
    for batch in decoder.feed(pcap([(k * 1000, frame) for k, frame in enumerate(frames)])):
        for row in batch.segments:
            if row["header"]:
                begin = int(row["payload"])
                found.append((bytes(batch.buffer[begin : begin + row["captured"]]), row["torn"]))
    return found, decoder.finish().fragments


def tiny(tape: Tape, sender: Endpoint, size: int) -> Tape:
    """Cut all that ``sender`` sent into fragments."""
    source = sender.address
    frames = []
    for frame in tape.frames:
        packet = Ether(frame.data)
        if packet.payload.src != source:
            frames.append(frame)
            continue
        payload = bytes(packet[TCP])
        version = packet.payload.version
        for begin, end in pairwise([*range(0, len(payload), size), len(payload)]):
            more = int(end < len(payload))
            if version == 4:
                head = packet[IP].copy()
                head.remove_payload()
                head.flags, head.frag, head.len, head.chksum = more, begin // 8, None, None
                head.proto = 6
            else:
                head = packet[IPv6].copy()
                head.remove_payload()
                head.plen, head.nh, number = None, 44, len(frames) - begin // size
                head = head / IPv6ExtHdrFragment(offset=begin // 8, m=more, nh=6, id=number)
            data = bytes(LINK / head / payload[begin:end])
            frames.append(Frame(frame.time, data, len(data)))
    tape.frames = frames
    return tape
