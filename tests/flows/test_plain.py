"""The plain course of a connection: taken in as any other segment is, and sooner."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from paths import CAPTURES
from tape import PORTS, Endpoint, Tape

from auditor.flows import on_segment, track
from auditor.flows.plain import keeps_plain
from auditor.flows.store import Store
from auditor.packets import Decoder
from auditor.packets.segments import Array, Batch, read_only

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
#: The tracker as it is written, since what it calls is exchanged here.
TRACK = getattr(track.track, "_function", track.track)


def tables(batch: Batch) -> tuple[Array, ...]:
    store = Store(1024, bytes(range(80)))
    segments, buffer, reached = read_only(batch.segments), read_only(batch.buffer), 0
    with np.errstate(over="ignore"):
        while reached < len(segments):
            reached = TRACK(segments, reached, buffer, *store.tables())
            store.make_room()
    store.flows["plain"] = 0
    return store.tables()


def plainly(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> int:
    """Assert that the tables are the same without this module; return how many segments it took."""
    taken = 0

    def counted(*args: Any) -> bool:
        nonlocal taken
        keeps = keeps_plain(*args)
        taken += keeps
        return keeps

    with monkeypatch.context() as patch:
        patch.setattr(on_segment, "keeps_plain", counted)
        found = tables(batch)
        patch.setattr(on_segment, "keeps_plain", lambda *_: False)
        expected = tables(batch)
    for one, other in zip(found, expected, strict=True):
        for name in one.dtype.names or ():
            assert np.array_equal(one[name], other[name]), name
        assert np.array_equal(one, other)
    return taken


def opened(rate: int = 0) -> Tape:
    """Both sides have said more than a hello, with timestamps of so many ticks a second."""
    tape = Tape().clocks(rate).syn(FD, SD).synack().ack()
    return tape.send(FD, bytes(5000)).ack(SD).send(SD, bytes(5000)).ack(FD).send(FD, b"x").ack(SD)


@pytest.mark.parametrize("size", [1, 2, 700, 1448])
def test_data_and_their_acknowledgements_are_the_plain_course(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = opened()
    before = plainly(tape.batch(), monkeypatch)
    for sender, receiver in ((FD, SD), (SD, FD), (FD, SD)):
        tape.send(sender, bytes(size)).send(sender, bytes(size)).ack(receiver)
    assert plainly(tape.batch(), monkeypatch) - before == 9


@pytest.mark.parametrize(
    "odd",
    [
        lambda tape: tape.silence(60).probe(FD).answer(),
        lambda tape: tape.silence(2),
        lambda tape: tape.silence(2).send(FD, b"y").ack(SD).resend(FD).ack(SD),
        lambda tape: tape.ack(SD),  # nothing new
        lambda tape: tape.send(FD, bytes(20)).drop(),
        lambda tape: tape.segment(FD, "PA", b"y", shift=100),
        lambda tape: tape.segment(FD, "PA", b"y", shift=-100),
        lambda tape: tape.segment(FD, "PA", b"y", unread=-100),
        lambda tape: tape.segment(FD, "PA", b"y", unread=100),
        lambda tape: tape.segment(FD, "A", b"y", unread=1 << 30),
        lambda tape: tape.segment(FD, "P", b"y"),
        lambda tape: tape.segment(FD, "S"),
        lambda tape: tape.ttl(3).send(FD, b"y").ttl(64).ack(SD),
        lambda tape: tape.window(SD, 0).window(SD, 500),
        lambda tape: tape.fin(SD).ack(FD),
        lambda tape: tape.segment(FD, "FA").send(FD, b"yy").ack(SD),
        lambda tape: tape.segment(FD, "SA"),
        lambda tape: tape.rst(SD),
        lambda tape: tape.resend(FD).ack(SD),
        lambda tape: tape.send(FD, b"y").duplicate(),
        lambda tape: tape.send(FD, b"y").send(FD, b"z").swap(),
        lambda tape: tape.send(FD, b"y").ack(SD).swap(),
    ],
)
def test_what_comes_between_is_taken_in_as_ever(odd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = odd(opened())
    for _ in range(3):
        tape.send(FD, bytes(800)).send(FD, bytes(800)).ack(SD)
    assert plainly(tape.batch(), monkeypatch) > 0


@pytest.mark.parametrize("shift", [0, None, -100_000_000, 100_000_000])
def test_so_are_odd_timestamps(shift: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    tape = opened(1000)
    before = plainly(tape.batch(), monkeypatch)
    tape.stamps(shift).segment(SD, "A").send(FD, bytes(800)).ack(SD).segment(FD, "A").stamps()
    for _ in range(3):
        tape.send(FD, bytes(800)).send(FD, bytes(800)).ack(SD)
    tape.stamps(shift).silence(0.5).send(FD, bytes(800)).ack(SD).send(FD, bytes(8)).ack(SD)
    assert plainly(tape.batch(), monkeypatch) > before


@pytest.mark.parametrize("how", ["", "lost", "late"])
@pytest.mark.parametrize("name", ["cleartext", "trouble", "lan-nat-active/wan"])
def test_recordings_are_taken_in_as_ever(
    name: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (batch, *_) = Decoder(PORTS).feed((CAPTURES / name / "capture.pcap").read_bytes())
    chance = np.random.default_rng(1)
    segments = batch.segments[len(batch.segments) // 3 :][:300].copy()
    if how == "lost":
        segments = segments[chance.random(len(segments)) > 0.05]
    if how == "late":
        order = np.arange(len(segments)) + 4 * (chance.random(len(segments)) < 0.1)
        segments = segments[np.argsort(order, kind="stable")]
    assert plainly(Batch(segments, batch.buffer), monkeypatch) > 0
