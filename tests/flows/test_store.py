"""Room in the tables: doubled up to the bound, then taken from what nobody answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import put

from auditor.flows.folding import Limits
from auditor.flows.store import Store
from auditor.flows.tcp_state import NEVER, NONE, SENT_SYN

SEEDS = bytes(range(80))
ENDLESS = 1 << 62
SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND


def full(flows: int, **of_initiator: int) -> Store:
    """Return a store at its bound: flow k was opened by its side 0, which sent k + 1 segments."""
    store = Store(flows, SEEDS)
    store._limits = Limits(1, 100), Limits(1, 100)
    store.state["flow_count"] = flows
    store.sides["hello"] = NONE
    store.flows["linked"][:flows] = store.flows["attempts"][:flows] = 1
    store.flows["ended"] = NEVER
    for column in ("last_probe", "fin", "rst"):
        store.sides[column] = NEVER
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


def test_probes_stop_early_for_a_segment_may_bring_four() -> None:
    store = Store(1000, SEEDS)
    assert store.state["probe_stop"] == len(store.probes) - 3
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


def test_at_the_bound_attempts_that_are_alike_share_rows_and_the_rest_closes_up() -> None:
    store = full(8)
    put(store.flows[3], opener=NONE)  # it began before the capture
    put(store.sides[2 * 4], payload_bytes=1)
    store.make_room()
    assert (store.folded, store.state["flow_count"]) == (2, 6)
    assert senders(store) == [1, 2, 4, 5, 7, 8]  # 3 and 6 share the row of 2; 7 and 8 are young
    assert store.flows["attempts"].tolist() == [1, 3, 1, 1, 1, 1, 0, 0, 0]
    assert store.flows["linked"].tolist() == [1, 0, 1, 1, 1, 1, 0, 0, 0]
    assert (store.state["recent"], store.state["relink"]) == (NONE, 1)
    assert not store.sides[12:]["segments"].any()


def test_probes_and_first_bytes_follow_the_flows_that_stay() -> None:
    store = full(8)
    keep: Any = store.sides[2 * 5 + 1]
    put(keep, segments=1, hello=1, last_probe=1)
    put(store.sides[2 * 3], hello=0)
    store.hellos[:2, 0] = [7, 9]
    store.filled[:2, 0] = 128
    store.state["hello_count"] = 2
    store.probes["row"][:3] = [11, 7, 10]
    store.state["probe_count"] = 3
    store.make_room()
    assert senders(store) == [1, 2, 4, 6, 7, 8]
    assert store.probes["row"][:3].tolist() == [7, 5, 6]
    assert store.sides["hello"][[4, 7]].tolist() == [0, 1]
    assert (store.hellos[:2, 0].tolist(), store.filled[:2, 0].tolist()) == ([7, 9], [128, 128])


def test_first_bytes_of_what_goes_are_forgotten_and_their_rows_are_zero_again() -> None:
    store = full(8)
    for index in range(8):
        store.sides["hello"][2 * index] = index
    store.hellos[:8, 0] = range(1, 9)
    store.state["hello_count"] = 8
    store._close_up(np.arange(8) % 2 == 1)
    assert store.hellos[:, 0].tolist()[:8] == [2, 4, 6, 8, 0, 0, 0, 0]
    assert store.sides["hello"][:8:2].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("alike", "dropped"), [(3, 0), (4, 2)])
def test_too_few_are_not_worth_a_pass_over_all(alike: int, dropped: int) -> None:
    """A flood of SYNs may not make every new flow cost a pass: a 64th must come free."""
    store = full(128, payload_bytes=1)
    store.sides["payload_bytes"][: 2 * alike : 2] = 0
    store.make_room()
    assert store.folded == dropped
    assert store.state["flow_count"] == 128 - dropped
    assert store.state["flow_stop"] == (128 if dropped else ENDLESS)


@pytest.mark.bulk
def test_the_table_grows_on_for_flows_that_are_not_alike() -> None:
    store = Store(8192, SEEDS)
    for rows in (1024, 2048, 4096, 8192):
        assert store.state["flow_stop"] == rows
        store.state["flow_count"] = rows
        store.sides["payload_bytes"][: 2 * rows] = 1
        store.make_room()
    assert (store.folded, store.state["flow_stop"]) == (0, ENDLESS)


def test_the_table_does_not_grow_for_flows_that_are_alike() -> None:
    store = Store(8192, SEEDS)
    store._grow(2048)
    store._set_stops()
    store.state["flow_count"] = 2048
    store.flows["attempts"][:2048] = 1
    for column in ("last_probe", "fin", "rst"):
        store.sides[column] = NEVER
    store.sides["hello"] = NONE
    store.flows["ended"] = NEVER
    store.flows["opener"] = 0
    store.sides["bits"][::2] = SENT_SYN
    store.make_room()
    assert len(store.flows) == 2049
    assert store.state["flow_count"] == 512 + 17
    assert store.flows["attempts"].max() == 2048 - 512 - 16


@pytest.mark.bulk
@pytest.mark.parametrize(("seconds", "rows"), [(0, 65_536), (3599, 65_536), (3600, 131_072)])
def test_a_burst_takes_no_more_than_a_part_of_the_table(seconds: int, rows: int) -> None:
    """What comes as slowly as at a site that works gets all of it."""
    store = Store(262_144, SEEDS)
    store._grow(65_536)
    store.state["flow_count"] = 65_536
    store.sides["payload_bytes"] = 1
    store.flows["first"][32_768:] = START
    store.state["latest"] = START + seconds * SECOND
    store.make_room()
    assert len(store.flows) - 1 == rows
    assert store.state["flow_stop"] == (rows if seconds == 3600 else ENDLESS)
    store.state["latest"] = START + 3600 * SECOND
    store.reopen()
    assert store.state["flow_stop"] == rows  # it is asked for room again


@pytest.mark.parametrize(("most", "rows"), [(None, 4096), (2048, 2048), (3000, 3000), (9999, 4096)])
def test_a_table_has_a_bound_of_its_own_in_any_case(most: int | None, rows: int) -> None:
    """A report while it records has less room and time than one of a file."""
    store = Store(4096, SEEDS, most)
    store.sides["payload_bytes"] = 1
    for _ in range(4):
        store.state["flow_count"] = len(store.flows) - 1
        store.sides["payload_bytes"] = 1
        store.make_room()
    assert len(store.flows) - 1 == rows
    assert store.state["flow_stop"] == ENDLESS
