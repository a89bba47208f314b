"""Walks over the kernel's flow table, of which a double in this process plays the kernel's part."""

from __future__ import annotations

import ctypes
import errno
from types import SimpleNamespace

import pytest

from auditor.capture.ebpf import libbpf
from auditor.capture.ebpf.flow_table import _BATCH, FlowTable
from auditor.capture.ebpf.layout import RECORD_HEAD_BYTES, FlowKeyStruct, FlowStruct
from auditor.capture.ebpf.silences import CLOSED_NS, DOUBTFUL_MOST, IDLE_NS

FD = 7


def flow(number: int = 1, last: tuple[int, int] = (100, 50), *, closed: bool = False) -> FlowStruct:
    """Return a flow whose sides were last active then, by segments of ``number % 9`` bytes."""
    made = FlowStruct(id=number, over=closed, spoke=1)
    for side, time in enumerate(last):
        record = made.sides[side].last_activity
        record.time, record.flow, record.side, record.stored = time, number, side, number % 9
        record.data[:3] = b"abc"
    return made


class KernelMap(SimpleNamespace):
    """The functions of libbpf that a walk calls, over flows in a dict by their port."""

    def __init__(self, *flows: FlowStruct) -> None:
        super().__init__(flows={one.id: one for one in flows}, deleted=[], lookups=0, fails=0)

    def bpf_map_lookup_batch(self, fd, start, place, keys, values, count, options):
        assert (fd, options) == (FD, None)
        if self.fails:
            return -self.fails
        begin = start._obj.value if start is not None else 0
        chosen = sorted(self.flows)[begin : begin + count._obj.value]
        for at, number in enumerate(chosen):
            keys[at].low_port = number
            ctypes.memmove(ctypes.addressof(values[at]), bytes(self.flows[number]), FLOW_BYTES)
        count._obj.value = len(chosen)
        place._obj.value = begin + len(chosen)
        return 0 if begin + len(chosen) < len(self.flows) else -errno.ENOENT

    def bpf_map_lookup_elem(self, fd, key, value):
        assert fd == FD
        self.lookups += 1
        found = self.present(key._obj.low_port)
        if found is None:
            return -errno.ENOENT
        ctypes.memmove(ctypes.addressof(value._obj), bytes(found), FLOW_BYTES)
        return 0

    def present(self, number: int) -> FlowStruct | None:
        return self.flows.get(number)

    def bpf_map_delete_elem(self, fd, key):
        assert fd == FD
        number = FlowKeyStruct.from_buffer_copy(key).low_port
        del self.flows[number]
        self.deleted.append(number)


FLOW_BYTES = ctypes.sizeof(FlowStruct)


@pytest.fixture
def table(monkeypatch):
    """Return what makes a flow table over some flows, and its double of the kernel."""

    def make(*flows: FlowStruct, bound: int = 1000) -> tuple[FlowTable, KernelMap]:
        kernel = KernelMap(*flows)
        monkeypatch.setattr(libbpf, "library", lambda: kernel)
        return FlowTable(FD, bound), kernel

    return make


def test_what_begins_a_silence_is_taken_once_as_it_would_have_come_from_the_ring(table):
    one = flow(3, (100, 50))
    walks, _ = table(one)
    whole = [bytes(one.sides[side].last_activity) for side in (0, 1)]
    assert walks.walk(now=200, horizon=80) == ([whole[1][: RECORD_HEAD_BYTES + 3]], 80, [])
    assert walks.walk(now=300, horizon=150) == ([whole[0][: RECORD_HEAD_BYTES + 3]], 150, [])
    assert walks.walk(now=400, horizon=10**9).records == []


def test_at_the_end_everything_is_taken_but_nothing_twice(table):
    walks, _ = table(flow(1, (100, 50)))
    assert len(walks.walk(200, 60).records) == 1
    assert len(walks.walk(200, 60, everything=True).records) == 1
    assert walks.walk(200, 60, everything=True).records == []


def test_a_record_that_the_ring_brings_once_more_is_known_once(table):
    walks, _ = table(flow(1, (100, 50)))
    walks.walk(200, 150)
    assert not walks.repeats(1, 0, 50), "that was the other side"
    assert not walks.repeats(2, 1, 50), "that was another flow"
    assert walks.repeats(1, 1, 50)
    assert not walks.repeats(1, 1, 50), "a second one is not a repetition"
    assert walks.repeats(1, 0, 100)


@pytest.mark.parametrize("count", [0, 1, _BATCH, _BATCH + 1, 2 * _BATCH])
def test_a_table_of_any_size_is_walked_to_its_end(table, count):
    walks, _ = table(*(flow(number, (100, 0)) for number in range(count)))
    records = walks.walk(200, 150).records
    assert [int.from_bytes(record[8:16], "little") for record in records] == list(range(count))


def test_a_flow_that_ended_is_removed_with_what_was_known_of_it(table):
    walks, kernel = table(flow(1, closed=True), flow(2))
    walks.walk(200, 150)
    assert kernel.deleted == []
    walks.walk(101 + CLOSED_NS, 150)
    assert kernel.deleted == [1]
    assert not walks.repeats(1, 0, 100) and walks.repeats(2, 0, 100)


@pytest.mark.parametrize(("bound", "removed"), [(6, [1]), (7, [])])
def test_only_a_table_three_quarters_full_forgets_who_is_silent(table, bound, removed):
    flows = [flow(1), *(flow(number, (IDLE_NS, 50)) for number in range(2, 6))]
    walks, kernel = table(*flows, bound=bound)
    now = IDLE_NS + 101
    walks.walk(now, 150)
    assert kernel.deleted == [], "how full it is shows only at the end of a walk"
    walks.walk(now, 150)
    assert kernel.deleted == removed


@pytest.mark.parametrize(("bound", "removed"), [(47, [1]), (48, [])])
def test_a_table_with_many_flows_forgets_those_over_which_nothing_was_said(table, bound, removed):
    flows = [flow(number) for number in range(1, 4)]
    flows[0].spoke = 0
    walks, kernel = table(*flows, bound=bound)
    walks.walk(101 + CLOSED_NS, 150)
    walks.walk(101 + CLOSED_NS, 150)
    assert kernel.deleted == removed


def test_a_flow_that_is_being_written_is_left_for_the_next_walk(table):
    one = flow(1)
    one.lock = 3
    walks, _ = table(flow(0), one, flow(2))
    busy = walks.walk(200, 150)
    assert len(busy.records) == 2, "those of the flow before it"
    assert busy.horizon == 0, "nobody may think that all is known up to 150"
    one.lock = 4
    records = walks.walk(300, 250).records
    assert [record[8] for record in records] == [1, 1, 2, 2], "and none of the first one again"


def test_a_flow_that_changes_between_two_readings_is_read_until_it_rests(table):
    walks, kernel = table(flow(1, (100, 0)))
    changing = [flow(1, (time, 0)) for time in (110, 120, 130, 130)]
    kernel.present = lambda _: changing[min(kernel.lookups, len(changing)) - 1]
    (record,) = walks.walk(200, 150).records
    assert int.from_bytes(record[:8], "little") == 130
    assert kernel.lookups == 4


def test_a_flow_that_is_active_again_begins_no_silence(table):
    walks, kernel = table(flow(1, (100, 0)))
    kernel.present = lambda _: flow(1, (190, 0))
    assert walks.walk(200, 150) == ([], 150, [])


def test_a_flow_that_is_gone_meanwhile_is_no_error(table):
    walks, kernel = table(flow(1))
    kernel.present = lambda _: None
    assert walks.walk(200, 150) == ([], 0, [])


def test_a_table_that_cannot_be_read_is_an_error_with_its_reason(table):
    walks, kernel = table(flow(1))
    kernel.fails = errno.EPERM
    with pytest.raises(libbpf.BpfError, match=r"flow table cannot be read: Operation not perm"):
        walks.walk(200, 150)


def test_what_was_not_seen_is_said_once_and_again_when_it_is_more(table):
    one = flow(1, (100, 50))
    one.sides[0].last_activity.kept = one.sides[1].last_activity.kept = 1
    one.sides[1].missing = 5
    walks, kernel = table(one)
    (unseen,) = walks.walk(200, 150).unseen
    assert (unseen.time, unseen.octets) == (100, (0, 5))
    assert unseen.ends == ((0, 1), (0, 0))
    assert walks.walk(300, 200).unseen == []
    kernel.flows[1].sides[0].missing = 1
    kernel.flows[1].sides[0].last_activity.time = 250
    (unseen,) = walks.walk(400, 300).unseen
    assert (unseen.time, unseen.octets) == (250, (1, 5))


def test_that_not_all_is_kept_any_more_is_said_once(table):
    one = flow(1, (100, 50))
    one.doubted = DOUBTFUL_MOST
    walks, kernel = table(one)
    (unseen,) = walks.walk(200, 150).unseen
    assert (unseen.octets, unseen.bound) == ((0, 0), True)
    kernel.flows[1].sides[0].last_activity.time = 250
    assert walks.walk(400, 300).unseen == []
