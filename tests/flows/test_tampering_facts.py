"""Facts of tampering as kernels note them: a few a flow, a bounded number in all."""

from __future__ import annotations

from typing import Any

import numpy as np
from records import segment, tracking_tables

from auditor.flows.store import Store
from auditor.flows.tables import FACTS
from auditor.flows.tampering import COPIES_DIFFER, FACTS_PER_FLOW, Tampering
from auditor.flows.tampering_facts import collect_facts, note_tampering
from auditor.flows.tcp_state import NONE, SENT_SYN

SEEDS = bytes(range(80))


def note(tables: Any, row: int, frame: int, other: int = 0) -> None:
    note_tampering(segment(number=frame, time=frame * 10), row, COPIES_DIFFER, other, tables)


def test_a_fact_is_noted_with_its_frames_and_time() -> None:
    tables = tracking_tables()
    note(tables, 3, 8, 5)
    assert collect_facts(tables) == {1: (Tampering(COPIES_DIFFER, 8, 5, 80),)}
    assert tables.flows["tampered"].tolist()[:2] == [0, 1]


def test_of_one_flow_a_few_are_kept_and_all_are_counted() -> None:
    tables = tracking_tables(facts=100)
    for frame in range(1, 31):
        note(tables, frame & 1, frame)
    (facts,) = collect_facts(tables).values()
    assert [fact.frame for fact in facts] == list(range(1, FACTS_PER_FLOW + 1))
    assert tables.flows[0]["tampered"] == 30


def test_all_flows_together_fill_no_more_than_the_table() -> None:
    tables = tracking_tables(flows=20, facts=5)
    for index in range(20):
        note(tables, 2 * index, index + 1)
    assert tables.state["fact_count"] == 5
    assert tables.flows["tampered"].tolist()[:20] == [1] * 20


def test_facts_stay_with_their_flows_when_others_are_dropped() -> None:
    store = Store(3, SEEDS)
    store.state["flow_count"] = 3
    store.sides["hello"] = NONE
    store.sides["bits"][::2] = SENT_SYN
    store.sides["segments"][::2] = 1
    store.sides["segments"][5] = 1  # the last was answered
    tables = tracking_tables()._replace(state=store.state, flows=store.flows, facts=store.facts)
    note(tables, 1, 7)
    note(tables, 5, 9)
    store._close_up(np.array([False, False, True]))
    assert collect_facts(store) == {0: (Tampering(COPIES_DIFFER, 9, 0, 90),)}
    assert (store.flows["tampered"][0], len(store.facts)) == (1, FACTS)
    assert np.all(store.flows["linked"] == 0)
