"""pcap and pcapng files, in chunks of any size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np

from auditor.flows import ConnectionTracker
from auditor.packets import Decoder
from auditor.packets.icmp import ICMP_ERROR
from fuzz.conversation import SAID, Conversation, pcap
from fuzz.draws import Draws
from fuzz.promises import assert_inert, one_sentence
from fuzz.support import Pcapng

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
    """Hold that the payload of each segment lies in the buffer of its batch. Rows of ICMP errors
    tell there how large a packet was that they quote."""
    segments = segments[segments["ident"] & ICMP_ERROR == 0]
    at, length = segments["payload"].astype(np.int64), segments["captured"].astype(np.int64)
    assert ((at >= 0) & (length >= 0) & (at + length <= size)).all()


def seeds() -> Iterator[bytes]:
    """Yield a pcap and a pcapng file."""
    frames = Conversation().frames(Draws(bytes([0, 0, 1, 0, 0, 0] * len(SAID))))
    yield b"\0\0" + pcap(frames)
    yield b"\0\7" + pcapng(frames)


def pcapng(frames: list[tuple[int, bytes]]) -> bytes:
    """Return frames as a pcapng file with nanoseconds, and drops that no capture can have."""
    file = Pcapng(application="a recorder").interface(tsresol=9)
    for number, (time, frame) in enumerate(frames):
        lost = file.option(4, number.to_bytes(8, "little")) if number < 3 else b""
        file.enhanced(max(time, 0), frame, options=lost)
    return bytes(file.statistics(0, ifdrop=7, osdrop=1 << 63))
