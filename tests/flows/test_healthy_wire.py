"""Recordings of real networks, and the same as a worse tap would have made them, accuse nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from paths import CAPTURES
from tape import SECOND

from auditor.flows import ConnectionTracker, Outcome
from auditor.packets import Decoder
from auditor.packets.segments import ACK, SYN, Array, Batch

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
    burst = np.cumsum(np.diff(segments["time"], prepend=0) > SECOND)  # nothing is late for longer
    moved = segments[np.lexsort((order, burst))]
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


def only_syns_of_who_dialled(segments: Array, *, syn_acks: bool) -> Array:
    """Return the SYNs, and of what acceptors sent all, or all but the SYN-ACKs."""
    handshake = segments["flags"] & (SYN | ACK)
    named = [(int(one["sport"]), int(one["dport"])) for one in segments]
    dialled = {pair for pair, flags in zip(named, handshake, strict=True) if flags == SYN}
    answers = np.array([pair[::-1] in dialled for pair in named])
    if not syn_acks:
        answers &= handshake != SYN | ACK
    return segments[(handshake == SYN) | answers]


@pytest.mark.bulk
@pytest.mark.parametrize("syn_acks", [False, True])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.parent.name)
def test_who_is_seen_to_dial_only_was_answered_and_let_in_as_far_as_is_known(
    path: Path, syn_acks: bool
) -> None:
    """A tap that lost all else of one direction accuses nobody by what it did not see."""
    whole, part = ConnectionTracker(PORTS), ConnectionTracker(PORTS)
    for batch in read(path):
        whole.feed(batch)
        seen = only_syns_of_who_dialled(batch.segments, syn_acks=syn_acks)
        part.feed(Batch(seen, batch.buffer))
    known = {(one.initiator.port, one.acceptor.port): one for one in whole.finish().flows}
    flows = part.finish().flows
    assert flows
    for flow in flows:
        full = known[flow.initiator.port, flow.acceptor.port]
        assert flow.outcome is full.outcome
        assert flow.one_sided is (full.outcome is Outcome.ESTABLISHED)
        assert flow.refusal is None or full.refusal is not None
