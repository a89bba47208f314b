"""Attempts that are alike share a row, and no flood changes what is said of real connections."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hello_pairs import drawn, drawn_in_clear
from hello_wire import record
from hypothesis import given, settings
from hypothesis import strategies as st
from tape import PORTS, SECOND, Endpoint, Tape

from auditor.flows import ConnectionTracker, Flow, Outcome, TrackingResult
from auditor.flows.noting import find_notes
from auditor.packets.segments import SEGMENT, Batch

SD = Endpoint("10.77.0.20", 9103)
DEAD = Endpoint("10.77.0.99", 9103)
SD6 = Endpoint("2001:db8::20", 9101)
FLOODERS = {SD: "10.66.0.{}", SD6: "2001:db8:66::{}"}
KINDS = ("unanswered", "answered", "refused", "empty")


def step(kind: str, tape: Tape, end: Endpoint, to: Endpoint) -> None:
    """What becomes of an attempt of a kind after its SYN."""
    if kind == "refused":
        tape.rst()
    elif kind != "unanswered":
        tape.synack()
    if kind == "empty":
        tape.ack().fin(end).ack().fin(to).ack()


def follow(segments: np.ndarray, buffer: np.ndarray, max_flows: int) -> TrackingResult:
    tracker = ConnectionTracker(PORTS, max_flows=max_flows)
    tracker.feed(Batch(segments, buffer))
    return tracker.finish()


@cache
def attempts(kind: str, count: int, hosts: int, to: Endpoint = SD) -> Batch:
    """``count`` attempts in turn from ``hosts`` hosts."""
    tape = Tape()
    for k in range(count):
        end = Endpoint(FLOODERS[to].format(k % hosts + 1), 20_000 + k // hosts)
        step(kind, tape.syn(end, to), end, to)
    return tape.batch()


@pytest.mark.parametrize("to", [SD, SD6])
@pytest.mark.parametrize("kind", KINDS)
def test_many_that_are_alike_are_a_few_rows_and_one_with_their_count(
    kind: str, to: Endpoint
) -> None:
    batch = attempts(kind, 200, 1, to)
    result = follow(batch.segments, batch.buffer, 256)
    assert sum(flow.attempts for flow in result.flows) == 200
    assert sorted(flow.attempts for flow in result.flows)[:-1] == [1] * (len(result.flows) - 1)
    assert len(result.flows) <= 5
    shared = max(result.flows, key=lambda flow: flow.attempts)
    assert shared.last == batch.segments["time"].max() or kind != "unanswered"
    assert (result.summaries, result.notes) == ((), ())


@pytest.mark.parametrize("count", [2, 16, 64])
def test_a_few_keep_rows_of_their_own(count: int) -> None:
    batch = attempts("refused", count, 1)
    result = follow(batch.segments, batch.buffer, 256)
    assert [flow.attempts for flow in result.flows] == [1] * count


def test_what_differs_in_its_end_or_host_or_port_shares_no_row() -> None:
    tape = Tape()
    for k in range(40):
        for host, to in (("10.66.0.1", SD), ("10.66.0.2", SD), ("2001:db8::1", SD6)):
            end = Endpoint(host, 20_000 + k)
            tape.syn(end, to)
            tape = tape.rst() if k % 2 else tape
    batch = tape.batch()
    flows = follow(batch.segments, batch.buffer, 64).flows
    shared = [flow for flow in flows if flow.attempts > 1]
    assert {(f.initiator.address, f.acceptor.port, f.outcome) for f in shared} == {
        (host, port, outcome)
        for host, port in (("10.66.0.1", 9103), ("10.66.0.2", 9103), ("2001:db8::1", 9101))
        for outcome in (Outcome.UNANSWERED, Outcome.REFUSED)
    }


def test_who_says_something_is_like_nobody() -> None:
    tape = Tape()
    for k in range(60):
        end = Endpoint("10.66.0.1", 20_000 + k)
        tape.syn(end, SD).synack().ack().send(end, b"x").ack()
    batch = tape.batch()
    assert len(follow(batch.segments, batch.buffer, 64).flows) == 60


HELLO = b"\0\0\0\x1cHello *UserAgent* calling 102"
TLS = b"\x16\x03\x01\x00\x9b\x01\x00\x00\x97\x03\x03"


def hellos(said: list[bytes], answer: bytes, *, closed: bool = True) -> Batch:
    """Connections of one host that say this, each once; the acceptor answers so and ends it."""
    tape = Tape()
    for k, words in enumerate(said):
        end = Endpoint("10.66.0.1", 20_000 + k)
        tape.syn(end, SD).synack().ack().send(end, words).ack()
        if answer:
            tape.send(SD, answer).ack()
        if closed:
            tape.fin(SD).ack().fin(end).ack()
    return tape.batch()


@pytest.mark.parametrize("answer", [b"", b"\x15\x03\x03\x00\x02\x02\x28"])
@pytest.mark.parametrize(
    "said", [[HELLO] * 100, [TLS + bytes([k]) * 149 for k in range(100)]], ids=["clear", "TLS"]
)
def test_hellos_that_nobody_took_share_a_row_if_the_same_was_said(
    said: list[bytes], answer: bytes
) -> None:
    batch = hellos(said, answer)
    flows = follow(batch.segments, batch.buffer, 128).flows
    assert sum(flow.attempts for flow in flows) == 100
    assert len(flows) <= 3


@pytest.mark.parametrize(
    ("said", "answer", "closed"),
    [
        ([HELLO.replace(b"UserAgent", b"%09d" % k) for k in range(60)], b"", True),
        ([HELLO] * 60, b"auth cram-md5 <1.2@R_DIRECTOR::bareos-dir> ssl=0", True),
        ([HELLO] * 60, b"", False),
    ],
    ids=["other names", "an answer", "open"],
)
def test_a_hello_that_says_something_else_or_was_answered_or_waits_is_like_nobody(
    said: list[bytes], answer: bytes, closed: bool
) -> None:
    batch = hellos(said, answer, closed=closed)
    flows = follow(batch.segments, batch.buffer, 512).flows
    assert [flow.attempts for flow in flows] == [1] * 60


def test_first_bytes_are_kept_of_who_comes_after_a_flood_of_hellos() -> None:
    flood = hellos([HELLO] * 300, b"")
    batch = hellos([b"Hello Director bareos-dir calling 10002"] * 2, b"x" * 100)
    batch.segments["sport"][batch.segments["sport"] != SD.port] += 5000
    batch.segments["dport"][batch.segments["dport"] != SD.port] += 5000
    segments, buffer = mixed([batch, flood], [0])
    result = follow(segments, buffer, 128)
    assert result.hellos_dropped == 0
    assert [flow.initiator.payload_bytes for flow in result.flows[-2:]] == [39, 39]


def test_hosts_that_talk_keep_rows_of_attempts_when_there_are_too_many_hosts() -> None:
    fd = Endpoint("10.77.0.31", 40_000)
    tape = Tape().syn(fd, SD).synack().ack().send(fd, b"hello").ack().send(SD, b"yes").ack()
    for k in range(400):
        tape.syn(Endpoint(f"10.66.{k // 200}.{k % 200 + 1}", 20_000), SD)
    tape.syn(replace(fd, port=40_001), DEAD)
    for k in range(400, 800):
        tape.syn(Endpoint(f"10.66.{k // 200}.{k % 200 + 1}", 20_000), SD)
    batch = tape.batch()
    result = follow(batch.segments, batch.buffer, 64)
    assert len(result.flows) <= 64
    rows = [flow for flow in result.flows if flow.initiator.address == fd.address]
    assert [flow.acceptor.address for flow in rows] == [SD.address, DEAD.address]
    assert sum(s.attempts for s in result.summaries) + len(result.flows) == 802


@cache
def real(number: int, fails: int) -> Batch:
    """Conversations of hosts of the site; then so many of them fail to reach another daemon."""
    tape = Tape(pace=0.01)
    for k in range(number):
        fd = Endpoint(f"10.77.1.{k + 1}", 40_000 + k)
        tape.syn(fd, SD).synack().ack().send(fd, b"hello").ack().send(SD, b"1000 OK").ack()
        tape.silence(61).probe(fd).answer().fin(fd).ack().fin(SD).ack()
    for k in range(fails):
        tape.syn(Endpoint(f"10.77.1.{k + 1}", 41_000), DEAD)
    return tape.batch()


def mixed(parts: list[Batch], places: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The first part with bursts of the others put in at ``places``; times stay in order."""
    main, *floods = parts
    buffer = np.concatenate([part.buffer for part in parts])
    offset, pieces, at = len(main.buffer), [], 0
    for flood, place in sorted(zip(floods, places, strict=True), key=lambda pair: pair[1]):
        until = min(place, len(main.segments))
        burst = flood.segments.copy()
        burst["payload"] += offset
        burst["frame"] += offset
        offset += len(flood.buffer)
        burst["time"] = main.segments["time"][max(0, until - 1)] + np.arange(len(burst))
        pieces += [main.segments[at:until], burst]
        at = until
    return np.concatenate([*pieces, main.segments[at:]]).astype(SEGMENT), buffer


def details(flows: tuple[Flow, ...]) -> list[Flow]:
    """The flows of the site's hosts, whatever place they have among others."""
    ours = [flow for flow in flows if flow.initiator.address.startswith("10.77.1.")]
    return [replace(flow, index=0) for flow in ours]


@settings(deadline=None, max_examples=40)
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=4),
    hosts=st.sampled_from([1, 7, 200]),
    places=st.lists(st.integers(0, 70), min_size=4, max_size=4),
    fails=st.integers(0, 2),
)
def test_no_flood_changes_what_is_said_of_real_connections(
    kinds: list[str], hosts: int, places: list[int], fails: int
) -> None:
    tape = real(5, fails)
    floods = [attempts(kind, 60, hosts) for kind in kinds]
    segments, buffer = mixed([tape, *floods], places[: len(kinds)])
    result = follow(segments, buffer, 128)
    expected = follow(tape.segments, tape.buffer, 1024)
    assert details(result.flows) == details(expected.flows)
    counted = sum(s.attempts for s in result.summaries) + sum(f.attempts for f in result.flows)
    assert counted >= 5 + 60
    assert result.untracked == 0


def polls(
    count: int,
    to: Endpoint = SD,
    identity: bytes = b"R_CONSOLE\x1emon",
    *,
    clear: bool = False,
    first: int = 0,
    tape: Tape | None = None,
) -> Tape:
    """Logins of two consoles, each after the other, that end in order."""
    at_random = random.Random(first)
    tape = tape or Tape()
    for k in range(first, first + count):
        end = Endpoint(FLOODERS[to].format(k % 2 + 1), 20_000 + k)
        made = drawn_in_clear(at_random) if clear else drawn(at_random, identity)
        sealed = b"" if clear else b"".join(record(bytes(40 + k % 9), kind=23) for _ in range(5))
        tape.syn(end, to).synack().ack().send(end, made[0] + sealed).ack()
        tape.send(to, made[1]).ack().fin(end).ack().fin(to).ack()
    return tape


def without_place(flow: Flow) -> Flow:
    """A flow without what a row that stands for many has of the last of them."""
    ends = replace(flow.initiator, spoke=None), replace(flow.acceptor, spoke=None)
    return replace(flow, index=0, attempts=1, syns=1, last=0, initiator=ends[0], acceptor=ends[1])


@pytest.mark.bulk
@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("to", [SD, SD6])
def test_consoles_that_came_and_went_share_rows(to: Endpoint, *, clear: bool) -> None:
    batch = polls(100, to, clear=clear).batch()
    found = follow(batch.segments, batch.buffer, 128)
    each = follow(batch.segments, batch.buffer, 4096).flows
    assert [flow.attempts for flow in each] == [1] * 100
    assert len(found.flows) <= 16
    assert sum(flow.attempts for flow in found.flows) == 100
    assert (found.notes, found.summaries) == ((), ())
    known = {without_place(flow) for flow in each}
    assert {without_place(flow) for flow in found.flows} <= known
    assert max(flow.last for flow in found.flows) == max(flow.last for flow in each)
    spoke = [max(flow.acceptor.spoke or 0 for flow in flows) for flows in (found.flows, each)]
    assert spoke[0] == spoke[1]


@pytest.mark.parametrize("identity", [b"R_DIRECTOR\x1edir", b"R_JOB\x1ejob.1", b"R_CLIENT\x1efd"])
def test_connections_that_are_judged_by_their_time_share_none(identity: bytes) -> None:
    batch = polls(80, identity=identity).batch()
    assert [f.attempts for f in follow(batch.segments, batch.buffer, 512).flows] == [1] * 80


def test_a_few_thousand_are_shown_each() -> None:
    batch = polls(60).batch()
    assert [f.attempts for f in follow(batch.segments, batch.buffer, 512).flows] == [1] * 60


def test_a_console_that_reached_another_address_keeps_its_row() -> None:
    tape = polls(40)
    failing = Endpoint(FLOODERS[SD].format(1), 30_000)
    tape.silence(600).syn(failing, DEAD).rst()
    polls(10, first=40, tape=tape)
    tape.silence(600)
    batch = polls(30, first=50, tape=tape).batch()
    flows = follow(batch.segments, batch.buffer, 128).flows
    (attempt,) = [flow for flow in flows if flow.outcome is Outcome.REFUSED]
    later = [
        flow for flow in flows if attempt.started < flow.started < attempt.started + 180 * SECOND
    ]
    assert [flow.initiator.address for flow in later].count(failing.address) == 5
    assert sum(flow.attempts for flow in flows) == 81


def test_a_console_that_probes_among_many_keeps_its_row() -> None:
    tape = polls(40)
    end = Endpoint(FLOODERS[SD].format(1), 30_000)
    made = drawn(random.Random(1), b"R_CONSOLE\x1emon")
    tape.syn(end, SD).synack().ack().send(end, made[0]).ack().send(SD, made[1]).ack()
    tape.silence(61).probe(end).answer().fin(end).ack().fin(SD).ack()
    batch = polls(40, first=40, tape=tape).batch()
    flows = follow(batch.segments, batch.buffer, 128).flows
    (probing,) = [flow for flow in flows if flow.initiator.probes]
    assert (probing.initiator.port, probing.attempts) == (end.port, 1)
    assert len(flows) <= 17


def test_connections_on_which_there_are_notes_keep_rows() -> None:
    """What a thinned capture says of one connection by a note is no other's."""
    tape = polls(40).silence(300)  # after which their first bytes make room
    batch = polls(40, first=40, tape=tape).batch()
    (full,) = [f for f in follow(batch.segments, batch.buffer, 4096).flows if f.index == 40]
    (note,) = find_notes([replace(full, tampering_count=1)], [full])
    tracker = ConnectionTracker(PORTS, max_flows=512)
    tracker.feed(batch, noted=True)
    flows = tracker.finish(thinned=True, notes=[note]).flows
    (noted,) = [flow for flow in flows if flow.tampering_count]
    assert (noted.initiator.port, noted.attempts) == (full.initiator.port, 1)
    assert len(flows) <= 24


def test_whoever_thins_wants_each() -> None:
    batch = polls(60).batch()
    tracker = ConnectionTracker(PORTS, max_flows=128, each=True)
    tracker.feed(batch)
    assert [flow.attempts for flow in tracker.finish().flows] == [1] * 60
