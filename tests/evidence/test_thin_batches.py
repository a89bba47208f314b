"""Thinning batch by batch, whoever follows them."""

from __future__ import annotations

import pytest
from tape import PORTS, Endpoint, Tape
from thinning_stage import follow

from auditor.evidence.thin_batches import Thinning
from auditor.packets import CaptureInfo, Decoder

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)


def tape() -> Tape:
    made = Tape().syn(FD, SD).synack().ack()
    for _ in range(30):
        made.send(FD, b"x" * 100).ack()
    return made.silence(2).other()


@pytest.mark.parametrize("thinned", [False, True])
def test_what_is_kept_is_counted(thinned: bool) -> None:
    written: list[bytes] = []
    thinning = Thinning(PORTS, written.append)
    decoder = Decoder(PORTS)
    assert thinning.counters() == (0, 0, 0)
    for batch in decoder.feed(tape().pcap()):
        thinning.evidence.describe(decoder.interfaces)
        thinning.before(batch, thinned=thinned)
        thinning.take(batch)
    info = decoder.finish()
    lacks = thinning.end(info, follow(tape().pcap())[0])
    done = thinning.account(info.packets, 7, lacks)
    matched, kept, lost = thinning.counters()
    assert (done.packets_in, done.octets_in, done.matched, done.lost) == (64, 7, matched, lost)
    assert done.packets_out == kept
    assert (kept == matched) == thinned
    assert done.octets_out == len(b"".join(written))
    assert done.lacks == ()


def test_nothing_is_evidence_too() -> None:
    written: list[bytes] = []
    thinning = Thinning(PORTS, written.append)
    info = CaptureInfo("none", "pcap", "file", "Ethernet", truncated=True)
    assert thinning.end(info, ()) == ("the full file ended inside a record",)
    decoder = Decoder(PORTS)
    assert list(decoder.feed(b"".join(written))) == []
    assert decoder.finish().thinned
