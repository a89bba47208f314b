"""Thins captures in memory, and compares what is made of the full and of the thinned one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tape import PORTS

from auditor.evidence.packet import Counters, Packet
from auditor.evidence.pcapng_file import Evidence
from auditor.evidence.thinning import Thinner
from auditor.flows import ConnectionTracker, Flow, Side
from auditor.packets import CaptureInfo, Decoder

#: Below this (ns) no silence is judged.
JUDGED = 900_000_000


def kept(chunks: Iterable[bytes], thinner: Thinner | None = None) -> list[Packet]:
    """Return what thinning keeps of a capture that arrives in chunks."""
    thinner, decoder = thinner or Thinner(64), Decoder(PORTS)
    packets = [
        packet
        for chunk in chunks
        for batch in decoder.feed(chunk)
        for packet in thinner.feed(batch)
    ]
    return packets + thinner.flush()


def thinned(capture: bytes, thinner: Thinner | None = None) -> bytes:
    """Return a capture as a thinned pcapng file."""
    decoder = Decoder(PORTS)
    thinner = thinner or Thinner(64)
    file: list[bytes] = []
    evidence = Evidence(file.append, "")
    for batch in decoder.feed(capture):
        evidence.describe(decoder.interfaces)
        evidence.add(thinner.feed(batch))
    evidence.add(thinner.flush())
    info = decoder.finish()
    matched, count, lost = thinner.counters()
    evidence.end(info, Counters(info.packets, matched, count, info.dropped or 0, lost), info.lacks)
    return b"".join(file)


def follow(capture: bytes) -> tuple[tuple[Flow, ...], CaptureInfo]:
    """Return the flows of a capture and the account of it."""
    follower, decoder = ConnectionTracker(PORTS), Decoder(PORTS)
    for batch in decoder.feed(capture):
        follower.feed(batch)
    info = decoder.finish()
    return follower.finish(info.last, thinned=info.thinned).flows, info


def judged(flow: Flow) -> Flow:
    """Return a flow with nothing in it that thinning may change."""
    return replace(
        flow,
        initiator=_judged(flow.initiator),
        acceptor=_judged(flow.acceptor),
        last=0,
        duplicates=0,
    )


def _judged(side: Side) -> Side:
    short = side.longest_idle < JUDGED
    stall = side.stall
    if stall is not None and (stall.sends < 2 or stall.silence < JUDGED):
        stall = None
    return replace(
        side,
        segments=0,
        payload_bytes=0,
        last=0,
        longest_idle=0 if short else side.longest_idle,
        longest_idle_began=0 if short else side.longest_idle_began,
        retransmissions=0,
        missing=0,
        zero_windows=0,
        largest_acked=0,
        said=None,
        spoke=None,
        stall=stall,
    )


def assert_agree(capture: bytes) -> bytes:
    """Check that both captures lead to the same judgement; return the thinned one."""
    thin = thinned(capture)
    flows, info = follow(capture)
    again, account = follow(thin)
    assert [judged(flow) for flow in again] == [judged(flow) for flow in flows]
    assert account.thinned
    assert (account.first, account.last) == (info.first, info.last)
    assert account.backwards == account.undecoded == account.short == 0
    return thin
