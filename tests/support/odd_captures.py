"""Recordings as networks, taps and attackers may spoil them: cut, lossy, and with numbers that lie.

A seed gives the same capture always. Times go backwards by "swap" alone.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

from paths import CAPTURES

#: Time, ns; the bytes that were captured; how many were on the wire.
Frame = tuple[int, bytes, int]
Frames = list[Frame]

SOURCES = sorted(CAPTURES.rglob("capture.pcap"))
_NETWORK_HEADER = {1: 14, 101: 0, 113: 16, 276: 20}
_SHIFTS = (1, -1, 1000, -5000, 1 << 20, 1 << 27, 1 << 29, 1 << 31)
#: Frames that are looked at of a long recording.
_MOST = (60, 200, 300, 600)


@cache
def _load(path: Path) -> tuple[int, tuple[Frame, ...]]:
    """Return link type and frames of a recording."""
    data = path.read_bytes()
    magic, link = struct.unpack("<I16xI", data[:24])
    scale = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[magic]
    at, frames = 24, []
    while at + 16 <= len(data):
        seconds, parts, captured, wire = struct.unpack("<IIII", data[at : at + 16])
        at += 16
        frames.append((seconds * 10**9 + parts * scale, data[at : at + captured], wire))
        at += captured
    return link, tuple(frames)


def configuration(source: Path) -> Path:
    """Return the configuration that a recording was made with."""
    parents = (source.parent, source.parent.parent)
    return next(folder / "config" for folder in parents if (folder / "config").is_dir())


def _tcp_at(link: int, data: bytes) -> int | None:
    """Return where the TCP header is; None: there is none."""
    at = _NETWORK_HEADER.get(link)
    if at is None or len(data) < at + 40:
        return None
    if data[at] >> 4 == 4 and data[at + 9] == 6:
        at += (data[at] & 15) * 4
    elif data[at] >> 4 == 6 and data[at + 6] == 6:
        at += 40
    else:
        return None
    return at if len(data) >= at + 20 else None


def _number(place: int) -> Callable[[random.Random, bytearray, int], None]:
    def shift(rng: random.Random, data: bytearray, at: int) -> None:
        where = slice(at + place, at + place + 4)
        number = int.from_bytes(data[where], "big") + rng.choice(_SHIFTS)
        data[where] = (number % 2**32).to_bytes(4, "big")

    return shift


def _flags(rng: random.Random, data: bytearray, at: int) -> None:
    data[at + 13] ^= rng.choice((1, 2, 4, 16, 3, 5, 18))


def _window(rng: random.Random, data: bytearray, at: int) -> None:
    data[at + 14 : at + 16] = rng.choice((b"\0\0", b"\xff\xff"))


def _ttl(rng: random.Random, data: bytearray, at: int) -> None:
    header = at - 40 if at >= 40 and data[at - 40] >> 4 == 6 else at - 20
    data[header + (7 if data[header] >> 4 == 6 else 8)] = rng.randrange(1, 255)


def _snap(rng: random.Random, data: bytearray, at: int) -> None:
    del data[rng.randrange(at, len(data) + 1) :]


def _byte(rng: random.Random, data: bytearray, at: int) -> None:
    if len(data) > at + 32:
        data[rng.randrange(at + 20, len(data))] ^= rng.randrange(1, 256)


_IN_A_FRAME = {
    "flags": _flags,
    "seq": _number(4),
    "ack": _number(8),
    "window": _window,
    "ttl": _ttl,
    "snap": _snap,
    "byte": _byte,
}


def _drop(rng: random.Random, frames: Frames, i: int) -> None:
    del frames[i : i + rng.choice((1, 1, 3, 10))]


def _dup(rng: random.Random, frames: Frames, i: int) -> None:
    time, data, wire = frames[i]
    frames.append((time + rng.choice((0, 10_000, 10**6, 3 * 10**8)), data, wire))


def _reorder(rng: random.Random, frames: Frames, i: int) -> None:
    j = min(len(frames) - 1, i + rng.choice((1, 2, 5)))
    (one, *first), (other, *second) = frames[i], frames[j]
    frames[i], frames[j] = (one, *second), (other, *first)


def _delay(rng: random.Random, frames: Frames, i: int) -> None:
    time, data, wire = frames[i]
    frames[i] = (time + rng.choice((10**5, 10**8, 10**9, 3 * 10**9)), data, wire)


def _gap(rng: random.Random, frames: Frames, i: int) -> None:
    pause = rng.choice((6 * 10**8, 10**9, 10**10))
    frames[i:] = [(time + pause, data, wire) for time, data, wire in frames[i:]]


def _swap(_rng: random.Random, frames: Frames, i: int) -> None:
    j = min(len(frames) - 1, i + 1)
    frames[i], frames[j] = frames[j], frames[i]


_IN_A_CAPTURE = {"drop": _drop, "dup": _dup, "reorder": _reorder, "delay": _delay, "gap": _gap}
_BACKWARDS = {"swap": _swap}

#: What can be done to a recording: "crop" takes a part of it, "none" nothing else.
KINDS = ("none", "crop", *_IN_A_CAPTURE, *_BACKWARDS, *_IN_A_FRAME)


def spoilt(kind: str, seed: int) -> tuple[Path, bytes]:
    """Return the recording that was taken, and a capture file with what was made of it."""
    rng = random.Random(f"{kind} {seed}")
    source = rng.choice(SOURCES)
    link, whole = _load(source)
    most = rng.choice(_MOST)
    begin = 0
    if kind == "crop" or (len(whole) > most and rng.random() < 0.5):
        begin = rng.randrange(max(1, len(whole) - most + 1))
    frames = list(whole[begin : begin + most])
    if kind not in ("none", "crop"):
        _spoil(rng, link, frames, kind)
    return source, _file(link, frames)


def _file(link: int, frames: Frames) -> bytes:
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)]
    for time, data, wire in frames:
        parts += [struct.pack("<IIII", time // 10**9, time % 10**9, len(data), wire), data]
    return b"".join(parts)


def _spoil(rng: random.Random, link: int, frames: Frames, kind: str) -> None:
    for _ in range(rng.choice((1, 2, max(1, len(frames) // rng.choice((5, 20, 60)))))):
        if len(frames) < 5:
            return
        i = rng.randrange(len(frames))
        if kind in _IN_A_CAPTURE:
            _IN_A_CAPTURE[kind](rng, frames, i)
            frames.sort(key=lambda frame: frame[0])
            continue
        if kind in _BACKWARDS:
            _BACKWARDS[kind](rng, frames, i)
            continue
        time, data, wire = frames[i]
        at = _tcp_at(link, data)
        if at is not None:
            changed = bytearray(data)
            _IN_A_FRAME[kind](rng, changed, at)
            frames[i] = (time, bytes(changed), wire)
