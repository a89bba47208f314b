"""Room in the tables: doubled up to the bound, then taken from what nobody answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import put

from auditor.flows.store import Store
from auditor.flows.tcp_state import NONE, SENT_ACK, SENT_SYN

SEEDS = bytes(range(80))
ENDLESS = 1 << 62


def full(flows: int, **of_initiator: int) -> Store:
    """Return a store at its bound: flow k was opened by its side 0, which sent k + 1 segments."""
    store = Store(flows, SEEDS)
    store.state["flow_count"] = flows
    store.sides["hello"] = NONE
    store.flows["linked"][:flows] = 1
    for index in range(flows):
        columns = {"bits": SENT_SYN, "segments": index + 1} | of_initiator
        put(store.sides[2 * index], **columns)
    return store


def senders(store: Store) -> list[int]:
    """Return the segments of each flow's side 0, by which flows are known apart here."""
    return [int(number) for number in store.sides["segments"][::2] if number]


def test_what_is_full_is_doubled_and_what_it_held_stays() -> None:
    store = Store(10_000, SEEDS)
    assert (store.state["flow_stop"], len(store.sides), len(store.flows)) == (1024, 2048, 1025)
    store.state["flow_count"] = 1024
    store.flows["first"][:1024] = np.arange(1024)
    store.make_room()
    assert (store.state["flow_stop"], len(store.sides), len(store.flows)) == (2048, 4096, 2049)
    assert store.flows["first"][:1024].tolist() == list(range(1024))
    assert not store.flows["first"][1024:].any()
    assert store.state["relink"] == 1


def test_the_last_doubling_stops_at_the_bound() -> None:
    store = Store(1500, SEEDS)
    store.state["flow_count"] = 1024
    store.make_room()
    assert (store.state["flow_stop"], len(store.flows)) == (1500, 1501)


def test_a_table_that_is_not_full_is_left_alone() -> None:
    store = Store(10_000, SEEDS)
    before = [table.shape for table in store.tables()]
    store.make_room()
    assert [table.shape for table in store.tables()] == before


@pytest.mark.parametrize("flows", [1, 3, 512, 1024, 1500])
def test_there_are_more_buckets_than_flows_and_a_power_of_two(flows: int) -> None:
    heads = Store(flows, SEEDS).tables()[3]
    assert len(heads).bit_count() == 1
    assert len(heads) >= min(flows, 1024)


def test_probes_stop_one_early_for_a_segment_may_bring_two() -> None:
    store = Store(1000, SEEDS)
    assert store.state["probe_stop"] == len(store.probes) - 1
    for rows in (2048, 4000):  # four for each flow
        store.state["probe_count"] = store.state["probe_stop"]
        store.make_room()
        assert len(store.probes) == rows
    assert store.state["probe_stop"] == ENDLESS


def test_first_bytes_are_kept_for_a_quarter_as_many_sides_as_flows() -> None:
    store = Store(400, SEEDS)
    for rows in (64, 100):
        assert len(store.hellos) == len(store.filled) == rows
        store.state["hello_count"] = rows
        store.make_room()
    assert store.state["hello_stop"] == ENDLESS


def test_at_the_bound_what_nobody_answered_goes_and_the_rest_closes_up() -> None:
    store = full(5)
    put(store.sides[2 * 1 + 1], segments=1)  # answered
    put(store.sides[2 * 2], bits=SENT_SYN | SENT_ACK)  # established
    put(store.flows[3], opener=NONE)  # it began before the capture
    put(store.flows[4], opener=1)  # opened by the other side, and so answered by this one
    store.make_room()
    assert store.half_open_dropped == 1
    assert store.state["flow_count"] == 4
    assert senders(store) == [2, 3, 4, 5]
    assert store.flows["opener"].tolist() == [0, 0, NONE, 1, 0, 0]
    assert (store.state["recent"], store.state["relink"]) == (NONE, 1)
    assert not store.sides[8:]["segments"].any()


def test_probes_and_first_bytes_follow_the_flows_that_stay() -> None:
    store = full(3)
    keep: Any = store.sides[2 * 2 + 1]
    put(keep, segments=1, hello=1)
    put(store.sides[0], hello=0)
    store.hellos[:2, 0] = [7, 9]
    store.filled[:2, 0] = 128
    store.state["hello_count"] = 2
    store.probes["row"][:4] = [5, 0, 4, 3]
    store.state["probe_count"] = 4
    store.make_room()
    assert store.state["flow_count"] == 1
    assert store.probes["row"][:4].tolist() == [1, -2, 0, -1]  # negative: of a flow that is gone
    assert (store.sides[1]["hello"], store.state["hello_count"]) == (0, 1)
    assert (store.hellos[0, 0], store.filled[0, 0]) == (9, 128)
    assert not store.hellos[1:].any()
    assert not store.filled[1:].any()


@pytest.mark.parametrize(("half_open", "dropped"), [(1, 0), (2, 2)])
def test_too_few_are_not_worth_a_pass_over_all(half_open: int, dropped: int) -> None:
    """A flood of SYNs may not make every new flow cost a pass: a 64th must come free."""
    store = full(128, bits=SENT_SYN | SENT_ACK)
    store.sides["bits"][: 2 * half_open : 2] = SENT_SYN
    store.make_room()
    assert store.half_open_dropped == dropped
    assert store.state["flow_count"] == 128 - dropped
    assert store.state["flow_stop"] == (128 if dropped else ENDLESS)
