"""Frames of every link type, through tags and tunnels down to TCP, ICMP errors and fragments."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.packets import Decoder
from auditor.packets.link_types import ETHERNET, LINK_TYPES
from fuzz.conversation import Conversation, pcap
from fuzz.draws import Draws
from fuzz.promises import one_sentence
from fuzz.support import LINKS, TAGS, TUNNELS, fragments, frame, layer, tunnelled
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
    """Yield a few frames for each link type, tag and tunnel, some of them in fragments."""
    for turn, (link, wrap) in enumerate(LINKS.values()):
        yield _seed(link, [wrap(layer(packet)) for packet in _packets(turn)])
    for turn, tag in enumerate(TAGS.values()):
        yield _seed(ETHERNET, [frame(tag(layer(packet))) for packet in _packets(turn)])
    for turn, name in enumerate(TUNNELS):
        around = [tunnelled(packet, name, 4 + turn % 2 * 2) for packet in _packets(turn)]
        parts = [part for packet in around[:3] for part in fragments(packet, 16, 40)]
        yield _seed(ETHERNET, [frame(layer(packet)) for packet in [*around, *parts]])
    for packets in (_packets(0), _packets(1)):
        parts = [part for packet in packets for part in fragments(packet, 8, 16)]
        yield _seed(ETHERNET, [frame(layer(packet)) for packet in parts])


def _packets(turn: int) -> list[bytes]:
    """Return a few IP packets, of one family or the other."""
    said = Draws(bytes([16 * (turn % 2) + 32 * (turn % 7), 0, 0, turn, 1, 0, 8, 0]) * 4)
    return [data[14:] for _, data in Conversation().frames(said, 4)]


def _seed(link: int, frames: list[bytes]) -> bytes:
    pieces = [len(data).to_bytes(2, "big") + data for data in frames[:16]]
    return bytes([_LINKS.index(link)]) + b"".join(pieces)
