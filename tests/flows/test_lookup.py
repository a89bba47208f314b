"""From endpoints to flows: a hash of chains against a dict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import HIGH, LOW, between, segment, tracking_tables

from auditor.flows.lookup import find, insert, relink, unlink
from auditor.flows.tables import Tables
from auditor.flows.tcp_state import NONE

FLOWS = 40
#: Addresses that are alike in one half, and ports that are alike: (high, low, port).
ENDS = [(hi, lo, port) for hi in (0, 1 << 63) for lo in (1, 1 << 32) for port in (9101, 9103)]


def of(source: tuple[int, int, int], target: tuple[int, int, int]) -> Any:
    hi, lo, port = source
    to_hi, to_lo, to_port = target
    return segment(src_hi=hi, src_lo=lo, sport=port, dst_hi=to_hi, dst_lo=to_lo, dport=to_port)


def look(one: Any, tables: Tables) -> int:
    with np.errstate(over="ignore"):  # the hash wraps
        return find(one, tables)


def add(one: Any, tables: Tables) -> int:
    index = int(tables.state["flow_count"])
    tables.state["flow_count"] += 1
    with np.errstate(over="ignore"):
        return insert(one, index, tables)


def take_out(index: int, tables: Tables) -> None:
    with np.errstate(over="ignore"):
        unlink(index, tables)
    tables.state["recent"] = NONE


def test_both_directions_are_one_flow_and_each_has_its_side() -> None:
    tables = tracking_tables()
    assert add(between(HIGH, LOW), tables) == 1
    assert look(between(HIGH, LOW), tables) == 1
    assert look(between(LOW, HIGH), tables) == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, 9, 9), (1, 1, 1)),  # by the high half of the address,
        ((1, 1, 9), (1, 2, 1)),  # then by the low half,
        ((1, 1, 1), (1, 1, 2)),  # then by port
        ((0, 1, 1), (1 << 63, 0, 0)),
    ],
)
def test_side_0_is_the_endpoint_that_sorts_first(
    first: tuple[int, int, int], second: tuple[int, int, int]
) -> None:
    for source, target, side in ((first, second, 0), (second, first, 1)):
        tables = tracking_tables()
        assert add(of(source, target), tables) == side
        flow = tables.flows[0]
        assert (flow["a_hi"], flow["a_lo"], flow["a_port"]) == first
        assert (flow["b_hi"], flow["b_lo"], flow["b_port"]) == second
        assert flow["opener"] == NONE


@pytest.mark.parametrize("column", ["src_hi", "src_lo", "dst_hi", "dst_lo", "sport", "dport"])
def test_one_part_that_differs_is_another_flow(column: str) -> None:
    tables = tracking_tables()
    add(between(LOW, HIGH), tables)
    other = between(LOW, HIGH)
    other[column] += 1
    assert look(other, tables) == NONE


def test_the_newest_flow_of_the_same_endpoints_is_found() -> None:
    tables = tracking_tables()
    add(between(LOW, HIGH), tables)
    take_out(0, tables)
    add(between(LOW, HIGH), tables)
    tables.state["recent"] = NONE
    assert look(between(LOW, HIGH), tables) == 2
    assert (tables.flows[0]["linked"], tables.flows[1]["linked"]) == (0, 1)


def test_the_flow_of_the_segment_before_is_found_without_the_hash() -> None:
    tables = tracking_tables()
    add(between(LOW, HIGH), tables)
    tables.heads[:] = NONE
    assert look(between(HIGH, LOW), tables) == 1


@given(
    seeds=st.lists(st.integers(0, (1 << 64) - 1), min_size=10, max_size=10),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["look", "take out", "move"]),
            st.permutations(ENDS).map(lambda ends: ends[:2]),
        ),
        max_size=FLOWS,
    ),
)
def test_it_finds_what_a_dict_would(
    seeds: list[int], steps: list[tuple[str, list[tuple[int, int, int]]]]
) -> None:
    tables = tracking_tables(FLOWS)
    tables.state["seeds"] = seeds
    model: dict[frozenset[tuple[int, int, int]], int] = {}
    for doing, (source, target) in steps:
        ends = frozenset((source, target))
        one, side = of(source, target), int(source > target)
        if doing == "move":  # into tables with more buckets
            tables = tables._replace(heads=np.zeros(min(2 * len(tables.heads), 64), "i4"))
            with np.errstate(over="ignore"):
                relink(tables)
        elif ends in model:
            assert look(one, tables) == 2 * model[ends] + side
            if doing == "take out":
                take_out(model.pop(ends), tables)
                assert look(one, tables) == NONE
        else:
            assert look(one, tables) == NONE
            model[ends] = int(tables.state["flow_count"])
            assert add(one, tables) == 2 * model[ends] + side
    for ends, index in model.items():
        source, target = sorted(ends)
        assert look(of(source, target), tables) == 2 * index
