"""Recordings whose times are wrong, or whose packets are late, are judged as they are."""

from __future__ import annotations

import random
import struct
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from paths import CAPTURES
from pcapfile import pcap

import auditor
from auditor import Audit, Network

RECORDINGS = sorted(path for path in CAPTURES.rglob("*.pcap") if path.stat().st_size < 600_000)
#: A time (ns UTC), and a frame.
Packets = list[tuple[int, bytes]]


@cache
def whole(path: Path) -> tuple[Audit, Network]:
    config = next((one / "config" for one in path.parents if (one / "config").is_dir()), None)
    network = auditor.load_network(config=config, resolve=False)
    return auditor.audit(path, network=network), network


def packets_of(path: Path) -> Packets:
    data, at, found = path.read_bytes(), 24, Packets()
    scale = 1 if data[:4] == b"\x4d\x3c\xb2\xa1" else 1000
    while at < len(data):
        seconds, part, size, _ = struct.unpack_from("<4I", data, at)
        found.append((seconds * 10**9 + part * scale, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return found


def unsteady(packets: Packets, chance: random.Random) -> Packets:
    """A clock that is read unevenly."""
    by = chance.choice([1_000, 100_000, 1_000_000])
    return [(time + chance.randrange(by), frame) for time, frame in packets]


def coarse(packets: Packets, chance: random.Random) -> Packets:
    """A clock that stands still in between."""
    tick = chance.choice([100_000, 1_000_000, 10_000_000])
    return [(time // tick * tick, frame) for time, frame in packets]


def queued(packets: Packets, chance: random.Random) -> Packets:
    """A card with four queues, each of which is late by another time."""
    late = [chance.randrange(120_000_000) for _ in range(4)]
    written = [(time + chance.choice(late), n) for n, (time, _) in enumerate(packets)]
    return [packets[n] for _, n in sorted(written)]


def said(audit: Audit) -> tuple[list[tuple[str, ...]], Counter[tuple[str, str]]]:
    flows, findings = audit.tables["flows"], audit.tables["findings"]
    names = (
        "initiator_port",
        "acceptor_port",
        "connection",
        "outcome",
        "ending",
        "heartbeat_verdict",
    )
    rows = zip(*(map(str, flows.values(name)) for name in names), strict=True)
    return sorted(rows), Counter(
        zip(findings.values("rule"), findings.values("verdict"), strict=True)
    )


@pytest.mark.parametrize("change", [unsteady, coarse, queued])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: "/".join(path.parts[-3:]))
def test_no_verdict_changes(
    path: Path, change: Callable[[Packets, random.Random], Packets], tmp_path: Path
) -> None:
    chance = random.Random(f"{change.__name__} {path.relative_to(CAPTURES)}")
    audit, network = whole(path)
    changed = tmp_path / "changed.pcap"
    link = struct.unpack_from("<I", path.read_bytes(), 20)[0]
    changed.write_bytes(pcap(change(packets_of(path), chance), link=link, nanoseconds=True))
    assert said(auditor.audit(changed, network=network)) == said(audit)
