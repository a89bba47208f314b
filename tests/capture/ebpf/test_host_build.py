"""The filter's C source, built for this machine: with sanitizers, and under floods."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bpf_recording import Dialogue
from bpf_thinner import FRAME, BpfThinner, build
from paths import CAPTURES
from pcapfile import pcap
from tape import PORTS

from auditor.packets import Decoder

SANITIZED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
ETHERNET, RAW = 2, 3


def frames_of(capture: Path, count: int) -> Iterator[bytes]:
    for batch in Decoder(PORTS).feed(capture.read_bytes()):
        for row in batch.segments[:count]:
            yield batch.buffer[row["frame"] : row["payload"] + row["captured"]].tobytes()


def spoilt(frame: bytes, chance: random.Random) -> bytes:
    """Return a frame with a few bytes changed, behind the addresses of its link, or cut short."""
    data = bytearray(frame)
    for _ in range(chance.choice([0, 1, 1, 2, 8])):
        data[chance.randrange(12, len(data))] = chance.choice([0, 1, 22, 127, 255])
    return bytes(data[: chance.choice([len(data), len(data), chance.randrange(len(data) + 1)])])


def hostile() -> Iterator[tuple[int, bytes]]:
    chance = random.Random(20240829)
    captures = [CAPTURES / name / "capture.pcap" for name in ("modes", "cleartext", "trouble")]
    for frame in (frame for capture in captures for frame in frames_of(capture, 600)):
        bad = spoilt(frame, chance)
        yield ETHERNET, bad
        yield RAW, bad[14:]
        yield ETHERNET, bad[:12] + b"\x81\0\0\x07" + bad[12:]
    for size in range(600):
        yield ETHERNET, chance.randbytes(12) + b"\x86\xdd\x60" + chance.randbytes(size)
        yield RAW, chance.choice([b"\x45", b"\x4f", b"\x60"]) + chance.randbytes(size)


def test_no_frame_whatever_is_read_or_kept_beyond_its_end(tmp_path: Path) -> None:
    program = build(tmp_path / "filter", "main.c", *SANITIZED)
    stream, time = [], 10**9
    for ifindex, data in hostile():
        time += random.Random(len(stream)).choice([0, 1000, 10**8, 10**9])
        tag = 0x81000007 if len(stream) % 5 == 0 else 0
        longer = len(data) + len(stream) % 3 * 9
        frame = np.array([(time, 0, len(data), longer, ifindex, len(stream) & 1, tag)], FRAME)
        stream += [frame.tobytes(), data]
    done = subprocess.run([program], input=b"".join(stream), capture_output=True, check=False)
    assert done.stderr == b""
    assert int(done.stdout) > 1000


def opening(source: int, *, answered: bool) -> list[bytes]:
    return Dialogue(source=source).handshake()[: 2 if answered else 1]


@pytest.mark.parametrize("answered", [False, True], ids=["SYN", "SYN and SYN-ACK"])
def test_a_flood_takes_no_place_from_connections(answered: bool) -> None:
    early, late = Dialogue(source=60001), Dialogue(source=60002)
    flood = [one for port in range(1024, 1024 + 307) for one in opening(port, answered=answered)]
    frames = [*early.handshake(), *flood, *late.handshake()]
    frames += [late.frame(0, "PA", b"\0\0\0\x0bHello name\n"), late.frame(1), early.frame(0)]
    thinner = BpfThinner(64, max_unproven=64)
    stream = pcap([(10**18 + at, frame) for at, frame in enumerate(frames)], nanoseconds=True)
    kept = [p for batch in Decoder(PORTS).feed(stream) for p in thinner.feed(batch)]
    kept += thinner.flush()
    assert thinner.flows() == (2, 63)
    assert thinner.counters() == (len(frames), len(kept), 0)
    assert sum(b"Hello name" in packet.data for packet in kept) == 1


def test_a_flow_of_which_one_side_is_seen_stays_once_it_had_many_segments() -> None:
    talk = Dialogue()
    frames = [talk.frame(0, "A", b"data") for _ in range(80)]
    thinner = BpfThinner(64)
    stream = pcap([(10**18 + at, frame) for at, frame in enumerate(frames)], nanoseconds=True)
    for batch in Decoder(PORTS).feed(stream):
        thinner.feed(batch)
    assert thinner.flows() == (1, 0)
    assert 64 <= len(thinner.flush()) < 70


def test_what_a_full_ring_does_not_take_is_lost() -> None:
    ports = range(2000, 2200)
    frames = [Dialogue(source=port).frame(0, "A", b"data") for port in ports]
    thinner = BpfThinner(64, ring_bytes=5000)
    stream = pcap([(10**18 + at, frame) for at, frame in enumerate(frames)], nanoseconds=True)
    for batch in Decoder(PORTS).feed(stream):
        thinner.feed(batch)
    kept = len(thinner.flush())
    assert 0 < kept < 200
    assert thinner.counters() == (200, kept, 200 - kept)


@pytest.mark.parametrize("length", [1, 2, 3], ids=["SYN", "SYN and SYN-ACK", "handshakes"])
def test_what_a_flood_may_take_of_the_ring_leaves_room_for_who_talks(length: int) -> None:
    early, late = Dialogue(source=60001), Dialogue(source=60002)
    others = [Dialogue(source=port).handshake() for port in range(2000, 2300)]
    flood = [frame for opened in others for frame in opened[:length]]
    real = [*late.handshake(), late.frame(0, "PA", b"\0\0\0\x0bHello name\n"), late.frame(1)]
    frames = [*early.handshake(), early.frame(0, "PA", b"x" * 9), early.frame(1)]
    frames += [*flood, *real, early.probe(0), early.frame(1)]
    thinner = BpfThinner(400, ring_bytes=20_000)
    stream = pcap([(10**18 + at, frame) for at, frame in enumerate(frames)], nanoseconds=True)
    kept = [p for batch in Decoder(PORTS).feed(stream) for p in thinner.feed(batch)]
    kept += thinner.flush()
    assert thinner.counters() == (len(frames), len(kept), 0)
    assert thinner.withheld() == len(frames) - len(kept) > 100
    known = [packet.data[34:36] for packet in kept]
    missing = 1 if length == 3 else 0  # the last of the handshake
    assert known.count((60002).to_bytes(2, "big")) == 3 - missing
    assert known.count((60001).to_bytes(2, "big")) == 4
    assert sum(b"Hello name" in packet.data for packet in kept) == 1


def test_where_no_room_is_for_a_connection_nothing_of_its_beginning_is_lost() -> None:
    frames = [one for port in range(2000, 2100) for one in Dialogue(source=port).handshake()]
    thinner = BpfThinner(64)
    stream = pcap([(10**18 + at, frame) for at, frame in enumerate(frames)], nanoseconds=True)
    for batch in Decoder(PORTS).feed(stream):
        thinner.feed(batch)
    thinner.flush()
    assert thinner.counters() == (300, 300, 0)


def flooded(others: int, later: int) -> tuple[BpfThinner, list[bytes]]:
    """Have one talk, and ``later`` ns after that 300 more, who fill a small ring; then have the
    first send so many probes. Return the thinner and what is kept of the first."""
    early = Dialogue(source=60001)
    flood = [Dialogue(source=port) for port in range(2000, 2300)]
    begun = [*early.handshake(), early.frame(0, "PA", b"x" * 9), early.frame(1)]
    said = [frame for one in flood for frame in (*one.handshake(), one.frame(0, "PA", b"x" * 9))]
    probes = [early.probe(0) for _ in range(others)]
    times = [10**18 + at for at in range(len(begun))]
    times += [10**18 + later + at for at in range(len(said) + len(probes))]
    thinner = BpfThinner(400, ring_bytes=32_768)
    frames = [*begun, *said, *probes]
    stream = pcap(list(zip(times, frames, strict=True)), nanoseconds=True)
    kept = [p for batch in Decoder(PORTS).feed(stream) for p in thinner.feed(batch)]
    kept += thinner.flush()
    return thinner, [p.data for p in kept if p.data[34:36] == (60001).to_bytes(2, "big")]


@pytest.mark.parametrize(("later", "kept"), [(2 * 10**9, 4), (10**9, 3)])
def test_who_was_there_for_two_seconds_has_room_that_no_newer_one_takes(
    later: int, kept: int
) -> None:
    """And what the newer ones lose is told apart: it hides no probe of an older one."""
    thinner, known = flooded(1, later)
    assert len(known) == kept  # SYN, ACK, the data, and the probe
    _, _, lost = thinner.counters()
    assert 0 < lost == thinner.lost_new()


def test_nobody_fills_the_reserve_by_way_of_one_connection() -> None:
    thinner, known = flooded(200, 2 * 10**9)
    _, _, lost = thinner.counters()
    assert len(known) <= 3 + 64
    assert lost - thinner.lost_new() > 0
