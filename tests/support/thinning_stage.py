"""Thins captures in memory, and compares what is made of the full and of the thinned one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from unittest import mock

from bpf_thinner import BpfThinner
from tape import PORTS, Tape

from auditor.evidence import thin_batches
from auditor.evidence.packet import Counters, Packet
from auditor.evidence.pcapng_file import Evidence
from auditor.evidence.thinning import Thinner
from auditor.flows import ConnectionTracker, Flow, Side
from auditor.flows.tampering import GOES_BACK, ORDER_BREAKS
from auditor.packets import CaptureInfo, Decoder

#: Below this (ns) no silence is judged.
JUDGED = 900_000_000
#: Silences (ns), and what ends them, may differ by so much, which no verdict tells apart
#: (``flows.noting``): of segments that follow each other so fast the thinned capture has one.
ALIKE = 100_000_000


Thinning = Thinner | BpfThinner

#: What thins where a test does not say: ``by`` changes it.
_kind: list[type[Thinner] | type[BpfThinner]] = [Thinner]


def thinner(max_flows: int = 64) -> Thinning:
    """Return a thinner of the kind that is being tested."""
    return _kind[0](max_flows)


def kind() -> type[Thinner] | type[BpfThinner]:
    """Return what thins where a test does not say."""
    return _kind[0]


def _make(
    max_flows: int, *, everything: bool = False, as_read: bool = False, piece: bool = False
) -> Thinning:
    """Return what ``thin`` uses: the kernel never sees what was thinned before."""
    if everything or piece or kind() is Thinner:
        return Thinner(max_flows, everything=everything, as_read=as_read, piece=piece)
    return kind()(max_flows)


@contextlib.contextmanager
def by(chosen: type[Thinner] | type[BpfThinner]) -> Iterator[None]:
    """Let every thinning inside the block be by ``Thinner``, or by the kernel's filter."""
    before = _kind[0]
    _kind[0] = chosen
    try:
        with mock.patch.object(thin_batches, "Thinner", _make):
            yield
    finally:
        _kind[0] = before


def kept(chunks: Iterable[bytes], thinning: Thinning | None = None) -> list[Packet]:
    """Return what thinning keeps of a capture that arrives in chunks."""
    thinning, decoder = thinning or thinner(), Decoder(PORTS)
    packets = [
        packet
        for chunk in chunks
        for batch in decoder.feed(chunk)
        for packet in thinning.feed(batch)
    ]
    return packets + thinning.flush()


def thinned(capture: bytes, thinning: Thinning | None = None) -> bytes:
    """Return a capture as a thinned pcapng file."""
    decoder = Decoder(PORTS)
    thinning = thinning or thinner()
    file: list[bytes] = []
    evidence = Evidence(file.append, "")
    for batch in decoder.feed(capture):
        evidence.describe(decoder.interfaces)
        evidence.add(thinning.feed(batch))
    evidence.add(thinning.flush())
    info = decoder.finish()
    matched, count, lost = thinning.counters()
    evidence.end(info, Counters(info.packets, matched, count, info.dropped or 0, lost), info.lacks)
    return b"".join(file)


def recorded_live(tape: Tape) -> Tape:
    """Let a tape give the file that a live recording of it would be."""
    capture = thinned(tape.pcap(), Thinner(64))
    tape.pcap = lambda: capture  # type: ignore[method-assign]
    return tape


def follow(capture: bytes) -> tuple[tuple[Flow, ...], CaptureInfo]:
    """Return the flows of a capture and the account of it."""
    follower, decoder = ConnectionTracker(PORTS), Decoder(PORTS)
    for batch in decoder.feed(capture):
        follower.feed(batch)
    info = decoder.finish()
    done = follower.finish(info.ended, thinned=info.thinned, unseen=info.unseen)
    return done.flows, info


def judged(flow: Flow) -> Flow:
    """Return a flow with nothing in it that thinning may change."""
    if flow.initiator.stream is None:  # of which no payload is kept, whatever contradicts it (P1)
        flow = replace(
            flow, hello_contradicts=False, tampering=(), tampering_count=0, doubts=frozenset()
        )
    # What was left out lengthens silences, and is what later segments contradict: only notes tell.
    noted = (GOES_BACK, ORDER_BREAKS)
    facts = tuple(fact for fact in flow.tampering if fact.kind not in noted)
    others = flow.tampering_count - (len(flow.tampering) - len(facts))
    flow = replace(flow, tampering=facts, tampering_count=others)
    return replace(
        flow,
        initiator=_judged(flow.initiator),
        acceptor=_judged(flow.acceptor),
        last=0,
        duplicates=0,
        # Of a stream whose beginning was not seen no hello may be kept (P1).
        hello_unseen=flow.hello_unseen and flow.initiator.stream is not None,
    )


def _judged(side: Side) -> Side:
    short = side.longest_idle < JUDGED
    soonest = side.unasked.soonest
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
        unasked=side.unasked._replace(frame=0, idle=0, soonest=0 if soonest < JUDGED else soonest),
        retransmissions=0,
        missing=0,
        zero_windows=0,
        largest_acked=0,
        said=None,
        spoke=None,
        stall=stall,
    )


def _beside(full: Flow, thin: Flow) -> Flow:
    """Return the full flow with the silences of the thinned one where they are alike, and with no
    more segments that nothing asked for: thinning keeps some of them."""

    def side(one: Side, other: Side) -> Side:
        if abs(one.longest_idle - other.longest_idle) <= ALIKE:
            one = replace(
                one, longest_idle=other.longest_idle, longest_idle_began=other.longest_idle_began
            )
        return replace(one, unasked=min(one.unasked, other.unasked))

    near = abs(full.alive - thin.alive) <= ALIKE
    return replace(
        full,
        alive=thin.alive if near else full.alive,
        initiator=side(full.initiator, thin.initiator),
        acceptor=side(full.acceptor, thin.acceptor),
    )


def assert_agree(capture: bytes) -> bytes:
    """Check that both captures lead to the same judgement; return the thinned one."""
    thin = thinned(capture)
    flows, info = follow(capture)
    again, account = follow(thin)
    full, less = map(judged, flows), [judged(flow) for flow in again]
    assert less == [_beside(*pair) for pair in zip(full, less, strict=True)]
    assert account.thinned
    assert (account.first, account.last) == (info.first, info.last)
    assert (account.clock, account.ended) == (info.clock, info.ended)
    assert account.undecoded == account.short == 0
    return thin
