"""Frames of every link type, down to TCP, ICMP errors and fragments."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.packets import Decoder
from auditor.packets.link_types import LINK_TYPES
from fuzz.conversation import Conversation, pcap
from fuzz.draws import Draws
from fuzz.promises import one_sentence
from fuzz.targets.capture_formats import PORTS, assert_inside

_LINKS = sorted(LINK_TYPES)


def check(data: bytes) -> None:
    """Decode up to 16 frames of one link type, one of them cut by the recorder."""
    draws = Draws(data)
    link = _LINKS[draws.number() % len(_LINKS)]
    frames = [(10**18 + n * 10**9, piece) for n, piece in enumerate(draws.pieces(16))]
    decoder = Decoder(PORTS)
    with one_sentence():
        for batch in decoder.feed(pcap(frames, link)):
            assert_inside(batch.segments, len(batch.buffer))
        decoder.finish()


def seeds() -> Iterator[bytes]:
    """Yield a few frames for each link type; only Ethernet's begin as they should."""
    for turn in range(len(_LINKS)):
        said = Draws(bytes([16 * (turn % 2) + 32 * (turn % 7), 0, 0, turn, 1, 0, 8, 0]) * 4)
        frames = [frame for _, frame in Conversation().frames(said, 4)]
        pieces = [len(frame).to_bytes(2, "big") + frame for frame in frames]
        yield bytes([turn]) + b"".join(pieces)
