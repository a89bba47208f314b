"""Whole audits: what hosts of a network, and strangers, say to each other in any order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from auditor.flows import ConnectionTracker
from auditor.packets import Decoder
from auditor.pipeline.build_audit import build_audit
from auditor.pipeline.network import Network, load_network
from auditor.pipeline.track_capture import TrackedCapture
from auditor.result import Audit
from fuzz.conversation import SAID, STEPS, Conversation, pcap
from fuzz.draws import Draws
from fuzz.support import NETWORK, planted, thinned


def check(data: bytes) -> None:
    """Audit a conversation with and without a configuration, and what thinning leaves of it."""
    capture = pcap(Conversation().frames(Draws(data)))
    for network in networks():
        audited(capture, network)
    audited(thinned(capture), networks()[0])


@cache
def networks() -> tuple[Network, ...]:
    """Return the network whose hosts talk, and one of which nothing is known."""
    folder = planted(Path(tempfile.mkdtemp(prefix="fuzz-")), NETWORK)
    return load_network(config=folder, resolve=False), load_network()


def audited(capture: bytes, network: Network) -> Audit:
    """Return the audit of a capture in memory."""
    decoder, tracker = Decoder(network.ports), ConnectionTracker(network.ports, max_flows=64)
    for batch in decoder.feed(capture):
        tracker.feed(batch)
    info = decoder.finish()
    result = tracker.finish(info.last, thinned=info.thinned)
    return build_audit([TrackedCapture(info, result.flows, tuple(result.notes))], network)


def seeds() -> Iterator[bytes]:
    """Yield a conversation of each pair: a handshake, each side's first words, silence, probes."""
    syn, synack, ack, data = (b"\0%c\1\0\0", b"\0%c\2\0\0", b"\0%c\0\0\0", b"\0%c\4\0%c")
    said = len(SAID)
    for pair, what in ((what * by % 8, what) for by in (3, 5) for what in range(1, said)):
        turned = pair | 8
        yield (
            (syn % pair)
            + (synack % turned)
            + (ack % pair)
            + (data % (pair, what + 1))
            + (data % (turned, (what + 1) % said + 1))
            + bytes([len(STEPS) - 6, pair, 0, 1, 0]) * 2
            + (ack % turned)
        )
