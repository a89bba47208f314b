"""In which order rows stand whose times and whose places contradict each other."""

from __future__ import annotations

import random

import numpy as np
import pytest

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.rows_order import RowsOrder
from auditor.packets.segments import ACK, SEGMENT, SYN, Array

MS = 1_000_000


def talk(count: int, *, port: int = 40000, first: int = 0xFFFF_FF00, every: int = 50_000) -> Array:
    """Return data of one side, each acknowledged by the other at once; numbers wrap."""
    rows = np.zeros(2 * count, SEGMENT)
    rows["time"] = np.arange(2 * count) * every + 1_800_000_000_000_000_000
    rows["number"] = np.arange(2 * count) + 1
    rows["flags"] = ACK
    rows["src_lo"], rows["dst_lo"], rows["sport"], rows["dport"] = 1, 2, port, 9103
    sent = first + 100 * np.arange(count)
    rows["seq"][::2], rows["length"][::2], rows["ack"][::2] = sent & 0xFFFFFFFF, 100, 7
    back = rows[1::2]
    back["src_lo"], back["dst_lo"], back["sport"], back["dport"] = 2, 1, 9103, port
    back["seq"], back["ack"] = 7, (sent + 100) & 0xFFFFFFFF
    return rows


def ordered(rows: Array, order: RowsOrder | None = None) -> list[int]:
    rows = rows.copy()
    found = (order or RowsOrder()).of(rows)
    return rows["number"].tolist() if found is None else rows[found]["number"].tolist()


def unsteady(rows: Array, seed: int, by: int = 200_000) -> Array:
    """Return rows in their order, whose times are wrong."""
    rows = rows.copy()
    at_random = random.Random(seed)
    rows["time"] += np.array([at_random.randrange(by) for _ in rows])
    return rows


def late(rows: Array, seed: int, by: int = 200_000) -> Array:
    """Return rows with right times, some of which are written late."""
    at_random = random.Random(seed)
    written = rows["time"] + np.array([at_random.choice([0, by]) for _ in rows])
    return rows[np.argsort(written, kind="stable")]


def test_what_is_in_order_is_left_as_it_is() -> None:
    assert RowsOrder().of(talk(9)) is None
    assert RowsOrder().of(talk(0)) is None


@pytest.mark.parametrize("seed", range(5))
def test_wrong_times_change_no_order_that_numbers_show(seed: int) -> None:
    rows = unsteady(talk(40), seed)
    assert ordered(rows) == list(range(1, 81))
    found = RowsOrder().of(rows)
    assert found is not None
    assert (np.diff(rows[found]["time"]) >= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_what_is_written_late_is_put_where_its_time_says(seed: int) -> None:
    assert ordered(late(talk(40), seed)) == list(range(1, 81))


@pytest.mark.parametrize("seed", range(5))
def test_both_in_one_file_are_told_apart_by_connection(seed: int) -> None:
    wrong = unsteady(talk(40), seed)
    right = late(talk(40, port=50000, first=5), seed)
    rows = np.concatenate((wrong, right))
    rows["number"] = np.concatenate((wrong["number"], right["number"]))
    place = np.concatenate((np.arange(80), np.arange(80)))
    rows = rows[np.argsort(place, kind="stable")]
    found = RowsOrder().of(rows)
    assert found is not None
    for port in (40000, 50000):
        mine = rows[found]
        mine = mine[(mine["sport"] == port) | (mine["dport"] == port)]
        assert mine["number"].tolist() == list(range(1, 81))


def test_where_numbers_tell_nothing_what_was_right_before_is_right() -> None:
    lone = talk(3)[::2].copy()
    lone["seq"], lone["length"] = 7, 0
    lone["time"][1] -= MS
    lone["number"] = [1, 2, 3]
    assert ordered(lone) == [2, 1, 3]
    order = RowsOrder()
    assert ordered(unsteady(talk(40), 1), order) == list(range(1, 81))
    assert ordered(lone, order) == [1, 2, 3]


def test_syn_counts_and_icmp_errors_are_no_segments() -> None:
    rows = talk(2)
    rows["flags"][0], rows["length"][0] = SYN, 0
    rows["ack"][1] = rows["seq"][0] + 1
    rows["time"][0] += MS // 5
    assert ordered(rows) == [1, 2, 3, 4]
    rows["ident"] = ICMP_ERROR
    assert ordered(rows) == [2, 3, 4, 1]
