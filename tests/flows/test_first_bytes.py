"""First bytes of connections that are over are kept once, and make room for others."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hello_wire import (
    chosen,
    client_hello,
    extension,
    keys,
    record,
    selected,
    server_hello,
    versions,
)
from tape import Endpoint, Tape

from auditor.flows import ConnectionTracker, Flow, TrackingResult
from auditor.flows import first_bytes as first_bytes_module
from auditor.flows.first_bytes import FIRST_KEPT, FirstBytes, KeptBytes, first_bytes
from auditor.flows.store import Store
from auditor.flows.tables import HELLO_BYTES, TRACE
from auditor.packets.segments import Batch

SECOND = 1_000_000_000
SD = Endpoint("10.77.0.20", 9103)


def test_equal_texts_are_kept_once() -> None:
    kept = KeptBytes(100)
    said = FirstBytes((b"x" * 60,))
    assert [kept.keep(said) for _ in range(3)] == [FIRST_KEPT] * 3
    assert kept.keep(FirstBytes((b"y",))) == FIRST_KEPT - 1
    assert kept[FIRST_KEPT] == said


def test_doubts_about_a_text_are_part_of_it() -> None:
    kept = KeptBytes(100)
    for said in (FirstBytes((b"x",), refused=True), FirstBytes((b"x", b"y"), contradicts=True)):
        place = kept.keep(said)
        assert place is not None
        assert kept[place] == said


def test_what_is_kept_has_a_bound() -> None:
    kept = KeptBytes(100)
    assert kept.keep(FirstBytes((b"x" * 60,))) == FIRST_KEPT
    assert kept.keep(FirstBytes((b"y" * 60,))) is None
    assert kept.keep(FirstBytes((b"x" * 60,))) == FIRST_KEPT


def test_first_bytes_come_from_the_table_from_what_is_kept_or_are_none() -> None:
    kept = KeptBytes(100)
    hellos, filled = np.zeros((2, HELLO_BYTES), "u1"), np.zeros((2, HELLO_BYTES // 8), "u1")
    traces = np.zeros(2, TRACE)
    hellos[:, :3] = np.frombuffer(b"abcabd", "u1").reshape(2, 3)
    filled[0, 0], traces["second"][0], traces["refused"][0, 0] = 0b11100000, 2, 1
    place = kept.keep(FirstBytes((b"kept",)))
    found = first_bytes(hellos, filled, traces, kept, np.array([place, -1, 0]))
    assert found == [FirstBytes((b"kept",)), FirstBytes(), FirstBytes((b"abc", b"abd"), True, True)]


def hellos(at_random: random.Random, name: bytes) -> tuple[bytes, bytes]:
    share = extension(51, at_random.randbytes(36))
    hello = record(client_hello(versions(0x0304), share, keys(b"R_CLIENT\x1e" + name)))
    answer = record(server_hello(chosen(0x0304), share, selected(0)))
    return hello, answer + record(at_random.randbytes(60), kind=23)


def visits(count: int, pause: int) -> Tape:
    """Return so many connections that were let in, each over ``pause`` ns before the next."""
    at_random, tape = random.Random(3), Tape()
    for number in range(count):
        fd = Endpoint(f"10.78.0.{number % 5}", 40_000 + number)
        hello, answer = hellos(at_random, b"fd%d" % (number % 5))
        tape.syn(fd, SD).synack().ack().send(fd, hello).ack().send(SD, answer).ack()
        tape.fin(fd).ack().fin(SD).ack().silence(pause / SECOND)
    return tape


def tracked(tape: Tape, *, max_flows: int = 262_144) -> tuple[TrackingResult, Store]:
    tracker = ConnectionTracker((9103,), max_flows=max_flows)
    batch = tape.batch()
    for start in range(0, len(batch.segments), 50):
        tracker.feed(Batch(batch.segments[start : start + 50], batch.buffer))
    return tracker.finish(), tracker._store


def test_connections_that_are_over_leave_their_rooms_to_those_that_come() -> None:
    result, store = tracked(visits(160, 300 * SECOND), max_flows=200)
    assert result.hellos_dropped == 0
    assert len(store.hellos) == 64
    assert [len(set(names)) for names in zip(*map(named, result.flows), strict=True)] == [5, 1, 1]
    assert len(store._kept._found) <= 6


def test_what_is_kept_reads_as_what_was_never_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = visits(120, 300 * SECOND)
    moved, _ = tracked(tape)
    monkeypatch.setattr(Store, "_keep_hellos", lambda _: False)
    assert tracked(tape)[0] == moved


def test_a_connection_that_may_go_on_keeps_its_room() -> None:
    result, store = tracked(visits(90, SECOND))
    assert len(store.hellos) == 256
    assert not store._kept._found
    assert len({flow.hello for flow in result.flows}) == 5


def named(flow: Flow) -> tuple[str, bool, bool]:
    assert flow.hello.identity is not None
    return flow.hello.identity.name, flow.hello.proven, flow.refusal is None


def test_a_pass_over_all_flows_is_made_only_where_it_frees_a_share_of_them() -> None:
    """Else a table of few hellos would cost a pass every few flows."""
    store = Store(1 << 16, bytes(range(80)))
    store._grow(20_000)
    store.state["flow_count"] = 10_000
    store.state["latest"], store.state["hello_count"] = 1000 * SECOND, 64
    store.sides["hello"] = -1
    store.sides["hello"][:64] = range(64)
    store.sides["payload_bytes"] = 100
    assert not store._keep_hellos()
    assert store.state["hello_count"] == 64
    store.state["flow_count"] = 1000
    assert store._keep_hellos()
    assert store.state["hello_count"] == 0


def test_what_each_side_drew_is_kept_beside_a_text_that_is_kept_once() -> None:
    kept = KeptBytes(100)
    said = FirstBytes((b"x" * 60,))
    places = [kept.keep(said._replace(drawn=drawn)) for drawn in (7, 0, 2**64 - 1)]
    assert len(set(places)) == 3
    assert [kept[place].drawn for place in places if place is not None] == [7, 0, 2**64 - 1]
    assert {kept[place].readings for place in places if place is not None} == {said.readings}


def test_it_is_kept_of_so_many_sides_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_bytes_module, "_DRAWN", 2)
    kept = KeptBytes(100)
    places = [kept.keep(FirstBytes((b"x",), drawn=drawn)) for drawn in (5, 6, 7)]
    assert [kept[place].drawn for place in places if place is not None] == [5, 6, 0]
