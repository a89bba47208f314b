"""Several pipelines give one stream in order of time; one alone waits for nobody."""

from __future__ import annotations

from dataclasses import dataclass, field

from capture_stage import START, KeepSyns
from hypothesis import given
from hypothesis import strategies as st

from auditor.capture.backend import Request
from auditor.capture.backends.user_space import LAG_NS, MergedPipelines, UserSpaceBackend
from auditor.evidence.packet import SILENCE_NS, Counters, Interface, Packet

WINDOW = 2 * SILENCE_NS + 2 * LAG_NS


@dataclass
class Pipe:
    """A pipeline that still holds something back."""

    held: list[Packet] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)

    def flush(self) -> list[Packet]:
        held, self.held = self.held, []
        return held


def at(time: int, interface: int = 0) -> Packet:
    return Packet(START + time, interface, b"", 0)


def test_one_pipeline_waits_for_nobody():
    merged = MergedPipelines([Pipe([at(9), at(9)])])
    assert merged.merge([at(5), at(7)], START) == [at(5), at(7)]
    assert merged.flush() == [at(9), at(9)]


def test_several_wait_for_each_other_as_long_as_any_may_be_behind():
    merged = MergedPipelines([Pipe(), Pipe([at(3, 1)])])
    assert merged.merge([at(5)], START + 5 + WINDOW - 1) == []
    assert merged.merge([at(4, 1)], START + 5 + WINDOW) == [at(4, 1), at(5)]


def test_at_the_end_all_that_is_held_back_anywhere_comes_in_order():
    merged = MergedPipelines([Pipe([at(6)]), Pipe([at(3, 1), at(8, 1)])])
    merged.merge([at(7)], START)
    assert merged.flush() == [at(3, 1), at(6), at(7), at(8, 1)]
    assert merged.flush() == []


def test_what_came_too_late_to_be_placed_is_lost_on_its_own_interface():
    merged = MergedPipelines([Pipe(counters=Counters(9, lost=2)), Pipe(counters=Counters(8))])
    merged.merge([at(50)], START + 50 + WINDOW)
    assert merged.merge([at(49, 1), at(48, 1), at(50)], START + 50 + WINDOW) == [at(50)]
    assert merged.counters() == (Counters(9, lost=2), Counters(8, lost=2))


@given(st.lists(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 1))), max_size=6))
def test_whatever_comes_leaves_in_order_or_is_counted(rounds):
    merged = MergedPipelines([Pipe(), Pipe()])
    given_ = out = 0
    last = 0
    for number, fed in enumerate(rounds):
        packets = [at(ms * 1_000_000, interface) for ms, interface in fed]
        given_ += len(packets)
        got = merged.merge(packets, START + number * 2_000_000_000)
        got += merged.flush() if number == len(rounds) - 1 else []
        times = [last, *(one.time for one in got)]
        assert times == sorted(times)
        last, out = times[-1], out + len(got)
    assert out + sum(counts.lost for counts in merged.counters()) == given_


def test_a_backend_has_a_pipeline_for_each_interface_and_knows_no_socket():
    backend = UserSpaceBackend("It misses VLANs.", thinning=KeepSyns)
    assert backend.counters() == ()
    backend.interfaces = (Interface("lo", 1), Interface("eth0", 1))
    backend._make_pipelines(Request(("any",), frozenset({9103})))
    assert backend.counters() == (Counters(), Counters())
    assert [one.interface for one in backend._pipelines.each] == list(backend.interfaces)
    assert backend.facts() == ()
    assert backend.blind[0].startswith("It sees no sockets")
    assert backend.blind[1:] == ("It misses VLANs.",)
