"""The tracker's loop: which flow a segment goes to, and where it stops for more room."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import HIGH, LOW, between

from auditor.flows.store import Store
from auditor.flows.tcp_state import NEVER, NONE
from auditor.flows.track import track
from auditor.packets.segments import ACK, SEGMENT, SYN, read_only

NO_BYTES = read_only(np.zeros(0, "u1"))


def run(store: Store, *segments: Any, start: int = 0) -> int:
    taken = np.array([tuple(one) for one in segments], SEGMENT)
    with np.errstate(over="ignore"):  # the hash wraps
        return int(track(read_only(taken), start, NO_BYTES, *store.tables()))


def syn(seq: int, source: tuple[int, int] = HIGH, time: int = 1) -> Any:
    return between(source, LOW, seq=seq, flags=SYN, time=time, window=9)


@pytest.fixture
def store() -> Store:
    return Store(2, bytes(range(80)))


def counts(store: Store) -> dict[str, int]:
    names = ("flow_count", "lost_segments", "lost_flows")
    return {name: int(store.state[name]) for name in names}


def test_a_flow_opens_with_nothing_known_of_either_side(store: Store) -> None:
    assert run(store, syn(7, time=50)) == 1
    flow, peer = store.flows[0], store.sides[0]
    assert (flow["first"], flow["last"], flow["ended"], flow["rtt"]) == (50, 50, NEVER, NEVER)
    assert (flow["opener"], flow["syns"]) == (1, 1)  # LOW sorts first: the sender is side 1
    assert (store.sides[1]["isn"], store.sides[1]["segments"]) == (7, 1)
    assert (peer["previous_isn"], peer["hello"], peer["open_probe"]) == (NEVER, NONE, NONE)


def test_a_syn_with_another_number_is_a_new_connection_on_the_same_endpoints(store: Store) -> None:
    """RFC 9293 §3.4.1: initial numbers tell incarnations of a connection apart."""
    run(store, syn(7), syn(7, time=10**9), syn(500_000, time=2 * 10**9))
    assert store.flows["syns"][:2].tolist() == [2, 1]
    assert store.flows["linked"][:2].tolist() == [1, 1]
    assert store.flows["rivals"][:2].tolist() == [0, 1]
    assert (store.sides[3]["isn"], store.sides[3]["previous_isn"]) == (500_000, 7)
    assert store.sides[2]["previous_isn"] == NEVER  # its peer sent no SYN that was seen


def test_a_late_syn_of_the_connection_before_is_left_out_of_account(store: Store) -> None:
    run(store, syn(7), syn(500_000, time=2), syn(7, time=3))
    assert counts(store) == {"flow_count": 2, "lost_segments": 0, "lost_flows": 0}
    assert store.sides["segments"].tolist() == [0, 1, 0, 1]


def test_it_stops_before_a_table_overflows_and_takes_nothing_of_that_segment() -> None:
    store = Store(2000, bytes(range(80)))
    store.state["flow_stop"] = 1
    assert run(store, syn(7), syn(8, time=2)) == 1
    assert (store.state["flow_count"], store.sides[1]["segments"]) == (1, 1)
    store.state["flow_stop"] = 2
    assert run(store, syn(7), syn(7, time=2, source=(HIGH[0], 2)), start=1) == 2
    assert store.sides["segments"][:4].tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("stop", ["probe_stop", "hello_stop"])
def test_every_table_may_ask_for_room(store: Store, stop: str) -> None:
    store.state[stop] = 0
    assert run(store, syn(7)) == 0


def test_at_the_hard_bound_segments_are_lost_and_bare_syns_are_attempts(store: Store) -> None:
    run(store, syn(7), syn(8, (1, 1)))
    store.sides["payload_bytes"][:4] = 1
    store.make_room()  # both said something: they stay, and the bound is final
    for flags, lost_flows in ((SYN, 1), (SYN | ACK, 1), (ACK, 1), (SYN, 2)):
        assert run(store, between((2, 2), LOW, flags=flags)) == 1
        assert store.state["lost_flows"] == lost_flows
    assert counts(store) == {"flow_count": 2, "lost_segments": 4, "lost_flows": 2}


def test_after_the_tables_moved_the_hash_is_built_anew(store: Store) -> None:
    run(store, syn(7))
    assert store.state["relink"] == 0
    store.tables()[3][:] = NONE
    store.state["recent"], store.state["relink"] = NONE, 1
    run(store, between(LOW, HIGH, flags=SYN | ACK, ack=8, time=2))
    assert (store.state["flow_count"], store.sides[0]["segments"]) == (1, 1)
