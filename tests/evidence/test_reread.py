"""What is written is read once more, and what it tells less than the full capture is noted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tape import PORTS, Endpoint, Tape
from thinning_stage import thinned

from auditor.evidence import reread
from auditor.evidence.reread import Reread
from auditor.flows import ConnectionTracker, Flow
from auditor.packets import CaptureInfo, Decoder

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)


def contradicted() -> bytes:
    """A stream of which two copies differ far behind its hello."""
    tape = Tape().syn(FD, SD).synack().ack().send(FD, b"?" * 900)
    tape.silence(0.2)
    tape.connection.halves[FD].said = b"!" * 900
    return tape.resend(FD).ack(SD).silence(2).other().pcap()


def flows(capture: bytes) -> tuple[tuple[Flow, ...], CaptureInfo]:
    tracker, decoder = ConnectionTracker(PORTS), Decoder(PORTS)
    for batch in decoder.feed(capture):
        tracker.feed(batch)
    info = decoder.finish()
    return tracker.finish(info.last).flows, info


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_what_is_lost_is_noted_and_what_is_written_stays(size: int) -> None:
    capture, out = contradicted(), bytearray()
    file = thinned(capture)
    again = Reread(PORTS)
    write = again.beside(out.extend)
    for at in range(0, len(file), size):
        write(file[at : at + size])
    assert out == file
    notes = again.notes(*flows(capture))
    assert [note.count for note in notes.flows] == [1]
    assert not notes.unseen
    assert not notes.beyond


def test_what_is_beyond_the_bound_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reread, "_MOST", 0)
    again = Reread(PORTS)
    again.beside(lambda _: None)(thinned(contradicted()))
    found, info = flows(contradicted())
    found = tuple(replace(one, initiator=replace(one.initiator, missing=7)) for one in found)
    notes = again.notes(found, info)
    assert (notes.flows, notes.unseen) == ([], [])
    assert notes.beyond == (
        "7 acknowledged bytes were never captured",
        "1 connections of which the full capture showed more",
    )
