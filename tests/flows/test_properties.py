"""What holds for every capture, and for every heap of bytes that pretends to be one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import ROOT
from tape import SECOND, Endpoint, Tape

from auditor.flows import ConnectionTracker, Flow, Outcome, TrackingResult
from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import SEGMENT, Array, Batch

FD = Endpoint("10.77.0.31", 40001)
FD6 = Endpoint("2001:db8::31", 40001)
SD = Endpoint("10.77.0.20", 9103)
SD6 = Endpoint("2001:db8::20", 9103)
CHECKOUT = ROOT


@cache
def varied() -> Batch:
    """A tape with something of everything, both families, interleaved."""
    tape = Tape().syn(FD, SD).synack().ack().syn(FD6, SD6, 0xFFFFFFF0).synack().ack()
    tape.on(FD, SD).send(FD, b"first").ack().send(SD, b"answer").ack()
    for _ in range(2):
        tape.on(FD6, SD6).silence(30).send(FD6, b"x" * 40).ack()
        tape.on(FD, SD).silence(40).probe(FD).answer()
    tape.window(SD, 0).silence(2).window(SD, 400).send(FD, b"lost").drop().send(FD, b"late").ack()
    tape.silence(0.3).segment(FD, "PA", b"late", shift=-4).ack().silence(100).probe(SD).answer()
    tape.fin(FD).ack().fin(SD).ack().silence(1).syn(FD, SD).rst()
    tape.join(Endpoint("10.77.0.33", 40007), SD).probe(Endpoint("10.77.0.33", 40007)).answer()
    return tape.on(FD6, SD6).rst().batch()


def follow(*batches: Batch, end: int | None = None) -> TrackingResult:
    tracker = ConnectionTracker({9103})
    for batch in batches:
        tracker.feed(batch)
    return tracker.finish(end)


def test_the_varied_tape_is_varied() -> None:
    flows = follow(varied()).flows
    assert {flow.outcome for flow in flows} == {
        Outcome.ESTABLISHED,
        Outcome.REFUSED,
        Outcome.MIDSTREAM,
    }
    assert sum(len(flow.initiator.probes) for flow in flows) == 3


@given(cuts=st.lists(st.integers(0, 60), max_size=8))
def test_where_batches_end_does_not_matter(cuts: list[int]) -> None:
    whole = varied()
    edges = [0, *sorted(cuts), len(whole.segments)]
    pieces = [Batch(whole.segments[a:b], whole.buffer) for a, b in pairwise(edges)]
    assert follow(*pieces) == follow(whole)


@given(delays=st.lists(st.integers(0, SECOND // 10 - 1), min_size=60, max_size=60))
def test_doubling_every_frame_changes_nothing_but_duplicates(delays: list[int]) -> None:
    whole = varied()
    doubled = np.repeat(whole.segments, 2)
    doubled["time"][1::2] += np.array(delays[: len(whole.segments)])
    once, twice = follow(whole), follow(Batch(doubled, whole.buffer))
    assert sum(flow.duplicates for flow in twice.flows) == len(whole.segments)
    assert tuple(replace(flow, duplicates=0) for flow in twice.flows) == once.flows


def few(*values: int) -> st.SearchStrategy[int]:
    return st.sampled_from(values)


#: Few endpoints and few sequence numbers, so that the segments meet.
GARBAGE = st.lists(
    st.tuples(
        st.integers(0, 4 * SECOND),
        few(1, 2),
        few(1, 2, 3),
        few(0, 1, 2, 1448, 65_535, 0xFFFFFFFF),
        few(0, 1, 700, 5000),
        few(0, 1, 2, 1449, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF),
        few(0, 1, 2, 1449, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF),
        few(9103, 40001),
        few(0, 500),
        st.integers(0, 255),
    ),
    max_size=60,
)


def garbage(rows: list[tuple[int, ...]]) -> Batch:
    segments: Array = np.zeros(len(rows), SEGMENT)
    columns = ("time", "src_lo", "dst_lo", "length", "captured", "seq", "ack", "sport", "window")
    for k, row in enumerate(rows):
        for name, value in zip((*columns, "flags"), row, strict=True):
            segments[k][name] = value
        if segments[k]["window"] % 5 == 0:
            segments[k]["ident"] = ICMP_ERROR | int(segments[k]["window"]) << 1
    segments["dport"] = 9103
    return Batch(segments, np.zeros(2000, "u1"))


def check(flow: Flow) -> None:
    for side in (flow.initiator, flow.acceptor):
        assert side.longest_idle >= 0
        assert side.missing >= 0
        assert (side.longest_idle == 0) == (side.longest_idle_began is None)
        assert (side.first is None) == (side.segments == 0)
        for probe in side.probes:
            assert probe.silence >= probe.interval >= 0
            assert probe.answered is None or probe.answered >= 0
    assert flow.rtt is None or flow.rtt >= 0


@settings(max_examples=300, deadline=None)
@given(rows=GARBAGE)
def test_segments_of_any_content_never_break_anything(rows: list[tuple[int, ...]]) -> None:
    result = follow(garbage(rows), end=5 * SECOND)
    for flow in result.flows:
        check(flow)


@settings(max_examples=100, deadline=None)
@given(rows=st.binary(max_size=SEGMENT.itemsize * 40))
def test_random_bytes_as_segments_never_break_anything(rows: bytes) -> None:
    whole = len(rows) // SEGMENT.itemsize
    segments = np.frombuffer(rows, SEGMENT, whole).copy()
    segments["time"] >>= 3
    result = follow(Batch(segments, np.zeros(100, "u1")), end=0)
    assert len(result.flows) <= whole


def test_the_kernels_mean_the_same_in_plain_python() -> None:
    script = (
        "import test_properties as t; r = t.follow(t.varied()); print(repr(r));"
        "import numba; assert numba.config.DISABLE_JIT"
    )
    folders = [CHECKOUT, CHECKOUT / "tests" / "support", CHECKOUT / "tests" / "flows"]
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in folders),
    }
    plain = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.strip() == repr(follow(varied()))
