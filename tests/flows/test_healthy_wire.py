"""Recordings of real networks, and the same as a worse tap would have made them, accuse nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from paths import CAPTURES

from auditor.flows import ConnectionTracker
from auditor.packets import Decoder
from auditor.packets.segments import Array, Batch

PORTS = frozenset({5432, 9101, 9102, 9103})
RECORDINGS = sorted(CAPTURES.glob("*/capture.pcap*"))


def read(path: Path) -> list[Batch]:
    decoder = Decoder(PORTS)
    return [
        Batch(batch.segments.copy(), batch.buffer.copy())
        for batch in decoder.feed(path.read_bytes())
    ]


def worse(segments: Array, how: str, chance: np.random.Generator) -> Array:
    count = len(segments)
    if how == "lost":
        return segments[chance.random(count) >= 0.1]
    if how == "doubled":
        return np.repeat(segments, 1 + (chance.random(count) < 0.1))
    order = np.arange(count, dtype=float) + 3 * chance.random(count) * (chance.random(count) < 0.1)
    moved = segments[np.argsort(order, kind="stable")]
    moved["time"] = segments["time"]
    return moved


@pytest.mark.bulk
@pytest.mark.parametrize("how", ["lost", "doubled", "reordered"])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.parent.name)
def test_loss_doubling_and_reordering_are_no_tampering(path: Path, how: str) -> None:
    batches = read(path)
    for seed in range(5):
        chance = np.random.default_rng(seed)
        tracker = ConnectionTracker(PORTS)
        for batch in batches:
            tracker.feed(Batch(worse(batch.segments, how, chance), batch.buffer))
        for flow in tracker.finish().flows:
            assert flow.tampering_count == 0, (seed, str(flow.tampering), flow.index)
