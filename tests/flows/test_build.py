"""From rows to flows: what is open counts up to the end, and what never was becomes None."""

from __future__ import annotations

from typing import Any

import pytest
from records import open_side, put

from auditor.flows import Flow, Outcome, Probe
from auditor.flows.build import build_flows
from auditor.flows.flow import Hello, InitiatorEvidence
from auditor.flows.store import Store
from auditor.flows.tcp_state import (
    ACKED,
    FIN_ACKED,
    HAS_ISN,
    IDLE,
    NEVER,
    NONE,
    SENT_ACK,
    SENT_SYN,
    SENT_SYN_ACK,
)

END = 1000
MAPPED = 0xFFFF << 32


@pytest.fixture
def store() -> Store:
    """Two connections to 10.0.0.20 port 9103, established; side 1 of each dialled."""
    made = Store(8, bytes(80))
    made.state["flow_count"] = 2
    for index in range(2):
        ends = {"a_lo": MAPPED | 0x0A000014, "a_port": 9103, "b_port": 40000 + index}
        put(made.flows[index], **ends, b_lo=MAPPED | 0x0A00001F, opener=1)
        put(made.flows[index], first=100, last=300, ended=NEVER, rtt=NEVER)
        put(made.sides[2 * index], **open_side(bits=SENT_SYN_ACK | ACKED, acked=50))
        put(made.sides[2 * index + 1], **open_side(bits=SENT_SYN | SENT_ACK, segments=2))
    return made


def first(store: Store, end: int = END, **options: Any) -> Flow:
    return build_flows(store, {9103}, end, **options)[0]


def test_the_initiator_comes_first_whichever_way_the_ends_sort(store: Store) -> None:
    flow = first(store)
    assert (flow.initiator.address, flow.initiator.port) == ("10.0.0.31", 40000)
    assert (flow.acceptor.address, flow.acceptor.port) == ("10.0.0.20", 9103)
    assert flow.initiator_evidence is InitiatorEvidence.SYN
    assert (flow.outcome, flow.one_sided) == (Outcome.ESTABLISHED, True)


def test_ipv6_is_spelt_as_in_rfc_5952(store: Store) -> None:
    put(store.flows[0], b_hi=0x20010DB8 << 32, b_lo=0x31)
    assert first(store).initiator.address == "2001:db8::31"


def test_times_that_never_were_are_none(store: Store) -> None:
    flow = first(store)
    assert (flow.ended, flow.rtt, flow.initiator.fin, flow.initiator.rst) == (None,) * 4
    assert (flow.acceptor.first, flow.acceptor.last) == (None, None)  # it was never seen
    put(store.flows[0], ended=0, rtt=0)
    put(store.sides[1], fin=0, rst=0)
    flow = first(store)
    assert (flow.ended, flow.rtt, flow.initiator.fin, flow.initiator.rst) == (0,) * 4


def test_the_length_of_a_stream_leaves_out_syn_and_fin(store: Store) -> None:
    put(store.sides[1], bits=SENT_SYN | SENT_ACK | HAS_ISN, isn=1000, next=1501)
    assert first(store).initiator.stream == 500
    put(store.sides[1], fin=250)  # nobody acknowledged it yet: it has no place in the stream
    assert first(store).initiator.stream == 500
    store.sides[1]["bits"] |= FIN_ACKED
    assert first(store).initiator.stream == 499
    assert first(store).acceptor.stream is None  # where it began was not seen


@pytest.mark.parametrize(
    ("bits", "since", "longest"),
    [
        (0, 400, (500, 10)),  # none is running
        (IDLE, 600, (500, 10)),  # 400 up to the end: shorter
        (IDLE, 500, (500, 10)),  # as long: the earlier one stays
        (IDLE, 400, (600, 400)),
        (IDLE, END + 1, (500, 10)),  # it began after the end that is asked for
    ],
)
def test_an_idle_period_that_still_runs_counts_up_to_the_end(
    store: Store, bits: int, since: int, longest: tuple[int, int]
) -> None:
    """bareos.md §6.4: so long could the side have sent a probe, and did not."""
    columns = {"bits": SENT_SYN | SENT_ACK | bits, "idle_since": since}
    put(store.sides[1], **columns, longest_idle=500, longest_idle_began=10)
    side = first(store).initiator
    assert (side.longest_idle, side.longest_idle_began) == longest


@pytest.mark.parametrize(
    ("acked", "missing"), [(20, 7), (30, 7), (35, 12), (40, 17), (65, 22), (99, 27)]
)
def test_of_an_open_gap_what_was_acknowledged_is_missing(
    store: Store, acked: int, missing: int
) -> None:
    """RFC 9293 §3.4: the peer received what it acknowledged, so it passed the tap unseen."""
    put(store.sides[0], missing=7, gap_count=2, acked=acked)
    store.sides[0]["gaps"][:6] = [30, 40, 60, 70, 80, 90]  # the third is none any more
    assert first(store).acceptor.missing == missing
    assert first(store, thinned=True).acceptor.missing == 0
    store.sides[0]["bits"] &= ~ACKED
    assert first(store).acceptor.missing == 7


def test_probes_belong_to_their_side_in_order_of_time(store: Store) -> None:
    for place, (row, time) in enumerate([(1, 30), (0, 20), (1, 10), (3, 5), (1, 7)]):
        put(store.probes[place], row=row, time=time, answered=NONE, exact=1)
    put(store.probes[0], answered=4, silence=60, interval=50, length=1, exact=0)
    store.state["probe_count"] = 4  # the last row is not in use
    one, other = build_flows(store, {9103}, END)
    assert [probe.time for probe in one.initiator.probes] == [10, 30]
    assert [probe.time for probe in one.acceptor.probes] == [20]
    assert [probe.time for probe in other.initiator.probes] == [5]
    assert one.initiator.probes[1] == Probe(
        time=30, silence=60, interval=50, length=1, answered=4, exact=False
    )
    assert one.initiator.probes[0].answered is None
    assert build_flows(store, {9103}, END, which=[1]) == (other,)


@pytest.mark.parametrize(
    ("filled", "size"), [([255, 255], 16), ([255, 0b1011_1111], 9), ([0, 255], 0), ([255, 0], 8)]
)
def test_first_bytes_end_at_the_first_hole(
    store: Store, monkeypatch: pytest.MonkeyPatch, filled: list[int], size: int
) -> None:
    given: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(
        "auditor.flows.hello_readings.read_hello",
        lambda *hellos: given.append(hellos) or Hello(line="read"),
    )
    store.sides[1]["hello"] = 3
    store.hellos[3, :16] = range(16)
    store.filled[3, :2] = filled
    assert first(store, which=[0]).hello == Hello(line="read")
    assert given == [(bytes(range(size)), b"")]
