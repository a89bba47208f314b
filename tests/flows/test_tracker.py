"""A look while feeding goes on: the flows that are open, or were until a moment ago."""

from __future__ import annotations

import gc
from typing import Any
from weakref import ref

import pytest
from audits import ROOT
from tape import PORTS, SECOND, Endpoint, Tape

from auditor.flows import ConnectionTracker, Flow
from auditor.flows import tracker as module
from auditor.kernels.compile_apart import _shapes
from auditor.packets.decoder import Decoder

SD = Endpoint("10.77.0.20", 9103)
FDS = [Endpoint("10.77.0.31", 40000 + number) for number in range(4)]


def tracked(tape: Tape) -> ConnectionTracker:
    tracker = ConnectionTracker(PORTS)
    tracker.feed(tape.batch())
    return tracker


def ports(flows: tuple[Flow, ...]) -> list[int]:
    return [flow.initiator.port - 40000 for flow in flows]


def conversations() -> Tape:
    """Four connections, ten seconds apart; the first and the third are closed at once."""
    tape = Tape()
    for number, fd in enumerate(FDS):
        tape.silence(10).syn(fd, SD).synack().ack()
        if number % 2 == 0:
            tape.fin(fd).ack().fin(SD).ack()
    return tape


@pytest.mark.parametrize(
    ("ago", "found"), [(0, [1, 3]), (5, [1, 3]), (15, [1, 2, 3]), (60, [0, 1, 2, 3])]
)
def test_open_flows_are_shown_and_closed_ones_for_a_while(ago: int, found: list[int]) -> None:
    tape = conversations()
    recent = tracked(tape).recent(tape.now - ago * SECOND, 10, tape.now)
    assert ports(recent) == found


def test_of_too_many_the_latest_are_shown_in_order_of_first_sight() -> None:
    tape = conversations().silence(10).on(FDS[1], SD).send(FDS[1], b"x")
    tracker = tracked(tape)
    assert ports(tracker.recent(0, 4, tape.now)) == [0, 1, 2, 3]
    assert ports(tracker.recent(0, 2, tape.now)) == [1, 3]
    assert ports(tracker.recent(0, 1, tape.now)) == [1]


def test_a_look_shows_silence_up_to_now_and_each_flow_its_own_probes() -> None:
    tape = conversations().on(FDS[3], SD).silence(60).probe(FDS[3]).answer().silence(5).other()
    opened, probing = tracked(tape).recent(tape.now, 10, tape.now)
    assert (len(opened.initiator.probes), len(probing.initiator.probes)) == (0, 1)
    assert probing.initiator.probes[0].answered is not None
    assert opened.acceptor.longest_idle > 75 * SECOND


def test_a_look_calls_nothing_missing_for_it_sees_a_thinned_capture() -> None:
    tape = Tape().syn(FDS[0], SD).synack().ack().send(FDS[0], b"x" * 20).drop().ack()
    tape.ack(FDS[0])
    tracker = tracked(tape)
    (flow,) = tracker.recent(0, 1, tape.now)
    assert flow.initiator.missing == 0
    assert tracker.finish().flows[0].initiator.missing == 20


def test_nothing_is_shown_before_anything_was_fed() -> None:
    assert ConnectionTracker(PORTS).recent(0, 10, 0) == ()


def test_what_is_compiled_ahead_is_what_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code for other types would be compiled in vain."""
    seen: list[tuple[Any, ...]] = []

    def called(*arguments: Any) -> int:
        seen.append(arguments)
        return len(arguments[0])

    monkeypatch.setattr(module, "compile_ahead", lambda _, *arguments: seen.append(arguments))
    monkeypatch.setattr(module, "track", called)
    tracker = ConnectionTracker(PORTS)
    decoder = Decoder(PORTS, "live")
    for batch in decoder.feed((ROOT / "captures/heartbeat/capture.pcap").read_bytes()):
        tracker.feed(batch)
    tracker.feed(conversations().batch())
    ahead, *calls = map(_shapes, seen)
    assert len(calls) >= 2
    assert all(call == ahead for call in calls)


def test_memory_is_free_as_soon_as_a_recording_is_over() -> None:
    """Whoever audits many has garbage looked for seldom: a circle kept the tables of all."""
    tracker = ConnectionTracker(PORTS)
    store = ref(tracker._store)
    tracker.finish()
    gc.disable()
    try:
        del tracker
        assert store() is None
    finally:
        gc.enable()
