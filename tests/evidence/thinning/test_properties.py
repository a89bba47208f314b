"""Whatever two hosts say and a network does to it: thinning never changes the judgement."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import ROOT
from tape import Endpoint, Tape
from thinning_stage import assert_agree, by, follow, kept, thinned

from auditor.evidence.thinning import Thinner
from auditor.packets.segments import SEGMENT, Batch

pytestmark = pytest.mark.usefixtures("each_thinner")

FD, SD = Endpoint("10.77.0.31", 40001), Endpoint("10.77.0.20", 9103)
ENDS = (FD, SD)
CHECKOUT = ROOT

_SECONDS = st.sampled_from([0.0005, 0.001, 0.04, 0.2, 0.3, 0.45, 0.5, 0.55, 0.7, 1.0, 2.5, 60.0])
_DOINGS = st.sampled_from(
    ["send", "ack", "probe", "answered", "resend", "window", "unread", "burst", "swap", "double"]
)
_STEPS = st.lists(st.tuples(_DOINGS, st.integers(0, 1), _SECONDS), max_size=40)
_SENDS = ("send", "swap")
#: A receiver acknowledges what it gets before it is sent more. What is sent in a row and not
#: acknowledged is kept by its first and last only (R4), which tells less of silences
#: (docs/thinning.md, For readers).
_ENDINGS = st.sampled_from(["open", "fin", "rst", "again"])


def play(steps: list[tuple[str, int, float]], midstream: bool, ending: str) -> Tape:
    tape = Tape()
    if midstream:
        tape.join(FD, SD)
    else:
        tape.syn(FD, SD).synack().ack()
    waiting = [0, 0]
    for doing, index, seconds in steps:
        _settle(tape, waiting)
        _do(tape.silence(seconds), doing, ENDS[index], ENDS[1 - index])
        waiting[index] += doing in _SENDS
        waiting[1 - index] *= doing == "unread"
    if not tape.frames:
        tape.send(FD, b"one")
    _settle(tape, waiting)
    if ending == "fin":
        tape.fin(FD).ack().fin(SD).ack()
    elif ending == "rst":
        tape.silence(3).rst(SD)
    elif ending == "again":
        tape.silence(3).syn(FD, SD).synack().ack().silence(2).probe(FD).answer()
    return tape.silence(1.5).other()


def _settle(tape: Tape, waiting: list[int]) -> None:
    """Let each side acknowledge what its peer sent."""
    for index in (0, 1):
        if waiting[index]:
            tape.ack(ENDS[1 - index])
            waiting[index] = 0


def _do(tape: Tape, doing: str, end: Endpoint, peer: Endpoint) -> None:
    match doing:
        case "send":
            tape.send(end, b"d" * 700)
        case "ack":
            tape.ack(end)
        case "probe":
            tape.probe(end)
        case "answered":
            tape.probe(end).answer()
        case "resend" if tape.connection.halves[end].said:
            tape.resend(end)
        case "window":
            tape.window(end, 400 + len(tape.frames))
        case "unread":
            tape.segment(end, "A", unread=min(300, len(tape.connection.halves[peer].said)))
        case "burst":
            for _ in range(5):
                tape.send(end, b"b" * 1400).ack(peer)
        case "swap" if len(tape.frames) > 1:
            tape.send(end, b"1" * 90).send(end, b"2" * 90).swap()
        case "double" if tape.frames:
            tape.ack(end).duplicate()
        case _:
            tape.ack(end)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True)
@given(_STEPS, st.booleans(), _ENDINGS)
def test_the_judgement_is_the_same(
    steps: list[tuple[str, int, float]], midstream: bool, ending: str
) -> None:
    assert_agree(play(steps, midstream, ending).pcap())


@pytest.mark.parametrize(
    ("steps", "ending"),
    [
        ([("burst", 0, 0.0005), ("ack", 1, 0.2)], "open"),  # alive
        ([("ack", 1, 60.0), ("burst", 1, 0.2), ("resend", 1, 0.45)], "rst"),  # survived
    ],
)
def test_what_an_end_survived_after_a_burst_is_the_same(
    steps: list[tuple[str, int, float]], ending: str
) -> None:
    assert_agree(play(steps, False, ending).pcap())


@settings(max_examples=15, deadline=None)
@given(_STEPS, st.booleans(), _ENDINGS)
def test_thinning_once_more_changes_nothing(
    steps: list[tuple[str, int, float]], midstream: bool, ending: str
) -> None:
    full = play(steps, midstream, ending).pcap()
    again = kept([thinned(full)], Thinner(64, everything=True))
    # What was lost before the tap, and what is not kept, only the full capture shows (P10, P11).
    uncommented = [
        [packet._replace(comment="") for packet in each] for each in (again, kept([full]))
    ]
    assert uncommented[0] == uncommented[1]


def test_thinning_once_more_where_bytes_were_lost_changes_nothing() -> None:
    full = play([("ack", 1, 0.0005), ("probe", 1, 0.0005)], True, "fin").pcap()
    assert any(packet.comment for packet in kept([full]))
    again = kept([thinned(full)], Thinner(64, everything=True))
    assert [packet.data for packet in again] == [packet.data for packet in kept([full])]


@settings(max_examples=15, deadline=None)
@given(_STEPS, st.integers(1, 2000))
def test_it_does_not_matter_how_a_capture_is_cut_into_batches(
    steps: list[tuple[str, int, float]], size: int
) -> None:
    capture = play(steps, False, "fin").pcap()
    pieces = [capture[at : at + size] for at in range(0, len(capture), size)]
    assert kept(pieces) == kept([capture])


def test_without_compilation_the_same_is_kept() -> None:
    steps = [("burst", 0, 0.3), ("swap", 1, 0.7), ("answered", 0, 60.0), ("unread", 1, 0.2)]
    capture = play(steps, False, "again").pcap()
    code = (
        "import sys; from thinning_stage import thinned; "
        "sys.stdout.buffer.write(thinned(sys.stdin.buffer.read()))"
    )
    environment = {
        **os.environ,
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": f"{CHECKOUT}{os.pathsep}{CHECKOUT / 'tests' / 'support'}",
    }
    plain = subprocess.run(
        [sys.executable, "-c", code],
        input=capture,
        capture_output=True,
        check=True,
        env=environment,
    )
    with by(Thinner):  # C has nothing to do without
        assert plain.stdout == thinned(capture)


@settings(max_examples=40, deadline=None)
@given(rows=st.binary(max_size=SEGMENT.itemsize * 60), few=st.booleans())
def test_no_segments_whatever_break_the_tables(rows: bytes, few: bool) -> None:
    segments = np.frombuffer(rows, SEGMENT, len(rows) // SEGMENT.itemsize).copy()
    buffer = np.zeros(512, np.uint8)
    segments["frame"] %= 256  # what a decoder guarantees: headers, then payload, in the buffer
    segments["payload"] = segments["frame"] + segments["payload"] % 128
    segments["captured"] %= 128
    segments["captured"] = np.minimum(segments["captured"], segments["length"])
    if few:
        for name in ("src_hi", "src_lo", "dst_hi", "dst_lo", "sport", "dport"):
            segments[name] %= 2
    thinner = Thinner(4)
    packets = thinner.feed(Batch(segments, buffer)) + thinner.flush()
    times = [packet.time for packet in packets]
    assert times == sorted(times)
    matched, count, lost = thinner.counters()
    assert matched == len(segments)
    assert count == len(packets) <= matched
    assert lost <= 2 * matched


@pytest.mark.parametrize(
    "after",
    [
        [("send", 1, 0.0005), ("burst", 0, 0.0005)],
        [("send", 1, 0.0005), ("send", 0, 0.0005), ("send", 1, 0.0005)],
        [("send", 1, 0.0005), ("send", 1, 0.0005), ("send", 1, 0.0005)],
    ],
    ids=["an answer at once", "an answer and more", "more before an answer"],
)
def test_a_silence_counts_whatever_is_left_out_of_what_ends_it(
    after: list[tuple[str, int, float]],
) -> None:
    """What acknowledges its end is not kept: what is shows that it was acknowledged."""
    thin = thinned(play([("burst", 0, 0.0005), ("ack", 0, 150.0), *after], False, "open").pcap())
    (flow, *_), _ = follow(thin)
    assert 150 <= flow.initiator.longest_idle / 1e9 < 150.1
