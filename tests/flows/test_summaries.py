"""Attempts counted by port: how many, from about how many hosts, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from auditor.flows.summaries import Fate, Summary, no_summaries, read_summaries, summarise
from auditor.flows.tables import FLOW, SIDE, STATE
from auditor.flows.tcp_state import NEVER, NONE, SENT_ACK, SENT_SYN, SENT_SYN_ACK

SEEDS = np.random.default_rng().integers(0, 1 << 63, 10, "u8")
FATES = {
    Fate.UNANSWERED: (SENT_SYN, 0, NEVER),
    Fate.HALF_OPEN: (SENT_SYN, SENT_SYN_ACK, NEVER),
    Fate.REFUSED: (SENT_SYN, 0, 5),
    Fate.EMPTY: (SENT_SYN | SENT_ACK, SENT_SYN_ACK, 5),
    Fate.UNTAKEN: (SENT_SYN | SENT_ACK, SENT_SYN_ACK, 5),
    Fate.STRAY: (0, 0, NEVER),
}


@pytest.fixture(autouse=True)
def _wrapping() -> Iterator[None]:
    with np.errstate(over="ignore"):  # the hashes wrap, and un-jitted they would warn
        yield


def attempts(sources: Any, port: int = 9103, fate: Fate = Fate.UNANSWERED) -> tuple[Any, ...]:
    """The tables of one attempt from each source, an IPv4 address as a number, to 10.0.0.1."""
    count = len(sources)
    states, flows, sides = np.zeros(1, STATE), np.zeros(count, FLOW), np.zeros(2 * count, SIDE)
    states["seeds"] = SEEDS
    flows["a_lo"], flows["b_lo"] = 0xFFFF0A000001, 0xFFFF00000000 + np.asarray(sources, "u8")
    flows["a_port"], flows["b_port"], flows["attempts"] = port, 40_000, 1
    flows["opener"] = NONE if fate is Fate.STRAY else 1
    flows["first"], flows["last"] = np.arange(count), np.arange(count) + 2
    dialled, accepted, rst = FATES[fate]
    sides["payload_bytes"][1::2] = fate is Fate.UNTAKEN
    sides["rst"] = NEVER
    sides["bits"][1::2] = dialled
    sides["bits"][::2], sides["rst"][::2] = accepted, rst
    return states, flows, sides


def summary(*some: tuple[Any, ...]) -> tuple[Summary, ...]:
    table = no_summaries()
    for tables in some:
        summarise(*tables, np.arange(len(tables[1])), table)
    return read_summaries(table)


@pytest.mark.parametrize("fate", Fate)
def test_what_became_of_them_is_told_apart(fate: Fate) -> None:
    (one,) = summary(attempts(range(1 << 26, (1 << 26) + 30), 9102, fate))
    assert (one.address, one.port, one.fate, one.attempts) == ("10.0.0.1", 9102, fate, 30)
    assert (one.first, one.last) == (0, 31)
    assert str(fate) in str(one)


@pytest.mark.bulk
@pytest.mark.parametrize("count", [1, 20, 3000, 50_000])
@pytest.mark.parametrize("step", [1, 256, 10_007])
def test_sources_are_counted_about_however_their_addresses_lie(count: int, step: int) -> None:
    sources = (np.arange(count) * step + (11 << 24)) % (1 << 32)
    (one,) = summary(attempts(sources), attempts(sources))
    assert one.attempts == 2 * count
    assert count * 0.6 <= one.sources <= count * 1.5


def test_one_host_that_tries_again_and_again_is_one_source() -> None:
    (one,) = summary(attempts([11 << 24] * 5000))
    assert (one.attempts, one.sources) == (5000, 1)


@pytest.mark.bulk
def test_no_number_of_ports_takes_more_than_bounded_room() -> None:
    table = no_summaries()
    tables = attempts(np.arange(60_000) + (11 << 24))
    tables[1]["a_port"] = np.arange(60_000)
    before = table.nbytes
    summarise(*tables, np.arange(60_000), table)
    found = read_summaries(table)
    assert table.nbytes == before
    assert sum(one.attempts for one in found) == 60_000
    assert (found[0].address, found[0].port, found[0].fate) == ("", 0, None)
    assert "many other hosts" in str(found[0])
