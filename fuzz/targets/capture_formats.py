"""pcap and pcapng files, in chunks of any size."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from auditor.flows import ConnectionTracker
from auditor.packets import Decoder
from fuzz.conversation import SAID, Conversation, pcap
from fuzz.draws import Draws
from fuzz.promises import assert_inert, one_sentence

PORTS = frozenset({5432, 9101, 9102, 9103})


def check(data: bytes) -> None:
    """Decode, hold that no segment points outside its batch, and follow what was decoded."""
    draws = Draws(data)
    size = draws.number(2) or len(data) or 1
    rest = draws.take(len(data))
    decoder, tracker = Decoder(PORTS), ConnectionTracker(PORTS, max_flows=64)
    with one_sentence():
        for start in range(0, len(rest), size):
            for batch in decoder.feed(rest[start : start + size]):
                assert_inside(batch.segments, len(batch.buffer))
                tracker.feed(batch)
        info = decoder.finish()
        tracker.finish(info.last, thinned=info.thinned)
        for one in fields(info):
            assert_inert(str(getattr(info, one.name)), "")


def assert_inside(segments: np.ndarray, size: int) -> None:
    """Hold that the payload of each segment lies in the buffer of its batch."""
    at, length = segments["payload"].astype(np.int64), segments["captured"].astype(np.int64)
    assert ((at >= 0) & (length >= 0) & (at + length <= size)).all()


def seeds() -> Iterator[bytes]:
    """Yield a pcap and a pcapng file."""
    frames = Conversation().frames(Draws(bytes([0, 0, 1, 0, 0, 0] * len(SAID))))
    yield b"\0\0" + pcap(frames)
    yield b"\0\7" + pcapng(frames)


def pcapng(frames: list[tuple[int, bytes]]) -> bytes:
    """Return frames as a pcapng file with nanoseconds, a name, drops and a comment."""

    def block(kind: int, body: bytes) -> bytes:
        body += b"\0" * (-len(body) % 4)
        size = struct.pack("<I", len(body) + 12)
        return struct.pack("<I", kind) + size + body + size

    def option(code: int, value: bytes) -> bytes:
        return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)

    found = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + option(1, b"a comment"))
    named = option(2, b"eth0") + option(9, b"\x09") + option(0, b"")
    found += block(1, struct.pack("<HHI", 1, 0, 262144) + named)
    for time, frame in frames:
        high, low = divmod(max(time, 0), 1 << 32)
        head = struct.pack("<IIIII", 0, high, low, len(frame), len(frame))
        body = frame + b"\0" * (-len(frame) % 4)
        found += block(6, head + body + option(4, bytes(8)) + option(0, b""))
    drops = option(5, struct.pack("<Q", 7)) + option(7, struct.pack("<Q", 1 << 63)) + option(0, b"")
    return found + block(5, struct.pack("<III", 0, 0, 0) + drops)
